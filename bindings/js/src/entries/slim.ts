// The slim entry: the caller brings the module, as an address, bytes, or compiled already.
export {
  AmountColumn,
  Catalog,
  initFrom as init,
  initSync,
  Price,
  TierwiseError,
} from '../core.js';
export type * from '../core.js';
