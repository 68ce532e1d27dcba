// The entry for pages, Workers and bundlers: the module is fetched from beside this file.
import { initFrom, type InitSource } from '../core.js';
export { AmountColumn, Catalog, initSync, Price, TierwiseError } from '../core.js';
export type * from '../core.js';

/**
 * Loads the engine; afterwards everything is synchronous. Without a source, from `tierwise.wasm`
 * beside this file, which bundlers find by themselves.
 *
 * Errors: `module_not_loaded`.
 */
export function init(source?: InitSource | PromiseLike<InitSource>): Promise<void> {
  return initFrom(source ?? beside());
}

/** As a promise: where a bundler leaves no address of this file, there is none of the module. */
async function beside(): Promise<URL> {
  return new URL('./tierwise.wasm', import.meta.url);
}
