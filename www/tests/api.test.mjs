// The page of the contract: all of it is there, and it is right for everybody.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { pageOf } from '../build/contract.js';
import { elementsBeyond, findings, NARROW, startSite, WIDE, withPage } from './browser.mjs';

const PATH = 'api.html';
const METHODS = ['get', 'post', 'patch', 'put', 'delete'];

let site;
let contract;
before(async () => {
  const file = new URL('../../docs/api/openapi.yaml', import.meta.url);
  contract = parse(await readFile(file, 'utf8'));
  site = await startSite();
});
after(() => site?.close());

test('all operations and schemas are there, and every link has its place', async () => {
  const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.equal(operations.length, 29);
  const named = Object.keys(contract.components.schemas);
  await withPage(site, { path: PATH }, async (page) => {
    const titles = await page.locator('article h3').allTextContents();
    assert.deepEqual([...titles].sort(), [...operations, ...named].sort());
    const dead = await page.evaluate(() =>
      [...document.querySelectorAll('a')]
        .map((link) => link.getAttribute('href'))
        .filter((href) => !document.getElementById(href.slice('#'.length))),
    );
    assert.deepEqual(dead, []);
    assert.doesNotMatch(await page.locator('main').innerText(), /undefined|\[object/);
  });
});

test('a field is told with its kind, whether it must be there, and its bounds', async () => {
  await withPage(site, { path: PATH }, async (page) => {
    const create = page.locator('article', { has: page.locator('#accountsPost') });
    assert.match(await create.innerText(), /Idempotency-Key/);
    assert.match(await create.innerText(), /ACCOUNT_CREATE/);
    const list = page.locator('article', { has: page.locator('#accountsGet') });
    assert.match(await list.innerText(), /count\s+integer; in the query; at least 1, at most 100/);
  });
});

test('texts of the contract are texts in the page, whatever signs they have', () => {
  const hostile = structuredClone(contract);
  hostile.paths['/health'].get.summary = '<script>alert(1)</script> "a" & `b`';
  const page = pageOf(hostile);
  assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt; &quot;a&quot; &amp; <code>b</);
  assert.doesNotMatch(page, /<script>/);
});

for (const colorScheme of ['light', 'dark']) {
  for (const [name, viewport] of Object.entries({ wide: WIDE, narrow: NARROW })) {
    test(`axe finds nothing, and nothing scrolls sideways: ${colorScheme}, ${name}`, async () => {
      await withPage(site, { path: PATH, colorScheme, viewport }, async (page) => {
        const { found, compared } = await findings(page);
        assert.deepEqual(found, []);
        assert.ok(compared > 100);
        const width = await page.evaluate(() => document.documentElement.clientWidth);
        assert.deepEqual(await page.evaluate(elementsBeyond, width), []);
      });
    });
  }
}
