// esbuild: the module is copied beside the bundle.
import * as tierwise from 'tierwise';
import { check } from './check.js';

await tierwise.init();
document.querySelector('#said').textContent = check(tierwise);
