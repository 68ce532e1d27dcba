// The ground the tests stand on: the built page on a loopback port, a fresh Chromium, and watches
// that hold for every test: no console error, no request to another origin.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 320, height: 740 };

/** Starts server and browser. `close` ends both. */
export async function startSite() {
  const server = await preview({
    root: ROOT,
    logLevel: 'error',
    preview: { host: '127.0.0.1', port: 0, open: false },
  });
  const { port } = server.httpServer.address();
  const origin = `http://127.0.0.1:${port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: CHROMIUM_ARGS, // a fresh user data directory comes with each launch
  });
  return {
    origin,
    browser,
    async close() {
      await browser.close();
      await server.close();
    },
  };
}

/**
 * Opens a page (the calculator, asked `search`, unless `path` names another) in a context of its
 * own, runs `use`, then checks what was watched.
 */
export async function withPage(site, { search = '', path = '', ...options }, use) {
  const context = await site.browser.newContext({ viewport: WIDE, locale: 'en-US', ...options });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    const complaints = watch(page, site.origin);
    await page.goto(`${site.origin}/${path}${search}`);
    await page.locator(path === '' ? 'tierwise-controls' : 'main').waitFor();
    await use(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

function watch(page, origin) {
  const complaints = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request to ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left or loaded again gives up what it was still loading.
    const why = request.failure()?.errorText;
    if (why !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.url()}: ${why}`);
  });
  return complaints;
}

/** Waits until a condition in the page holds; its last value is told if it never does. */
export async function eventually(read, expected) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const value = await read();
    if (value === expected) return;
    if (Date.now() > deadline) assert.equal(value, expected);
    await new Promise(setImmediate);
  }
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe finds in the page by the tags of WCAG 2.2 AA, and how many texts it compared. */
export async function findings(page) {
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations, passes } = await page.evaluate(
    (values) => globalThis.axe.run({ runOnly: { type: 'tag', values } }),
    ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
  );
  const contrast = passes.find(({ id }) => id === 'color-contrast');
  return {
    found: violations.map(({ id, nodes }) => `${id}: ${nodes[0].html} (${nodes.length})`),
    compared: contrast?.nodes.length ?? 0,
  };
}

/** Runs in the page: what reaches beyond its right edge, in all shadow roots. */
export function elementsBeyond(edge) {
  const found = [];
  const visit = (root) => {
    for (const element of root.querySelectorAll('*')) {
      if (element.shadowRoot) visit(element.shadowRoot);
      if (element.getBoundingClientRect().right > edge) found.push(element.outerHTML.slice(0, 80));
    }
  };
  visit(document);
  return found;
}

/** The engine in Node, from the very wasm file that the built page loads. */
export async function engineOfThePage() {
  const assets = new URL('../dist/assets/', import.meta.url);
  const name = (await readdir(assets)).find((file) => file.endsWith('.wasm'));
  assert.ok(name, 'the build has a wasm file');
  // Not the entry of Node, which has a module of its own already.
  const { initFrom, Catalog } = await import('../../bindings/js/dist/core.js');
  await initFrom(readFile(new URL(name, assets)));
  return Catalog.messaging();
}

/** Figures as the page writes them, for comparing. */
export const money = (amount) =>
  new Intl.NumberFormat('en', {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: 20,
  }).format(amount);
export const count = (quantity) =>
  new Intl.NumberFormat('en', { maximumFractionDigits: 20 }).format(quantity);
