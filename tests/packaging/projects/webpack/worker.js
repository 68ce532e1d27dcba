// The Worker of the bundled page.
import * as tierwise from 'tierwise';
import { check } from './check.js';

await tierwise.init();
postMessage(check(tierwise));
