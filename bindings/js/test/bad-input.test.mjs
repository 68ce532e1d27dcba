// Bad input: each kind has a code and a path, and leaves the engine as it was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import vm from 'node:vm';
import { Catalog, TierwiseError } from 'tierwise';

const catalog = Catalog.messaging();
const TIER = 'unlimited_msg_chat_history';
const item = (value) => ({ items: [{ tier: TIER, accountDays: value }] });

/** Fails unless the call throws an error of this code and path; gives the error. */
function refused(call, code, path) {
  try {
    call();
  } catch (error) {
    if (!(error instanceof TierwiseError)) throw error;
    assert.deepEqual({ code: error.code, path: error.path }, { code, path });
    assert.ok(error.message.length > 0 && error.message.length <= 1001);
    assert.match(error.message, /^[^A-Z]/, 'lower case');
    assert.doesNotMatch(error.message, /\.$/);
    return error;
  }
  assert.fail(`no error, expected ${code} at ${path}`);
}

class Basket {
  constructor() {
    this.items = [];
  }
}

const cyclic = { items: [] };
cyclic.items.push(cyclic);
let deep = {};
for (let depth = 0; depth < 33; depth += 1) deep = [deep];

const PATH = '/items/0/accountDays';
const CASES = {
  'undefined': [item(undefined), 'wrong_type', PATH],
  'a hole in a list': [{ items: [, 1] }, 'wrong_type', '/items/0'],
  'a sparse list of any length': [{ items: new Array(2 ** 32 - 1) }, 'wrong_type', '/items/0'],
  'NaN': [item(NaN), 'wrong_type', PATH],
  'Infinity': [item(Infinity), 'wrong_type', PATH],
  '-Infinity': [item(-Infinity), 'wrong_type', PATH],
  '2^53': [item(2 ** 53), 'out_of_range', PATH],
  '-2^53': [item(-(2 ** 53)), 'out_of_range', PATH],
  '1e300': [item(1e300), 'out_of_range', PATH],
  'a BigInt beyond the bound': [item(10n ** 12n + 1n), 'out_of_range', PATH],
  'a BigInt beyond 128 bits': [item(2n ** 4000n), 'out_of_range', PATH],
  'a negative BigInt': [item(-1n), 'negative', PATH],
  'a BigInt far below zero': [item(-(2n ** 4000n)), 'negative', PATH],
  'a negative number': [item(-1), 'negative', PATH],
  'a fraction': [item(1.5), 'wrong_type', PATH],
  'a tiny fraction': [item(5e-324), 'wrong_type', PATH],
  'a fraction of a quantity': [
    { items: [{ tier: TIER, usage: { account_day: 0.1 } }] },
    'expected_decimal_string',
    '/items/0/usage/account_day',
  ],
  'a string for a number': [item('30'), 'wrong_type', PATH],
  'a Map': [new Map([['items', []]]), 'wrong_type', ''],
  'a Set': [{ items: new Set() }, 'wrong_type', '/items'],
  'a Date': [item(new Date(0)), 'wrong_type', PATH],
  'an instance of a class': [new Basket(), 'wrong_type', ''],
  'an object that inherits': [Object.create({ items: [] }), 'wrong_type', ''],
  'a boxed number': [item(Object(30)), 'wrong_type', PATH],
  'a typed array': [{ items: new Uint8Array(1) }, 'wrong_type', '/items'],
  'a promise': [Promise.resolve({}), 'wrong_type', ''],
  'a function': [item(() => 30), 'wrong_type', PATH],
  'a function as request': [() => ({}), 'wrong_type', ''],
  'toJSON': [{ toJSON: () => ({ items: [] }) }, 'wrong_type', '/toJSON'],
  'a symbol': [item(Symbol('30')), 'wrong_type', PATH],
  'null': [null, 'wrong_type', ''],
  'undefined as request': [undefined, 'wrong_type', ''],
  'text where an object is meant': ['{"items":[]}', 'wrong_type', ''],
  'a cyclic object': [cyclic, 'too_deep', '/items/0'.repeat(16)],
  'nested too deep': [deep, 'too_deep', '/0'.repeat(32)],
  'a lone surrogate': [{ items: [{ tier: 'a\ud800' }] }, 'invalid_utf8', '/items/0/tier'],
  'a lone low surrogate': [{ items: [{ tier: '\udc00a' }] }, 'invalid_utf8', '/items/0/tier'],
  'surrogates the wrong way round': [{ items: ['\udc00\ud800'] }, 'invalid_utf8', '/items/0'],
  'a key with a lone surrogate': [{ ['\ud800']: 1 }, 'invalid_utf8', '/\\ud800'],
  'a key of a pointer’s own signs': [{ 'a/b~c': undefined }, 'wrong_type', '/a~1b~0c'],
  '__proto__ as a key': [JSON.parse('{"__proto__":1}'), 'unknown_key', '/__proto__'],
  'a long key': [{ ['k'.repeat(200)]: undefined }, 'wrong_type', `/${'k'.repeat(128)}…`],
  'more than a mebibyte': [{ items: ['x'.repeat(2 ** 20)] }, 'too_large', ''],
  'a string longer than any': [{ items: ['x'.repeat(2 ** 21)] }, 'too_large', ''],
  'a mebibyte in two-byte characters': [{ items: ['ä'.repeat(2 ** 19)] }, 'too_large', ''],
};

