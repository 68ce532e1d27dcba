// Everything public but how the module is loaded, which each entry adds.
export { Catalog, type MessagingTier, type TierOf } from './catalog.js';
export { type ErrorCode, TierwiseError } from './error.js';
export type { InitSource, ModuleSource } from './module.js';
export { AmountColumn, Price, type QuantityColumn } from './price.js';
export type * from './wire.js';
