// The entry for Workers of the workerd kind, where importing a wasm file gives a compiled module.
import module from './tierwise.wasm';
import { type InitSource, initSync } from '../core.js';
export { AmountColumn, Catalog, initSync, Price, TierwiseError } from '../core.js';
export type * from '../core.js';

initSync(module);

/** The engine is there already: this is for programs that run in browsers, too. */
export function init(_source?: InitSource | PromiseLike<InitSource>): Promise<void> {
  return Promise.resolve();
}