for (const [name, [request, code, path]] of Object.entries(CASES)) {
  test(`${name}: ${code} at ${path.slice(0, 40) || '""'}`, () => {
    refused(() => catalog.quote(request), code, path);
    assert.equal(catalog.quote(item(3030)).total, '1209.9', 'the engine is as it was');
  });
}

test('what JSON can say is taken, whatever its realm or prototype', () => {
  const plain = { tier: TIER, n: 3001 };
  const others = [
    Object.assign(Object.create(null), plain),
    vm.runInNewContext(`({ tier: '${TIER}', n: 3001 })`),
    { tier: TIER, n: 3001n },
    { ...plain, [Symbol('no key of JSON')]: 1 },
    { get tier() { return TIER; }, n: 3001 },
    Object.freeze(plain),
  ];
  for (const request of others) assert.deepEqual(catalog.priceOf(request), { price: '0.33' });
  assert.equal(catalog.total({ tier: TIER, account_days: -0 }).total, '0');
});

test('the most that is exact, and the bound', () => {
  const most = 2 ** 53 - 1;
  refused(() => catalog.priceOf({ tier: TIER, n: most }), 'out_of_range', '/n');
  assert.equal(catalog.priceOf({ tier: TIER, n: 10 ** 12 }).price, '0.2');
  assert.equal(catalog.priceOf({ tier: TIER, n: 10n ** 12n }).price, '0.2');
});

test('text: what is not JSON, not UTF-8, too large, too deep, double', () => {
  const ask = (text) => () => catalog.ask('price_of', text);
  refused(ask(''), 'bad_json', '');
  refused(ask('{"n":1,}'), 'bad_json', '');
  refused(ask('"\ud800"'), 'invalid_utf8', '');
  refused(ask('"\ud83d'), 'invalid_utf8', '');
  refused(ask(' '.repeat(2 ** 20 + 1)), 'too_large', '');
  refused(ask('ä'.repeat(2 ** 20)), 'too_large', '');
  refused(ask('['.repeat(40)), 'too_deep', '/0'.repeat(32));
  refused(ask('{"n":1,"n":1}'), 'duplicate_key', '/n');
  refused(() => catalog.ask('Quote', '{}'), 'unknown_operation', '');
  refused(() => catalog.ask('\ud800', '{}'), 'unknown_operation', '');
  refused(() => catalog.ask('', '{}'), 'unknown_operation', '');
  refused(() => catalog.ask('quote', { items: [] }), 'wrong_type', '');
  refused(() => catalog.ask(undefined, '{}'), 'wrong_type', '');
});

test('catalogs: the path leads into the catalog', () => {
  refused(() => Catalog.load('{'), 'bad_json', '');
  refused(() => Catalog.load(undefined), 'wrong_type', '');
  refused(() => Catalog.load(new Map()), 'wrong_type', '');
  refused(() => Catalog.load({ tierwise: 1, tiers: [undefined] }), 'wrong_type', '/tiers/0');
  const money = JSON.parse(catalog.canonicalJson);
  money.tiers[1].prices[0].bands[0].unitPrice = 0.3;
  const path = '/tiers/1/prices/0/bands/0/unitPrice';
  refused(() => Catalog.load(money), 'expected_decimal_string', path);
  const mistyped = () => Catalog.load({ tierwise: 1, currancy: 1 });
  const { help } = refused(mistyped, 'unknown_key', '/currancy');
  assert.equal(help, 'did you mean `currency`?');
});

test('an error of a user’s getter stays the user’s, and nothing is left behind', () => {
  const mine = new RangeError('mine');
  const request = { tier: TIER, get n() { throw mine; } };
  assert.throws(() => catalog.priceOf(request), (error) => error === mine);
  assert.deepEqual(catalog.priceOf({ tier: TIER, n: 3001 }), { price: '0.33' });
});

