// What the classes of handles share: that nobody else makes one, and their end for `using`: the
// symbol under which a runtime looks for it, also where it is missing.
/// <reference lib="esnext.disposable" preserve="true" />

import { TierwiseError } from './error.js';

/** What has a `free`. */
interface Freed {
  free(): void;
}

/** Makes `using` free the handles of a class. Runtimes without the symbol get that of polyfills. */
export function disposedByFree(handle: { readonly prototype: Freed }): void {
  const dispose: symbol = Symbol.dispose ?? Symbol.for('Symbol.dispose');
  Object.defineProperty(handle.prototype, dispose, {
    value(this: Freed): void {
      this.free();
    },
    configurable: true,
    writable: true,
  });
}

/** A handle of the engine's own. Errors: `wrong_type` for what a program gave to `new`. */
export function given<Handle>(handle: Handle, kind: Function, help: string): Handle {
  if (handle instanceof kind) return handle;
  throw new TierwiseError('wrong_type', '', 'it is not made with `new`', help);
}
