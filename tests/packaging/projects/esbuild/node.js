// esbuild for Node: the same bundle of everything, the module inside.
import * as tierwise from 'tierwise/slim';
import module from 'tierwise/tierwise.wasm';
import { check } from './check.js';

tierwise.initSync(module);
console.log(check(tierwise));
