// The one implementation behind all entries: the classes, and both ways to load the module.
export * from './index.js';
export { initFrom, initSync } from './module.js';
