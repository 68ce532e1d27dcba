// The entries: one set of classes in Node, and modules that do not load.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import * as imported from 'tierwise';
import * as slim from 'tierwise/slim';

const require = createRequire(import.meta.url);
const required = require('tierwise');
const DIST = new URL('../dist/', import.meta.url);

test('import and require give the same classes, slim too', () => {
  for (const name of ['AmountColumn', 'Catalog', 'Price', 'TierwiseError']) {
    assert.equal(imported[name], required[name]);
    assert.equal(imported[name], slim[name]);
    assert.equal(required[name], require('tierwise/slim')[name]);
  }
  assert.deepEqual(Object.keys(imported).sort(), Object.keys(slim).sort());
});

test('init is there in Node, too, and does nothing', async () => {
  assert.equal(await imported.init(), undefined);
  assert.equal(imported.Catalog.messaging().id, 'messaging-accounts');
});

/** A fresh copy of the implementation for browsers, not loaded yet. */
let copies = 0;
const fresh = () => import(`${new URL('core.js', DIST)}?copy=${(copies += 1)}`);
const module = readFileSync(new URL('tierwise.wasm', DIST));
const code = (wanted) => (error) => error.code === wanted && error.name === 'TierwiseError';

test('before the module is there, calls say what to do', async () => {
  const { Catalog } = await fresh();
  assert.throws(() => Catalog.messaging(), code('not_initialized'));
  assert.throws(() => Catalog.load('{}'), code('not_initialized'));
  assert.throws(() => Catalog.load({}), (error) => error.help === 'call `await init()` first');
});

test('slim: from a module, bytes, a response, a promise of one, an address', async () => {
  const sources = [
    () => new WebAssembly.Module(module),
    () => module,
    () => new Uint8Array(module).buffer,
    () => new Response(module, { headers: { 'content-type': 'application/wasm' } }),
    () => new Response(module),
    () => Promise.resolve(module),
    () => new URL(`data:application/wasm;base64,${module.toString('base64')}`),
    () => `data:application/wasm;base64,${module.toString('base64')}`,
  ];
  for (const source of sources) {
    const { Catalog, initFrom } = await fresh();
    await Promise.all([initFrom(source()), initFrom(source())]);
    await initFrom(source());
    assert.equal(Catalog.messaging().id, 'messaging-accounts');
  }
  const { Catalog, initSync } = await fresh();
  initSync(module);
  initSync(module);
  assert.equal(Catalog.messaging().id, 'messaging-accounts');
});

test('a module that does not load has a code, and the next try may succeed', async () => {
  const { Catalog, initFrom, initSync } = await fresh();
  const bad = [
    () => new Response('gone', { status: 404 }),
    () => new Response('<!doctype html>'),
    () => new Uint8Array(8),
    () => module.subarray(0, 1000),
    () => Promise.reject(new Error('offline')),
    () => 'data:application/wasm;base64,AGFzbQ==',
  ];
  for (const source of bad) {
    await assert.rejects(initFrom(source()), code('module_not_loaded'));
  }
  assert.throws(() => initSync(new Uint8Array(8)), code('module_not_loaded'));
  assert.throws(() => Catalog.messaging(), code('not_initialized'));
  await initFrom(module);
  assert.equal(Catalog.messaging().id, 'messaging-accounts');
});

test('another module is refused, and the right one may follow', async () => {
  const { Catalog, initFrom: init, initSync } = await fresh();
  const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  await assert.rejects(init(empty), code('module_not_loaded'));
  assert.throws(() => initSync(empty), code('module_not_loaded'));
  await init(module);
  assert.equal(Catalog.messaging().id, 'messaging-accounts');
});

test('classes have their names, and are not made with `new`', async () => {
  const { AmountColumn, Catalog, initFrom: init, Price, TierwiseError } = await fresh();
  await init(module);
  const named = { AmountColumn, Catalog, Price, TierwiseError };
  for (const [name, kind] of Object.entries(named)) assert.equal(kind.name, name);
  assert.throws(() => new Catalog({}), code('wrong_type'));
  assert.throws(() => new Price({}), code('wrong_type'));
});
