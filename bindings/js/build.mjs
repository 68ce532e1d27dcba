// Makes `dist/`, the published package, from `src/` and the module that `cargo xtask wasm` built.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** The entries stand on the built core, and the module lies beside them: neither is taken in. */
const beside = (core) => ({
  name: 'beside',
  setup({ onResolve }) {
    onResolve({ filter: /\/core\.js$/ }, () => ({ path: core, external: true }));
    onResolve({ filter: /\.wasm$/ }, () => ({ path: './tierwise.wasm', external: true }));
  },
});

const common = {
  bundle: true,
  target: ['es2022', 'node20'],
  charset: 'utf8',
  logLevel: 'warning',
  legalComments: 'none',
};

async function entry(name, out, format, core) {
  await build({
    ...common,
    entryPoints: [path(`src/entries/${name}.ts`)],
    outfile: path(`dist/${out}`),
    format,
    // For Node the names of the exports are written out, so that `import` finds them.
    platform: format === 'cjs' ? 'node' : 'neutral',
    plugins: [beside(core)],
  });
}

rmSync(path('dist'), { recursive: true, force: true });
mkdirSync(path('dist/types'), { recursive: true });
copyFileSync(path('pkg/tierwise_bg.wasm'), path('dist/tierwise.wasm'));

for (const license of ['LICENSE-APACHE', 'LICENSE-MIT']) {
  copyFileSync(path(`../../${license}`), path(`dist/${license}`));
}

// One implementation for each kind of module; for browsers the small one.
const core = { ...common, entryPoints: [path('src/core.ts')] };
await build({ ...core, minify: true, outfile: path('dist/core.js'), format: 'esm' });
await build({ ...core, outfile: path('dist/core.cjs'), format: 'cjs', platform: 'node' });

await entry('browser', 'browser.js', 'esm', './core.js');
await entry('workerd', 'workerd.js', 'esm', './core.js');
await entry('slim', 'slim.js', 'esm', './core.js');
await entry('slim', 'slim.cjs', 'cjs', './core.cjs');
await entry('node', 'node.cjs', 'cjs', './core.cjs');

// The client stands alone; for pages the small one.
const client = { ...common, entryPoints: [path('src/entries/client.ts')] };
await build({ ...client, minify: true, outfile: path('dist/client.js'), format: 'esm' });
await build({ ...client, outfile: path('dist/client.cjs'), format: 'cjs', platform: 'node' });

// In Node `import` and `require` share the classes, so that `instanceof` holds across both.
const engine = 'AmountColumn, Catalog, init, initSync, Price, TierwiseError';
const shared = { node: engine, slim: engine, client: 'Client, ServiceError, tokenSource' };
for (const [name, names] of Object.entries(shared)) {
  const about = '// For `import`: the same as for `require`.';
  const text = `${about}\nexport { ${names} } from './${name}.cjs';\n`;
  writeFileSync(path(`dist/${name}.mjs`), text);
}

execFileSync(process.execPath, [path('node_modules/typescript/bin/tsc')], {
  cwd: path('.'),
  stdio: 'inherit',
});
// The types are there once, readable from both kinds of modules; each entry has a door to them.
writeFileSync(path('dist/types/package.json'), '{ "type": "commonjs" }\n');
const doors = {
  node: ['mts', 'cts'],
  browser: ['ts'],
  workerd: ['ts'],
  slim: ['ts', 'mts', 'cts'],
  client: ['ts', 'mts', 'cts'],
};
for (const [name, kinds] of Object.entries(doors)) {
  for (const kind of kinds) {
    const text = `export * from './types/entries/${name}.js';\n`;
    writeFileSync(path(`dist/${name}.d.${kind}`), text);
  }
}
// Nothing public refers to these.
const inner = ['answers', 'basket', 'canonical', 'engine', 'equation', 'handles', 'instance'];
const ofClient = ['client/address', 'client/connection', 'client/repeats'];
for (const name of [...inner, 'marked', 'question', 'writer', ...ofClient]) {
  rmSync(path(`dist/types/${name}.d.ts`));
}
