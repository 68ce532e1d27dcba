// A module Worker, which knows no import map: the package by its address.
import * as tierwise from './node_modules/tierwise/dist/browser.js';
import { check } from './check.js';

await tierwise.init();
postMessage(check(tierwise));
