// Using the page: by keyboard alone, with wrong input, through its address, announced to listeners.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { engineOfThePage, eventually, startSite, withPage } from './browser.mjs';

const FULL = 'unlimited_msg_chat_history';
const PLAIN = 'unlimited_msg_no_chat_history';
const LIMITED = 'limited_msg_no_chat_history';
const ASKED = `?tier=${FULL}&accounts=101&days=30`;

let site;
let engine;
before(async () => {
  engine = await engineOfThePage();
  site = await startSite();
});
after(() => site?.close());

const due = (page) => () => page.locator('#amount-due').innerText();
const focused = (page) => () =>
  page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element?.closest('[data-tier]')?.dataset.tier ?? element?.id ?? '';
  });

test('by keyboard alone: tier, accounts, days, new accounts, choose a card', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    await page.keyboard.press('Tab');
    await eventually(focused(page), 'tier');
    await page.keyboard.press('ArrowUp');
    await eventually(due(page), '$908.10'); // 900 + 30 × 0.27

    await page.keyboard.press('Tab');
    await eventually(focused(page), 'accounts');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('100');
    await eventually(due(page), '$900.00');

    await page.keyboard.press('Tab');
    await eventually(focused(page), 'days');
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('1');
    await eventually(due(page), '$30.00');

    await page.keyboard.press('Tab');
    await eventually(focused(page), 'newAccounts');
    await page.keyboard.press('Space');
    await eventually(due(page), '$60.00');

    await page.keyboard.press('Tab'); // the engine's words
    await page.keyboard.press('Enter');
    assert.ok(await page.getByText('P5: 100 × 0.3 = 30').isVisible());

    await page.keyboard.press('Tab');
    await eventually(focused(page), LIMITED);
    await page.keyboard.press('Enter');
    await eventually(due(page), '$103.40');
    await eventually(focused(page), LIMITED); // the focus stays where it was
    assert.equal(await page.locator('#tier').inputValue(), LIMITED);
  });
});

test('each stop of the keyboard shows where it is', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    for (let stop = 0; stop < 8; stop += 1) {
      await page.keyboard.press('Tab');
      const outline = await page.evaluate(() => {
        let element = document.activeElement;
        while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return `${outlineStyle} ${outlineWidth}`;
      });
      assert.equal(outline, 'solid 3px', `stop ${stop}`);
    }
  });
});

test('the address holds the question, and the question comes back from it', async () => {
  await withPage(site, {}, async (page) => {
    await page.locator('#accounts').fill('7');
    await page.locator('#days').fill('31');
    await page.locator('#tier').selectOption(PLAIN);
    await page.locator('#newAccounts').check();
    await eventually(() => new URL(page.url()).search, `?tier=${PLAIN}&accounts=7&days=31&new=1`);
    const before = await due(page)();
    assert.equal(before, '$67.20'); // 217 × 0.3 + 7 × 0.3

    await page.reload();
    await eventually(due(page), before);
    assert.equal(await page.locator('#tier').inputValue(), PLAIN);
    assert.equal(await page.locator('#accounts').inputValue(), '7');
    assert.equal(await page.locator('#days').inputValue(), '31');
    assert.ok(await page.locator('#newAccounts').isChecked());
  });
});

