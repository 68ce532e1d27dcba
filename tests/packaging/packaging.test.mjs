// The packed package, installed and used as its users would: Node, TypeScript, linters of packages.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { EXPECTED, nodes, output, startGround, tool } from './ground.mjs';

let ground;
before(async () => {
  ground = await startGround();
});
after(() => ground?.close());

test('the tarball holds what is published, and one module', () => {
  const { files } = ground;
  assert.deepEqual(files.filter((file) => file.endsWith('.wasm')), ['dist/tierwise.wasm']);
  const others = files.filter((file) => !file.startsWith('dist/'));
  assert.deepEqual(others.sort(), [
    'README.md',
    'client/package.json',
    'package.json',
    'slim/package.json',
  ]);
});

for (const { path, version } of nodes()) {
  test(`Node ${version.trim()}: import and require share classes, no warning`, async () => {
    const imports = await ground.project('node-import');
    const requires = await ground.project('node-require');
    const imported = await output(imports, path, ['main.js']);
    const required = await output(requires, path, ['main.cjs']);
    assert.deepEqual(imported, { stdout: EXPECTED, stderr: '' });
    assert.deepEqual(required, { stdout: EXPECTED, stderr: '' });
  });
}

test('TypeScript, strict: both kinds of modules compile and run', async () => {
  const folder = await ground.project('typescript');
  await output(folder, tool('tsc'), ['--project', '.']);
  const main = await output(folder, process.execPath, ['out/main.js']);
  assert.equal(main.stdout, '24.00 missing_price /tier');
  const common = await output(folder, process.execPath, ['out/main.cjs']);
  assert.equal(common.stdout, '0.4 TierwiseError');
  for (const resolution of ['bundler', 'node16']) {
    const module = resolution === 'bundler' ? 'esnext' : 'node16';
    const words = ['--moduleResolution', resolution, '--module', module, '--noEmit'];
    const options = ['--strict', '--target', 'es2022', '--lib', 'es2022,dom'];
    await output(folder, tool('tsc'), [...words, ...options, 'main.ts']);
  }
});

test('TypeScript, strict: what is wrong does not compile', async () => {
  const folder = await ground.project('typescript');
  const words = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', 'wrong.ts'];
  const failure = await output(folder, tool('tsc'), words).then(
    () => assert.fail('it compiles'),
    (error) => error.message,
  );
  const lines = [...failure.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => Number(line));
  const text = await readFile(`${folder}/wrong.ts`, 'utf8');
  const wrong = text.split('\n').flatMap((line, index) =>
    /premium|1\.5 \}|due:|much/.test(line) ? [index + 1] : [],
  );
  assert.deepEqual([...new Set(lines)], wrong);
});

test('publint and attw find nothing', async () => {
  const folder = await ground.project('node-import');
  const publint = await output(folder, tool('publint'), ['run', ground.tarball, '--strict']);
  assert.match(publint.stdout, /All good!/);
  // The wasm file is no entry with types: bundlers and workerd say what importing it gives.
  const words = [ground.tarball, '--no-emoji', '--exclude-entrypoints', './tierwise.wasm'];
  const attw = await output(folder, tool('attw'), words);
  assert.match(attw.stdout, /No problems found/);
});
