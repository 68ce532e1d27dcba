// The examples of the documentation: run, and what they print is what stands beside them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const HERE = new URL('../', import.meta.url);
/** Inside the package, so that examples find it by its name. */
const FOLDER = new URL('pkg/examples/', HERE);
const FILES = ['README.md', '../../docs/javascript.md', '../../README.md'];

function* blocks(language) {
  for (const file of FILES) {
    const text = readFileSync(new URL(file, HERE), 'utf8');
    for (const [, code] of text.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))) {
      yield { file, code };
    }
  }
}

/** What comments say is printed: behind a `console.log`, or on lines of their own below one. */
function printed(code) {
  return code.split('\n').flatMap((line, index, lines) => {
    const behind = /console\.log\(.*\);(?: \/\/ (.*))?$/.exec(line);
    if (behind === null) return [];
    if (behind[1] !== undefined) return [behind[1]];
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => !next.startsWith('// '));
    return below.slice(0, end).map((next) => next.slice(3));
  });
}

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });

let count = 0;
for (const { file, code } of blocks('js')) {
  count += 1;
  const path = fileURLToPath(new URL(`${count}.mjs`, FOLDER));
  test(`${file}: example ${count}`, () => {
    writeFileSync(path, code);
    const expected = printed(code);
    assert.ok(expected.length > 0, 'it says what it prints');
    const output = execFileSync(process.execPath, [path], { encoding: 'utf8' });
    assert.deepEqual(output.trimEnd().split('\n'), expected);
  });
}

test('the examples are found', () => assert.ok(count >= 6));

test('the examples in TypeScript compile, strict', () => {
  const paths = [];
  for (const { code } of blocks('ts')) {
    const path = fileURLToPath(new URL(`${paths.length}.ts`, FOLDER));
    writeFileSync(path, code);
    paths.push(path);
  }
  assert.ok(paths.length >= 1);
  const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext'];
  const tsc = fileURLToPath(new URL('node_modules/typescript/bin/tsc', HERE));
  execFileSync(process.execPath, [tsc, ...options, ...paths], { stdio: 'inherit' });
});
