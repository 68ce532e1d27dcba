// No arithmetic on money in the page: its sources hold no arithmetic at all, so none on money.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { test } from 'node:test';
import ts from 'typescript';

const SOURCES = new URL('../src/', import.meta.url);
const NUMBER_MAKERS = new Set(
  'Number BigInt Math parseFloat parseInt valueAsNumber'.split(' '),
);
const ROUNDERS = new Set(['toFixed', 'toPrecision', 'toExponential']);
const ARITHMETIC = new Set(
  '- * / % ** ++ -- += -= *= /= %= **= << >> >>> <<= >>= >>>= | & ^ ~ |= &= ^='.split(' '),
);

/** Where a source computes. `+` may only join texts: one side must be written as one. */
function arithmeticIn(name, text) {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const tell = (node, what) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    found.push(`${name}:${line + 1}: ${what}`);
  };
  const visit = (node) => {
    if (ts.isBinaryExpression(node)) {
      const operator = node.operatorToken.getText();
      if (ARITHMETIC.has(operator)) tell(node, operator);
      if (operator === '+' && !isText(node.left) && !isText(node.right)) tell(node, operator);
    }
    if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const operator = ts.tokenToString(node.operator);
      const isLiteral = operator === '-' && ts.isNumericLiteral(node.operand);
      if (operator !== '!' && !isLiteral) tell(node, operator);
    }
    if (ts.isIdentifier(node) && (NUMBER_MAKERS.has(node.text) || ROUNDERS.has(node.text))) {
      tell(node, node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isText(node) {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.PlusToken &&
    (isText(node.left) || isText(node.right))
  );
}

test('the sources of the page hold no arithmetic', async () => {
  const files = await readdir(SOURCES, { recursive: true });
  const names = files.filter((name) => name.endsWith('.ts'));
  assert.ok(names.length >= 10);
  const found = [];
  for (const name of names) {
    found.push(...arithmeticIn(name, await readFile(new URL(name, SOURCES), 'utf8')));
  }
  assert.deepEqual(found, []);
});

test('only one file knows of wasm and of JSON answers', async () => {
  for (const name of await readdir(SOURCES)) {
    if (!name.endsWith('.ts') || name === 'engine.ts') continue;
    const text = await readFile(new URL(name, SOURCES), 'utf8');
    assert.doesNotMatch(text, /JSON\.|WebAssembly|'tierwise'|\bfetch\(/, name);
  }
});

for (const computing of [
  'const a = quantity * price;',
  'const a = total - part;',
  'const a = Number(total);',
  'const a = +total;',
  'total += part;',
  'const a = total + part;',
  'const a = parseFloat(total).toFixed(2);',
  'const a = Math.round(total);',
  'const a = total | 0;',
]) {
  test(`the check sees arithmetic: ${computing}`, () => {
    assert.notDeepEqual(arithmeticIn('sample.ts', computing), []);
  });
}

test('the check lets joined texts and stars in comments and styles be', () => {
  const text =
    "/* 2 * 3 */ const a = 'x' + b; const c = css`* { width: calc(1px * 2) }`; d.at(-1);";
  assert.deepEqual(arithmeticIn('sample.ts', text), []);
});
