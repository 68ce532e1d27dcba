// Every method: what a program sees of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Catalog, TierwiseError } from 'tierwise';

const catalog = Catalog.messaging();
const FULL = 'unlimited_msg_chat_history';
const LIMITED = 'limited_msg_no_chat_history';
const events = [
  { at: '2026-04-01T09:00:00Z', do: 'create', tier: FULL },
  { at: '2026-04-11T09:00:00Z', do: 'archive' },
];

const ANSWERS = [
  ['priceOf', { tier: FULL, n: 3001 }, { price: '0.33' }],
  ['monthPrice', { tier: FULL, band: 2 }, { exact: '9.9', shown: '10' }],
  ['creationCharge', { tier: LIMITED, pool_before: 0 }, { charge: '1' }],
  ['accountDays', { from: '2026-04-01', to: '2026-04-30', events }, { days: { [FULL]: 10 } }],
  [
    'quota',
    { tier: LIMITED, sent: 999, waiting: 0, asked: 2, kind: 'message' },
    { accepted: false, left: 1, status: 402 },
  ],
  [
    'dispatch',
    { tier: LIMITED, sent: 1000, state: 'open' },
    { send: false, held_because: 'quota_exhausted' },
  ],
  [
    'tierChange',
    { from: FULL, to: LIMITED, sent: 1000, archived: false },
    {
      status: 200,
      direction: 'down',
      effects: ['history_removed', 'limit_set', 'sending_stopped'],
    },
  ],
  [
    'history',
    { tier: FULL, offered: 500, enable_history_sync: true, max_message_sync: 200 },
    { stored: 200 },
  ],
  ['round', { total: '-0.005' }, { amount_due: '-0.01' }],
];

for (const [method, request, answer] of ANSWERS) {
  test(method, () => assert.deepEqual(catalog[method](request), answer));
}

test('total: the lines add up to it', () => {
  const { lines, total } = catalog.total({ tier: FULL, account_days: 3030 });
  assert.equal(total, '1209.9');
  assert.deepEqual(lines.map(({ amount }) => amount), ['1200', '9.9']);
});

test('ending: what is kept of an account', () => {
  const has = { history: 5000, live: 0, sent: 0, waiting: 3, notes: 7, contacts: 0 };
  const answer = catalog.ending({ do: 'archive', archived: false, logged_in: true, has });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.keeps, { ...has, history: 0, waiting: 0 });
});

test('invoice: lines, total, amount due', () => {
  const groups = [{ count: 2, events }];
  const answer = catalog.invoice({ period: '2026-04', groups, as_of: '2026-04-04T12:00:00Z' });
  assert.equal(answer.status, 'open');
  assert.deepEqual(answer.account_days, { [FULL]: 8 });
  assert.equal(answer.total, '4');
  assert.equal(answer.amount_due, '4.00');
});

test('quote: rows with their texts, what comes next', () => {
  const answer = catalog.quote({ items: [{ tier: FULL, accounts: 101, days: 30 }] });
  assert.equal(answer.amountDue, '1209.90');
  assert.equal(answer.rows[1].text, '30 × 0.33 = 9.9');
  assert.equal(answer.tiers[0].prices[0].next.unitsToNextBand, '11970');
});

test('catalog: the canonical form, the fingerprint, the rate card', () => {
  const answer = catalog.catalog();
  assert.equal(answer.fingerprint, catalog.fingerprint);
  assert.equal(answer.rateCard.tiers.length, 3);
  assert.deepEqual(answer.catalog, JSON.parse(catalog.canonicalJson));
  assert.deepEqual(catalog.catalog({}), answer);
});

test('ask: canonical text, the same as the object', () => {
  const text = catalog.ask('price_of', `{"tier":"${FULL}","n":3001}`);
  assert.equal(text, '{"price":"0.33"}');
});

test('id, version and fingerprint without an answer in between', () => {
  assert.equal(catalog.id, 'messaging-accounts');
  assert.equal(catalog.version, '1');
  assert.match(catalog.fingerprint, /^[0-9a-f]{64}$/);
});

test('F4: a catalog by text, by object and by its canonical form is the same', () => {
  const text = catalog.canonicalJson;
  for (const document of [text, JSON.parse(text), `\ufeff ${text}\n`]) {
    const loaded = Catalog.load(document);
    assert.equal(loaded.fingerprint, catalog.fingerprint);
  }
});

test('names beyond ASCII cross both ways', () => {
  const document = JSON.parse(catalog.canonicalJson);
  document.tiers[0].name = 'Größe 🙂 "\\\u0001\u007f\u2028';
  const loaded = Catalog.load(document);
  assert.equal(loaded.catalog().catalog.tiers[0].name, document.tiers[0].name);
  assert.equal(Catalog.load(JSON.stringify(document)).fingerprint, loaded.fingerprint);
  assert.equal(
    JSON.parse(loaded.ask('catalog', '{}')).catalog.tiers[0].name,
    document.tiers[0].name,
  );
});

test('answers are the caller’s own', () => {
  const first = catalog.priceOf({ tier: FULL, n: 1 });
  first.price = 'changed';
  assert.equal(catalog.priceOf({ tier: FULL, n: 1 }).price, '0.4');
});

test('errors are data, and errors', () => {
  assert.throws(
    () => catalog.priceOf({ tier: 'premium', n: 1 }),
    (error) => {
      assert.ok(error instanceof TierwiseError);
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'TierwiseError');
      assert.equal(error.code, 'unknown_tier');
      assert.equal(error.path, '/tier');
      assert.equal(error.message, '`premium` is not a tier');
      assert.match(error.help, /known are/);
      assert.match(error.stack, /operations\.test\.mjs/);
      assert.deepEqual(Object.keys(error.toJSON()), ['code', 'help', 'message', 'path']);
      assert.match(String(error), /^TierwiseError: `premium`/);
      return true;
    },
  );
});
