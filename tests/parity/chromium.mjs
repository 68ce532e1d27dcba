// The parity driver of Chromium: the same, in a page that loads the package without a bundler.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { argumentsOf, linesOf } from './answers.mjs';

const ROOT = new URL('../../', import.meta.url);
const { chromium } = createRequire(new URL('www/package.json', ROOT))('playwright-core');

/** Nothing else of the repository is served. */
const SERVED = /^\/(?:bindings\/js\/dist|tests\/parity)\/[\w.]+$/;
const TYPES = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };
/** A message to the page holds so many questions. */
const BATCH = 5000;

async function respond(request, response) {
  if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>x</title>');
    return;
  }
  if (!SERVED.test(request.url)) return void response.writeHead(404).end();
  const body = await readFile(new URL(`.${request.url}`, ROOT));
  response.writeHead(200, { 'content-type': TYPES[extname(request.url)] }).end(body);
}

const { face, path } = argumentsOf(process.argv.slice(2));
const lines = linesOf(readFileSync(path, 'utf8'));
const server = createServer((request, response) => void respond(request, response));
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
});
try {
  const page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${server.address().port}/`);
  await page.evaluate(async (chosen) => {
    const tierwise = await import('/bindings/js/dist/browser.js');
    const { answerer } = await import('/tests/parity/answers.mjs');
    await tierwise.init();
    globalThis.answer = answerer(tierwise, chosen);
  }, face);
  for (let from = 0; from < lines.length; from += BATCH) {
    const batch = lines.slice(from, from + BATCH);
    const answers = await page.evaluate((questions) => questions.map(globalThis.answer), batch);
    process.stdout.write(answers.map((answer) => `${answer}\n`).join(''));
  }
} finally {
  await browser.close();
  server.close();
}
