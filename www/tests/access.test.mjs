// Right for everybody: no axe finding, no sideways scroll, large targets, no request elsewhere.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  elementsBeyond,
  eventually,
  findings,
  NARROW,
  startSite,
  WIDE,
  withPage,
} from './browser.mjs';

const ASKED = '?tier=unlimited_msg_chat_history&accounts=101&days=30&new=1';
const HUGE = '?tier=unlimited_msg_chat_history&accounts=1000000000000&days=1';

let site;
before(async () => {
  site = await startSite();
});
after(() => site?.close());

async function assertNoFinding(page, where) {
  const { found, compared } = await findings(page);
  assert.deepEqual(found, [], where);
  assert.ok(compared > 20, 'axe saw into the shadow roots');
}

for (const colorScheme of ['light', 'dark']) {
  for (const [name, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    test(`axe finds nothing: ${colorScheme}, ${name}, with an answer and with errors`, async () => {
      await withPage(site, { search: ASKED, colorScheme, viewport }, async (page) => {
        await page.locator('details summary').click();
        await assertNoFinding(page, 'with an answer');
        await page.locator('#accounts').fill('1,000');
        await page.locator('#days').fill('');
        await eventually(() => page.locator('#days').getAttribute('aria-invalid'), 'true');
        await assertNoFinding(page, 'with errors');
      });
    });
  }
}

for (const [name, search] of Object.entries({ usual: ASKED, huge: HUGE })) {
  test(`at 320 pixels nothing scrolls sideways: ${name} figures`, async () => {
    await withPage(site, { search, viewport: NARROW }, async (page) => {
      await page.locator('details summary').click();
      await page.locator('#accounts').evaluate((input) => input.focus());
      const [scroll, client] = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return [scrollWidth, clientWidth];
      });
      assert.ok(scroll <= client, `${scroll} > ${client}`);
      assert.deepEqual(await page.evaluate(elementsBeyond, client), []);
    });
  });
}

test('what can be pressed is at least 24 pixels in both directions', async () => {
  await withPage(site, { search: ASKED, viewport: NARROW }, async (page) => {
    const targets = page.locator('button, input, select, summary');
    assert.ok((await targets.count()) >= 8);
    for (const target of await targets.all()) {
      const { width, height } = await target.boundingBox();
      assert.ok(width >= 24 && height >= 24, `${width} × ${height}`);
    }
  });
});

test('tables keep their meaning when their rows are stacked', async () => {
  await withPage(site, { search: ASKED, viewport: NARROW }, async (page) => {
    const table = page.getByRole('table', { name: 'How it comes about' });
    assert.equal(await table.getByRole('columnheader').count(), 5);
    assert.equal(await table.getByRole('row').count(), 6);
  });
});

test('the policy of the page forbids scripts and requests from elsewhere', async () => {
  await withPage(site, { search: ASKED }, async (page) => {
    const policy = await page
      .locator('meta[http-equiv=Content-Security-Policy]')
      .getAttribute('content');
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
    assert.doesNotMatch(policy, /https?:|\*|unsafe-inline|'unsafe-eval'/);
  });
});
