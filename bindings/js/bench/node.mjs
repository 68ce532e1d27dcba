// `cargo xtask bench node`: a total, a quote and a column, against the same calculator written
// with decimal.js and with big.js. Times are of the processor, medians of runs that take turns.
import assert from 'node:assert/strict';
import Big from 'big.js';
import { Decimal } from 'decimal.js';
import { Catalog } from 'tierwise';
import { calculator } from './calculators.mjs';

const TIER = 'unlimited_msg_chat_history';
const ROWS = 1_000_000;
const RUNS = 9;
const COLUMN_RUNS = 5;

const TOTAL_RATIO_LEAST = 20;
const COLUMN_RATIO_LEAST = 200;
const QUOTE_MICROSECONDS_MOST = 4;

const catalog = Catalog.messaging();
const price = catalog.price(TIER);
const rivals = {
  'decimal.js': calculator(Decimal, Decimal.ROUND_HALF_UP),
  'big.js': calculator(Big, Big.roundHalfUp),
};

/** Quantities over all bands, the same in every run (a linear congruence). */
const quantities = Array.from({ length: 1000 }, (_, index) => (index * 7919) % 200_000);
const column = Uint32Array.from({ length: ROWS }, (_, row) => (row * 7919) % 200_000);
const baskets = Array.from({ length: 100 }, (_, index) => ({
  accounts: 1 + ((index * 37) % 200),
  days: 1 + (index % 31),
}));

/** Both sides must say the same before anything is timed. */
function compare({ total, quote }) {
  for (const quantity of quantities) assert.equal(price.total(quantity), `${total(quantity)}`);
  for (const { accounts, days } of baskets) {
    const ours = catalog.quote({ items: [{ tier: TIER, accounts, days }] });
    const { rows, total: sum, amountDue } = ours;
    assert.deepEqual({ rows, total: sum, amountDue }, quote(TIER, accounts, days));
  }
  const totals = price.totals(column);
  for (let row = 0; row < ROWS; row += 997) assert.equal(totals.at(row), `${total(column[row])}`);
}

/** What is kept of each answer, so that no work can be left out. */
let kept = 0;

const totals = (total, repeat) => () => {
  for (let turn = 0; turn < repeat; turn += 1) {
    for (const quantity of quantities) kept += total(quantity).length;
  }
  return repeat * quantities.length;
};
const quotes = (quote, repeat) => () => {
  for (let turn = 0; turn < repeat; turn += 1) {
    for (const { accounts, days } of baskets) kept += quote(accounts, days).rows.length;
  }
  return repeat * baskets.length;
};
/** The places for the amounts are there already, on all sides. */
const places = new BigInt64Array(ROWS);
const columnBy = (total, amounts = new Array(ROWS)) => () => {
  for (let row = 0; row < ROWS; row += 1) amounts[row] = total(column[row]);
  kept += amounts.length;
  return 1;
};

/** Microseconds of the processor for each of what a run counts. */
function timed(run) {
  const before = process.cpuUsage();
  const count = run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

/** The median of each contender; they take turns, so that a slow moment hits all of them. */
function medians(contenders, runs) {
  const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (const run of Object.values(contenders)) run();
  for (let turn = 0; turn < runs; turn += 1) {
    for (const [name, run] of Object.entries(contenders)) times[name].push(timed(run));
  }
  const middle = (list) => list.sort((one, other) => one - other)[list.length >> 1];
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, middle(list)]));
}

const byRival = (make) =>
  Object.fromEntries(Object.entries(rivals).map(([name, rival]) => [name, make(rival)]));

for (const rival of Object.values(rivals)) compare(rival);
console.log(`Node ${process.version}; both rivals give the same answers`);

const measured = {
  'a total': medians(
    {
      tierwise: totals((quantity) => price.total(quantity), 200),
      ...byRival(({ total }) => totals((quantity) => total(quantity).toString(), 20)),
    },
    RUNS,
  ),
  'a quote with rows': medians(
    {
      tierwise: quotes(
        (accounts, days) => catalog.quote({ items: [{ tier: TIER, accounts, days }] }),
        50,
      ),
      ...byRival(({ quote }) => quotes((accounts, days) => quote(TIER, accounts, days), 50)),
    },
    RUNS,
  ),
  'a column of a million': medians(
    {
      tierwise: () => {
        kept += price.totals(column, places).length;
        return 1;
      },
      ...byRival(({ total }) => columnBy(total)),
    },
    COLUMN_RUNS,
  ),
};

const shown = (microseconds) =>
  microseconds < 1
    ? `${(microseconds * 1000).toFixed(0)} ns`
    : microseconds < 1000
      ? `${microseconds.toFixed(2)} µs`
      : `${(microseconds / 1000).toFixed(1)} ms`;
console.table(
  Object.fromEntries(
    Object.entries(measured).map(([what, times]) => [
      what,
      {
        ...Object.fromEntries(Object.entries(times).map(([name, time]) => [name, shown(time)])),
        '÷ decimal.js': (times['decimal.js'] / times.tierwise).toFixed(1),
        '÷ big.js': (times['big.js'] / times.tierwise).toFixed(1),
      },
    ]),
  ),
);

const ratio = (what) => measured[what]['decimal.js'] / measured[what].tierwise;
const quote = measured['a quote with rows'].tierwise;
const bounds = [
  ['a total, as fast as decimal.js', ratio('a total'), TOTAL_RATIO_LEAST, 'least'],
  ['a column, as fast as decimal.js', ratio('a column of a million'), COLUMN_RATIO_LEAST, 'least'],
  ['a quote with rows, µs', quote, QUOTE_MICROSECONDS_MOST, 'most'],
];
let missed = 0;
for (const [what, found, bound, kind] of bounds) {
  const holds = kind === 'least' ? found >= bound : found <= bound;
  missed += Number(!holds);
  console.log(`${what}: ${found.toFixed(1)}, at ${kind} ${bound}: ${holds ? 'ok' : 'MISSED'}`);
}
assert.ok(kept > 0);
process.exitCode = missed > 0 ? 1 : 0;
