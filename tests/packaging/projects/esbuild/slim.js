// esbuild: the module goes into the bundle, or beside it, by the loader of `.wasm`.
import * as tierwise from 'tierwise/slim';
import module from 'tierwise/tierwise.wasm';
import { check } from './check.js';

await tierwise.init(typeof module === 'string' ? new URL(module, import.meta.url) : module);
document.querySelector('#said').textContent = check(tierwise);
