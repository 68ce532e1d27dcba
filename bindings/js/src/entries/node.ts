// The entry for Node, for `import` and `require` alike: the module is read when this is loaded.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InitSource, initSync } from '../core.js';
export { AmountColumn, Catalog, initSync, Price, TierwiseError } from '../core.js';
export type * from '../core.js';

initSync(readFileSync(join(__dirname, 'tierwise.wasm')));

/** The engine is there already: this is for programs that run in browsers, too. */
export function init(_source?: InitSource | PromiseLike<InitSource>): Promise<void> {
  return Promise.resolve();
}