test('a getter may ask the same catalog, grow its memory, and even free it', () => {
  const large = { items: [{ tier: TIER, usage: {}, ['k'.repeat(200_000)]: 1 }] };
  const nested = {
    get tier() {
      refused(() => catalog.quote(large), 'unknown_key', `/items/0/${'k'.repeat(128)}…`);
      assert.equal(catalog.quote(item(3030)).total, '1209.9');
      return TIER;
    },
    get n() {
      refused(() => catalog.priceOf({ tier: undefined }), 'wrong_type', '/tier');
      return 3001;
    },
  };
  assert.deepEqual(catalog.priceOf(nested), { price: '0.33' });
  const freed = Catalog.messaging();
  const freeing = { tier: TIER, get n() { freed.free(); return 1; } };
  refused(() => freed.priceOf(freeing), 'freed', '');
});

test('an object that is too large is refused as soon as it is, and leaves no memory', () => {
  const large = 'x'.repeat(2 ** 20 + 1);
  const endless = { items: [] };
  let branching = {};
  for (let level = 0; level < 30; level += 1) branching = { a: branching, b: branching };
  for (let index = 0; index < 3000; index += 1) endless.items.push('x'.repeat(1e6));
  const before = process.memoryUsage().rss;
  for (const request of [endless, { items: [large] }, branching, { [large]: 1 }]) {
    const error = refused(() => catalog.quote(request), 'too_large', '');
    assert.match(error.message, /1048576 bytes/);
  }
  refused(() => catalog.ask('quote', large), 'too_large', '');
  refused(() => Catalog.load(large), 'too_large', '');
  refused(() => catalog.price(TIER).total('9'.repeat(2 ** 20 + 1)), 'too_large', '');
  assert.ok(process.memoryUsage().rss - before < 64e6);
  // The engine goes on.
  assert.equal(catalog.quote(item(3030)).amountDue, '1209.90');
});

test('an error shows nothing of earlier questions', () => {
  const secret = 'SECRET-OF-A-CUSTOMER';
  const change = { from: secret, to: TIER, sent: 1, archived: false };
  refused(() => catalog.tierChange(change), 'unknown_tier', '/from');
  const large = 'x'.repeat(2 ** 20 + 1);
  for (const [call, code, path] of [
    [() => catalog.ask(large, '{}'), 'unknown_operation', ''],
    [() => catalog.price(large), 'unknown_tier', '/tier'],
    [() => catalog.price(TIER, large), 'unknown_meter', '/meter'],
  ]) {
    const error = refused(call, code, path);
    assert.ok(!JSON.stringify(error).includes(secret));
    assert.match(error.message, /^`x+…/);
  }
});

test('a factor out of its bounds is refused, also where the other one is 0', () => {
  const odd = [0, -0, 1, -1, 1e12, 1e12 + 1, 1e13, 2 ** 52, 2 ** 53, 1e300, 0.5, NaN];
  const asked = (call) => {
    try {
      return JSON.stringify(JSON.parse(call()));
    } catch (error) {
      assert.ok(error instanceof TierwiseError);
      return error.code;
    }
  };
  for (const accounts of odd) {
    for (const days of odd) {
      for (const creations of [0, 1, 1e9 + 1]) {
        const request = { items: [{ tier: TIER, accounts, days, creations }] };
        const byObject = asked(() => JSON.stringify(catalog.quote(request)));
        const byText = asked(() => catalog.ask('quote', JSON.stringify(request)));
        // JSON has no NaN, and numbers that are not exact are refused by object only.
        if ([accounts, days].every(Number.isSafeInteger)) assert.equal(byObject, byText);
        else assert.match(byObject, /^(wrong_type|out_of_range|negative)$/);
      }
    }
  }
});

test('a list that grows while it is read has no more items than a quote may', () => {
  const growing = [];
  const more = { tier: TIER, accountDays: 1 };
  growing.push({
    tier: TIER,
    get accountDays() {
      while (growing.length < 150) growing.push(more);
      return 1;
    },
  });
  refused(() => catalog.quote({ items: growing }), 'out_of_range', '/items');
  const many = new Proxy([more], {
    get: (list, key) =>
      key === Symbol.iterator ? () => Array(300).fill(more).values() : list[key],
  });
  assert.equal(catalog.quote({ items: many }).total, '0.4');
});

test('half of a character is shown as JSON writes it', () => {
  refused(() => catalog.quote({ '\ud800': 1 }), 'invalid_utf8', '/\\ud800');
  refused(() => catalog.price('\ud800'), 'invalid_utf8', '/tier');
  refused(() => catalog.price(TIER, '\udfff'), 'invalid_utf8', '/meter');
  refused(() => catalog.price(TIER).total('\ud800'), 'invalid_utf8', '');
  refused(() => catalog.ask('\ud800', '{}'), 'unknown_operation', '');
  refused(() => catalog.quote({ '\u{1f600}': 1 }), 'unknown_key', '/\u{1f600}');
});
