// A price: one total, a column of them, and what is no quantity.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Catalog, TierwiseError } from 'tierwise';

const catalog = Catalog.messaging();
const FULL = 'unlimited_msg_chat_history';
const price = catalog.price(FULL);

const fails = (code, path) => (error) => {
  assert.ok(error instanceof TierwiseError, String(error));
  assert.deepEqual({ code: error.code, path: error.path }, { code, path });
  return true;
};

/** Every price of the catalogs of the golden cases, with the edges of its bands. */
function* prices() {
  const folder = new URL('../../../tests/vectors/catalogs/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const loaded = Catalog.load(readFileSync(new URL(file, folder), 'utf8'));
    for (const tier of JSON.parse(loaded.canonicalJson).tiers) {
      for (const { meter, bands = [] } of tier.prices) {
        const edges = bands.flatMap(({ upTo }) => (upTo === null ? [] : [upTo]));
        yield { loaded, tier: tier.id, meter, edges };
      }
    }
    loaded.free();
  }
}

test('every price, at every edge, is that of a quote, whatever the kind of quantity', () => {
  let compared = 0;
  for (const { loaded, tier, meter, edges } of prices()) {
    const one = loaded.price(tier, meter);
    const around = edges.flatMap((edge) => [edge - 1, edge, edge + 1]);
    const quantities = [...new Set([0, 1, 2, 999_999, 10 ** 12, ...around])];
    const column = [];
    for (const quantity of quantities) {
      const items = [{ tier, usage: { [meter]: quantity } }];
      let expected;
      try {
        expected = loaded.quote({ items }).tiers[0].prices[0].total;
      } catch (error) {
        assert.throws(() => one.total(quantity), fails(error.code, ''));
        assert.throws(() => one.totals([quantity]), fails(error.code, '/0'));
        continue;
      }
      // A quote under rounding line by line says the sum of its rounded rows.
      if (loaded.catalog().catalog.rounding.apply === 'line') continue;
      for (const form of [quantity, BigInt(quantity), String(quantity), `${quantity}.000000`]) {
        assert.equal(one.total(form), expected, `${tier} ${meter} ${quantity}`);
      }
      compared += 1;
      column.push({ quantity, expected });
    }
    const fitting = column.filter(({ expected }) => Number(expected) < 9e12);
    const totals = one.totals(fitting.map(({ quantity }) => quantity));
    assert.deepEqual(
      fitting.map((_, row) => totals.at(row)),
      fitting.map(({ expected }) => expected),
    );
    one.free();
  }
  assert.ok(compared > 100, `${compared} compared`);
});

test('fractions are priced as text', () => {
  assert.equal(price.total('30.5'), '12.2');
  assert.equal(price.total('0.000001'), '0.0000004');
});

test('amounts of every length are read whole', () => {
  const { tiers, ...rest } = JSON.parse(catalog.canonicalJson);
  const [tier] = tiers;
  tier.prices[0].bands = [{ upTo: null, unitPrice: '0.000001' }];
  const small = Catalog.load({ ...rest, tiers: [tier] }).price(tier.id);
  for (let digits = 0; digits <= 12; digits += 1) {
    const quantity = 10 ** digits;
    for (const near of [quantity - 1, quantity, quantity + 1, 3 * quantity]) {
      if (near > 10 ** 12) continue;
      const whole = Math.trunc(near / 10 ** 6);
      const decimals = String(near % 10 ** 6).padStart(6, '0').replace(/0+$/, '');
      assert.equal(small.total(near), decimals === '' ? `${whole}` : `${whole}.${decimals}`);
    }
  }
});

test('what is no quantity has a code', () => {
  const cases = [
    [NaN, 'wrong_type'],
    [Infinity, 'wrong_type'],
    [-Infinity, 'wrong_type'],
    [0.5, 'expected_decimal_string'],
    [-0.5, 'expected_decimal_string'],
    [-1, 'negative'],
    [-1n, 'negative'],
    ['-1', 'negative'],
    [10 ** 12 + 1, 'out_of_range'],
    [2 ** 53, 'out_of_range'],
    [2n ** 64n, 'out_of_range'],
    ['1e3', 'bad_decimal'],
    ['', 'bad_decimal'],
    ['\ud800', 'invalid_utf8'],
    ['0.0000001', 'too_many_places'],
    [undefined, 'wrong_type'],
    [null, 'wrong_type'],
    [{}, 'wrong_type'],
    [Symbol('1'), 'wrong_type'],
  ];
  for (const [quantity, code] of cases) {
    assert.throws(() => price.total(quantity), fails(code, ''), String(quantity));
    assert.equal(price.total(3030), '1209.9');
  }
  assert.equal(price.total(-0), '0');
});

