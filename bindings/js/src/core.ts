// The one implementation behind all entries: the classes, and both ways to load the module.
import { AmountColumn, Catalog, Price, TierwiseError } from './index.js';
export * from './index.js';
export { initFrom, initSync } from './module.js';

// Bundlers rename classes; people read their names in messages.
for (const [name, kind] of Object.entries({ AmountColumn, Catalog, Price, TierwiseError })) {
  Object.defineProperty(kind, 'name', { value: name, configurable: true });
}