/** The text that a control's `aria-describedby` leads to. */
const described = (page, id) => () =>
  page.locator(`#${id}`).evaluate((control) =>
    (control.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((name) => control.getRootNode().getElementById(name))
      .filter((element) => !element.hidden)
      .map((element) => element.textContent.trim())
      .join(' '),
  );

/** What the engine, asked in Node, says against a question. */
function engineMessage(tier, accounts, days) {
  try {
    engine.ask('quote', `{"items":[{"tier":"${tier}","accounts":${accounts},"days":${days}}]}`);
  } catch (error) {
    return error.message;
  }
  return assert.fail('the question has an answer');
}

/** Whether that message stands beside a control, quotation marks and capitals aside. */
function says(page, id, message) {
  const plain = (text) => text.replaceAll(/[“”`]/g, '').toLowerCase();
  return async () => plain(await described(page, id)()).includes(plain(message));
}

async function assertOld(page, isOld) {
  const marks = page.getByText('old figures', { exact: true });
  await eventually(() => marks.count(), isOld ? 4 : 0);
}

test('no whole number: explained beside its field, and the last answer stays, as old', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    const accounts = page.locator('#accounts');
    for (const wrong of ['1,000', '-5', '1.5', '1e3', 'many', '', '  ', '0x10']) {
      await accounts.fill(wrong);
      await eventually(() => accounts.getAttribute('aria-invalid'), 'true');
      assert.match(await described(page, 'accounts')(), /Enter the number of accounts/, wrong);
      assert.equal(await page.locator('#days').getAttribute('aria-invalid'), 'false');
      assert.equal(await due(page)(), '$1,209.90');
      await assertOld(page, true);
    }
    await accounts.fill('100');
    await eventually(due(page), '$1,200.00');
    assert.equal(await accounts.getAttribute('aria-invalid'), 'false');
    assert.doesNotMatch(await described(page, 'accounts')(), /Enter/);
    await assertOld(page, false);
  });
});

test('an error of the engine stands beside the field that it names', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    const accounts = page.locator('#accounts');
    await accounts.fill('1000000000001');
    await eventually(() => accounts.getAttribute('aria-invalid'), 'true');
    await eventually(says(page, 'accounts', engineMessage(FULL, '1000000000001', '30')), true);
    assert.equal(await page.locator('#days').getAttribute('aria-invalid'), 'false');
    await assertOld(page, true);
    assert.equal(await due(page)(), '$1,209.90');
  });
});

test('digits beyond what a JavaScript number holds reach the engine unchanged', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    const accounts = page.locator('#accounts');
    for (const digits of ['9007199254740993', '1000000000000000000001', '9'.repeat(40)]) {
      await accounts.fill(digits);
      await eventually(says(page, 'accounts', engineMessage(FULL, digits, '30')), true);
    }
    await accounts.fill('000000000000000000000000100');
    await eventually(due(page), '$1,200.00');
  });
});

test('a product out of range is explained below both fields', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    await page.locator('#accounts').fill('1000000000000');
    for (const id of ['accounts', 'days']) {
      await eventually(() => page.locator(`#${id}`).getAttribute('aria-invalid'), 'true');
      await eventually(says(page, id, engineMessage(FULL, '1000000000000', '30')), true);
    }
    await assertOld(page, true);
    await page.locator('#days').fill('1');
    await eventually(due(page), '$200,000,008,010.00');
  });
});

test('an unknown tier in the address is said so, and choosing another mends it', async () => {
  await withPage(site, { search: '?tier=gold&accounts=1&days=1' }, async (page) => {
    assert.equal(await page.locator('#tier').getAttribute('aria-invalid'), 'true');
    await eventually(says(page, 'tier', engineMessage('gold', '1', '1')), true);
    assert.ok(await page.getByText('No figures yet').isVisible());
    await page.locator('#tier').selectOption(FULL);
    await eventually(due(page), '$0.40');
    assert.equal(await page.locator('#tier').getAttribute('aria-invalid'), 'false');
  });
});

test('the new total is announced once the typing rests, an error too', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    const status = page.locator('[role=status]');
    assert.equal(await status.textContent(), '');
    await page.locator('#accounts').fill('1010');
    await eventually(
      () => status.textContent(),
      'Amount due $9,282.00: 30,300 account-days on Unlimited messages and chat history.',
    );
    await page.locator('#days').fill('x');
    await eventually(
      async () => (await status.textContent()).startsWith('Enter the number of days'),
      true,
    );
  });
});

test('without its engine the page says so', async () => {
  const context = await site.browser.newContext();
  const page = await context.newPage();
  await page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
  await page.goto(site.origin);
  await page.getByRole('alert').filter({ hasText: 'The engine could not be loaded' }).waitFor();
  await context.close();
});
