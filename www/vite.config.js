// How the page is served and built. The engine is the package in `bindings/js`, built by
// `cargo xtask wasm`.
import { defineConfig } from 'vite';
import { contractPage } from './build/contract.js';

export default defineConfig({
  base: './', // the built page works under any path
  server: { fs: { allow: ['.', '../bindings/js/dist'] } },
  plugins: [contractPage()],
  build: {
    rolldownOptions: { input: ['index.html', 'api.html'] },
    // The first versions that have `light-dark()`, container queries and exact `Intl` strings.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0, // the Content-Security-Policy allows no data: addresses
    modulePreload: { polyfill: false },
  },
});
