// Handles: freed by hand, by `using`, by the collector; a million failing calls leave nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Catalog, TierwiseError } from 'tierwise';

const TIER = 'unlimited_msg_chat_history';
const isFreed = (error) => error instanceof TierwiseError && error.code === 'freed';

test('a catalog that was freed says so, in every method', () => {
  const catalog = Catalog.messaging();
  catalog.free();
  catalog.free();
  const names = Object.getOwnPropertyNames(Catalog.prototype);
  const methods = names.filter((name) => !['constructor', 'free'].includes(name));
  assert.ok(methods.length >= 20);
  for (const name of methods) {
    const { get, value } = Object.getOwnPropertyDescriptor(Catalog.prototype, name);
    const call = get ?? value;
    const values = name === 'ask' ? ['quote', '{}'] : [TIER];
    assert.throws(() => call.call(catalog, ...values), isFreed, name);
  }
});

test('a price outlives its catalog, until it is freed itself', () => {
  const catalog = Catalog.messaging();
  const price = catalog.price(TIER);
  catalog.free();
  assert.equal(price.total(3030), '1209.9');
  price.free();
  price.free();
  assert.throws(() => price.total(1), isFreed);
  assert.throws(() => price.total('1'), isFreed);
  assert.throws(() => price.totals([1]), isFreed);
});

test('`using` frees', () => {
  const catalog = Catalog.messaging();
  const price = catalog.price(TIER);
  for (const handle of [catalog, price]) {
    assert.equal(typeof handle[Symbol.dispose], 'function');
    handle[Symbol.dispose]();
  }
  assert.throws(() => catalog.id, isFreed);
  assert.throws(() => price.total(1), isFreed);
});

test('methods of another object are refused by the language', () => {
  assert.throws(() => Catalog.prototype.quote.call({}, {}), TypeError);
});

/** The address space of the process beyond JavaScript's heap: the module's memory lies there. */
function outsideBytes() {
  globalThis.gc();
  const { external, arrayBuffers } = process.memoryUsage();
  return external + arrayBuffers;
}

test('the collector frees what nobody holds', async () => {
  const document = JSON.stringify({ ...JSON.parse(Catalog.messaging().canonicalJson) });
  const loadMany = async (count) => {
    for (let index = 0; index < count; index += 1) {
      Catalog.load(document).price(TIER);
      if (index % 500 === 0) {
        globalThis.gc();
        // Finalizers run between tasks.
        await delay(0);
      }
    }
  };
  await loadMany(2000);
  const before = outsideBytes();
  await loadMany(20_000);
  const grown = outsideBytes() - before;
  assert.ok(grown < 2_000_000, `20,000 catalogs left ${grown} bytes`);
});

test('a million failing calls leave memory where it was', () => {
  const catalog = Catalog.messaging();
  const text = catalog.canonicalJson;
  const broken = text.slice(0, -1);
  const calls = [
    () => catalog.priceOf({ tier: 'premium', n: 1 }),
    () => catalog.priceOf({ tier: TIER, n: NaN }),
    () => catalog.ask('price_of', '{'),
    () => catalog.price(TIER, 'message'),
    () => Catalog.load(`${broken},"more":1}`),
    () => Catalog.load({ tierwise: 1, tiers: [{ id: 'a' }] }),
  ];
  const fail = (count) => {
    let failed = 0;
    for (let index = 0; index < count; index += 1) {
      try {
        // The dear ones, which load whole catalogs, now and then.
        calls[index % 100 === 0 ? 4 : index % 4]();
      } catch (error) {
        failed += Number(error instanceof TierwiseError);
      }
    }
    return failed;
  };
  for (const call of calls) assert.throws(call, TierwiseError);
  fail(20_000);
  const before = { outside: outsideBytes(), heap: process.memoryUsage().heapUsed };
  assert.equal(fail(1_000_000), 1_000_000);
  const outside = outsideBytes() - before.outside;
  const heap = process.memoryUsage().heapUsed - before.heap;
  assert.ok(outside < 65_536, `${outside} bytes of memory more`);
  assert.ok(heap < 2_000_000, `${heap} bytes of heap more`);
});
