// Vite, the page and a Worker beside it: both must say the same.
import * as tierwise from 'tierwise';
import { check } from './check.js';

await tierwise.init();
const here = check(tierwise);
const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
worker.onmessage = ({ data }) => {
  document.querySelector('#said').textContent = data === here ? here : `${here} but ${data}`;
};