test('columns: each kind of array gives the same amounts', () => {
  const plain = Array.from({ length: 5000 }, (_, row) => (row * 7919) % 200_000);
  const kinds = [
    plain,
    plain.map(BigInt),
    Uint32Array.from(plain),
    Float64Array.from(plain),
    BigUint64Array.from(plain, BigInt),
  ];
  for (const column of kinds) {
    const totals = price.totals(column);
    assert.equal(totals.length, plain.length);
    assert.equal(totals.scale, 6);
    assert.ok(totals.millionths instanceof BigInt64Array);
    plain.forEach((quantity, row) => assert.equal(totals.at(row), price.total(quantity)));
  }
  assert.equal(price.totals([]).length, 0);
  const places = new BigInt64Array(3).fill(7n);
  assert.equal(price.totals([30, 3030], places).length, 2);
  assert.deepEqual([...places], [12_000_000n, 1_209_900_000n, 7n]);
  assert.throws(() => price.totals([1, 2, 3, 4], places), fails('out_of_range', ''));
  assert.equal(price.totals([3030]).millionths[0], 1_209_900_000n);
  assert.equal(price.totals([3030]).at(-1), '1209.9');
  assert.equal(price.totals([3030]).at(1), undefined);
});

test('columns: the first wrong row is named, in every kind and part', () => {
  for (const row of [0, 1, 2047, 2048, 4999]) {
    const numbers = (value) =>
      Float64Array.from({ length: 5000 }, (_, at) => (at < row ? 1 : value));
    const path = `/${row}`;
    assert.throws(() => price.totals(numbers(NaN)), fails('wrong_type', path));
    assert.throws(() => price.totals(numbers(Infinity)), fails('wrong_type', path));
    assert.throws(() => price.totals(numbers(0.5)), fails('wrong_type', path));
    assert.throws(() => price.totals(numbers(-1)), fails('negative', path));
    assert.throws(() => price.totals(numbers(10 ** 12 + 1)), fails('out_of_range', path));
    assert.throws(() => price.totals(numbers(2 ** 53)), fails('out_of_range', path));
    const list = (value) => Array.from(numbers(1), (one, at) => (at < row ? one : value));
    assert.throws(() => price.totals(list(undefined)), fails('wrong_type', path));
    assert.throws(() => price.totals(list(null)), fails('wrong_type', path));
    assert.throws(() => price.totals(list('1')), fails('wrong_type', path));
    const large = BigUint64Array.from(list(2 ** 63), BigInt);
    assert.throws(() => price.totals(large), fails('out_of_range', path));
  }
  assert.throws(() => price.totals([1, , 1]), fails('wrong_type', '/1'));
});

test('columns: beyond 64 bits of millionths a total has no place', () => {
  const { tiers, ...rest } = JSON.parse(catalog.canonicalJson);
  const [tier] = tiers;
  tier.prices[0].bands = [{ upTo: null, unitPrice: '1000' }];
  const dear = Catalog.load({ ...rest, tiers: [tier] }).price(tier.id);
  const most = 9_223_372_036;
  assert.equal(dear.totals([most]).at(0), '9223372036000');
  assert.throws(() => dear.totals([1, most + 1]), fails('amount_too_large', '/1'));
  assert.equal(dear.total(most + 1), '9223372037000');
  assert.equal(dear.total(10 ** 12), '1000000000000000');
});

test('which price: errors name the argument', () => {
  assert.throws(() => catalog.price('premium'), fails('unknown_tier', '/tier'));
  assert.throws(() => catalog.price(FULL, 'nothing'), fails('unknown_meter', '/meter'));
  assert.throws(() => catalog.price(FULL, 'message'), fails('missing_price', '/meter'));
  assert.throws(() => catalog.price(undefined), fails('wrong_type', '/tier'));
  assert.throws(() => catalog.price(FULL, 1), fails('wrong_type', '/meter'));
  assert.equal(catalog.price(FULL, 'account_day').total(1), '0.4');
});

test('a list may do as it likes while it is read', () => {
  const second = catalog.price(FULL);
  const quote = { items: [{ tier: FULL, accounts: 101, days: 30 }] };
  const during = (act) => {
    const column = [1, 2, 3];
    Object.defineProperty(column, 1, {
      get() {
        act();
        return 2;
      },
    });
    return column;
  };
  const plain = [...price.totals([1, 2, 3]).millionths];
  const big = JSON.stringify({ items: Array(100).fill(quote.items[0]), x: 'x'.repeat(9e5) });
  for (const act of [
    () => second.totals([7, 7, 7]),
    () => catalog.quote(quote),
    // Grows the memory.
    () => assert.throws(() => catalog.ask('quote', big), fails('unknown_key', '/x')),
  ]) {
    assert.deepEqual([...price.totals(during(act)).millionths], plain);
  }
  assert.throws(() => second.totals(during(() => second.free())), fails('freed', ''));
});

test('what is no column is refused', () => {
  const view = new DataView(new ArrayBuffer(8));
  const none = [5, {}, new Map(), view, null, undefined, { length: -1 }];
  for (const column of none) assert.throws(() => price.totals(column), fails('wrong_type', ''));
  for (const into of [null, { length: 9 }, new Float64Array(9), []]) {
    assert.throws(() => price.totals([1], into), fails('wrong_type', ''));
  }
  assert.throws(() => price.totals([1, 2], new BigInt64Array(1)), fails('out_of_range', ''));
  for (const Kind of [Uint8Array, Uint16Array, Int8Array, Int16Array, Int32Array, Float32Array]) {
    assert.equal(price.totals(Kind.of(30)).at(0), '12');
  }
  assert.equal(price.totals(BigInt64Array.of(30n)).at(0), '12');
});
