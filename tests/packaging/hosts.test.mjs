// The packed package in pages, Workers and bundles, run in Chromium or in Node; and in workerd.
import assert from 'node:assert/strict';
import { copyFile, cp, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import * as vite from 'vite';
import { EXPECTED, output, serve, startBrowser, startGround } from './ground.mjs';

const webpack = promisify(createRequire(import.meta.url)('webpack'));

let ground;
let browser;
before(async () => {
  [ground, browser] = await Promise.all([startGround(), startBrowser()]);
});
after(() => Promise.all([ground?.close(), browser?.close()]));

/** What the pages of a folder say. */
async function said(folder, ...pages) {
  const site = await serve(folder);
  try {
    for (const page of pages) {
      assert.equal(await browser.said(`${site.address}${page}`), EXPECTED, page);
    }
  } finally {
    await site.close();
  }
}

test('a page and a Worker without a bundler, full and slim', async () => {
  await said(await ground.project('plain'), 'index.html', 'worker.html', 'slim.html');
});

test('the client of the service in a page, without the module', async () => {
  const site = await serve(await ground.project('plain'));
  try {
    const said = await browser.said(`${site.address}client.html`);
    assert.equal(said, 'of a file; ServiceError; TypeError');
  } finally {
    await site.close();
  }
});

test('Vite: a build, with a Worker', async () => {
  const root = await ground.project('vite');
  await vite.build({ root, logLevel: 'error' });
  await said(join(root, 'dist'), 'index.html');
});

test('Vite: the server for developers, with a Worker', async () => {
  const root = await ground.project('vite');
  const server = await vite.createServer({
    root,
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0 },
    // What the documentation says: the module must stay where the package is.
    optimizeDeps: { exclude: ['tierwise'] },
  });
  try {
    await server.listen();
    const { port } = server.httpServer.address();
    assert.equal(await browser.said(`http://127.0.0.1:${port}/`), EXPECTED);
  } finally {
    await server.close();
  }
});

test('webpack: a build, with a Worker', async () => {
  const context = await ground.project('webpack');
  const output = { path: join(context, 'dist') };
  const stats = await webpack({ context, mode: 'production', entry: './main.js', output });
  assert.equal(stats.hasErrors() || stats.hasWarnings(), false, stats.toString());
  await said(context, 'index.html');
});

const bundle = (folder, entry, more) =>
  build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outdir: 'out',
    bundle: true,
    format: 'esm',
    logLevel: 'error',
    ...more,
  });

test('esbuild: the module copied beside the bundle', async () => {
  const folder = await ground.project('esbuild');
  await bundle(folder, 'main.js');
  const from = join(folder, 'node_modules/tierwise/dist/tierwise.wasm');
  await copyFile(from, join(folder, 'out/tierwise.wasm'));
  await said(folder, 'index.html');
});

test('esbuild, slim: the module by its loader, as a file and within the bundle', async () => {
  for (const loader of ['file', 'binary']) {
    const folder = await ground.project('esbuild');
    await bundle(folder, 'slim.js', { loader: { '.wasm': loader } });
    await said(folder, 'slim.html');
  }
});

test('esbuild for Node, slim: one file, run where nothing is installed', async () => {
  const folder = await ground.project('esbuild');
  await bundle(folder, 'node.js', {
    platform: 'node',
    target: 'node20',
    loader: { '.wasm': 'binary' },
    outExtension: { '.js': '.mjs' },
  });
  const alone = join(folder, '../alone');
  await cp(join(folder, 'out'), alone, { recursive: true });
  assert.deepEqual(await output(alone, process.execPath, ['node.mjs']), {
    stdout: EXPECTED,
    stderr: '',
  });
});

test('workerd: the module is imported, nothing is fetched', async () => {
  const folder = await ground.project('workerd');
  const { outputFiles } = await build({
    absWorkingDir: folder,
    entryPoints: ['worker.js'],
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    external: ['*.wasm'],
    write: false,
    logLevel: 'error',
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-01-01',
    modules: [
      { type: 'ESModule', path: 'worker.js', contents: outputFiles[0].text },
      {
        type: 'CompiledWasm',
        path: 'tierwise.wasm',
        contents: await readFile(join(folder, 'node_modules/tierwise/dist/tierwise.wasm')),
      },
    ],
  });
  try {
    const response = await miniflare.dispatchFetch('http://localhost/');
    assert.equal(await response.text(), EXPECTED);
  } finally {
    await miniflare.dispose();
  }
});

test('workerd: the client of the service', async () => {
  const site = await serve(await ground.project('plain'));
  const { outputFiles } = await build({
    absWorkingDir: await ground.project('workerd'),
    entryPoints: ['client.js'],
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    write: false,
    logLevel: 'error',
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-01-01',
    modules: [{ type: 'ESModule', path: 'client.js', contents: outputFiles[0].text }],
  });
  try {
    const address = `http://localhost/?origin=${encodeURIComponent(site.address)}`;
    const response = await miniflare.dispatchFetch(address);
    assert.equal(await response.text(), 'of a file; true not_an_answer');
  } finally {
    await miniflare.dispose();
    await site.close();
  }
});
