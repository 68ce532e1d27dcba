// The page's figures are the engine's: known answers, and equality on questions picked at random.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { count, engineOfThePage, eventually, money, startSite, withPage } from './browser.mjs';

const FULL = 'unlimited_msg_chat_history';
const TIERS = ['limited_msg_no_chat_history', 'unlimited_msg_no_chat_history', FULL];

let site;
let engine;
before(async () => {
  engine = await engineOfThePage();
  site = await startSite();
});
after(() => site?.close());

const rowsOf = (page) =>
  page.locator('#rows tr').evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.innerText.trim())),
  );

test('P3, P5: 101 accounts for 30 days are two rows and 1209.90', async () => {
  await withPage(site, { search: `?tier=${FULL}&accounts=101&days=30` }, async (page) => {
    assert.deepEqual(await rowsOf(page), [
      ['Account-days 1 to 3,000', 'Band 1', '3,000', '$0.40', '$1,200.00'],
      ['Account-days 3,001 to 15,000', 'Band 2', '30', '$0.33', '$9.90'],
    ]);
    assert.equal(await page.locator('#total').innerText(), '$1,209.90');
    assert.equal(await page.locator('#amount-due').innerText(), '$1,209.90');
  });
});

test('C1, C3: new accounts add a row of their own', async () => {
  const search = '?tier=limited_msg_no_chat_history&accounts=1&days=31&new=1';
  await withPage(site, { search }, async (page) => {
    assert.deepEqual(await rowsOf(page), [
      ['All account-days', 'Band 1', '31', '$0.034', '$1.054'],
      ['New accounts, fixed charge', '', '1', '$1.00', '$1.00'],
    ]);
    assert.equal(await page.locator('#total').innerText(), '$2.054');
    assert.equal(await page.locator('#amount-due').innerText(), '$2.05');
  });
});

test('what comes next: price, way and price of the next band', async () => {
  await withPage(site, { search: `?tier=${FULL}&accounts=101&days=30` }, async (page) => {
    const next = page.locator('#next-band');
    assert.equal(await page.locator('#next-price').innerText(), '$0.33');
    assert.equal(
      await next.innerText(),
      '11,970 more account-days at this price, then $0.27 each.',
    );
    assert.match(await page.locator('#effective-price').innerText(), /^about \$0\.399307 per/);

    await page.locator('#accounts').fill('14999');
    await page.locator('#days').fill('1');
    await eventually(
      () => next.innerText(),
      '1 more account-day at this price, then $0.27 each.',
    );
    await page.locator('#accounts').fill('150000');
    await eventually(
      () => next.innerText(),
      'This is the last band: every further account-day has this price.',
    );
    await page.locator('#tier').selectOption(TIERS[0]);
    await eventually(() => next.innerText(), 'Every account-day on this tier has this price.');
  });
});

test('every figure equals the answer of the same wasm asked in Node', async () => {
  const random = seededRandom(20_260_101);
  const pick = (below) => random() % below;
  for (let round = 0; round < 8; round += 1) {
    const tier = TIERS[pick(TIERS.length)];
    const accounts = pick(10 ** (1 + pick(6)));
    const days = pick(32);
    const isNew = pick(2) === 1;
    const search = `?tier=${tier}&accounts=${accounts}&days=${days}${isNew ? '&new=1' : ''}`;
    await withPage(site, { search }, async (page) => {
      const creations = isNew ? { creations: accounts } : {};
      const quoted = (id) => {
        const request = { items: [{ tier: id, accounts, days, ...creations }] };
        return JSON.parse(engine.ask('quote', JSON.stringify(request)));
      };
      const answer = quoted(tier);
      const [price] = answer.tiers[0].prices;
      const shown = await rowsOf(page);
      assert.deepEqual(
        shown.map((cells) => cells.slice(2)),
        answer.rows.map((row) => [count(row.quantity), money(row.unitPrice), money(row.amount)]),
        search,
      );
      assert.equal(await page.locator('#total').innerText(), money(answer.total), search);
      assert.equal(await page.locator('#amount-due').innerText(), money(answer.amountDue), search);
      assert.equal(
        await page.locator('#next-price').innerText(),
        money(price.next.unitPrice),
        search,
      );
      const unitsToNextBand = price.next.unitsToNextBand;
      if (unitsToNextBand !== null) {
        const words = await page.locator('#next-band').innerText();
        assert.ok(words.startsWith(`${count(unitsToNextBand)} more account-day`), search);
      }
      for (const id of TIERS) {
        const due = page.locator(`[data-tier="${id}"] .due`);
        assert.equal(await due.innerText(), money(quoted(id).amountDue), `${search} on ${id}`);
      }
    });
  }
});

test('the rate card of the page is the engine’s', async () => {
  const { rateCard } = JSON.parse(engine.ask('catalog', '{}'));
  await withPage(site, {}, async (page) => {
    for (const tier of rateCard.tiers) {
      const column = (n) =>
        page.locator(`[data-tier="${tier.id}"] tbody td:nth-child(${n})`).allInnerTexts();
      const prices = await column(2);
      assert.deepEqual(prices, tier.bands.map((band) => money(band.price)));
      const months = await column(3);
      assert.deepEqual(
        months,
        tier.bands.map((band) => money(band.monthPrice).replace(/\.00$/, '')),
      );
    }
    const limited = page.locator('[data-tier="limited_msg_no_chat_history"]');
    assert.match(await limited.innerText(), /1,000 messages per account and period/);
    assert.match(await limited.innerText(), /\$1\.00 once for a new account/);
    const full = page.locator(`[data-tier="${FULL}"]`);
    assert.match(await full.innerText(), /Chat history, up to 100,000 messages/);
  });
});

/** xorshift32: the same questions in every run. */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}
