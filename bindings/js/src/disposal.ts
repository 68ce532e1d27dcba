// `using`: the symbol under which a runtime looks for a handle's end, also where it is missing.
/// <reference lib="esnext.disposable" preserve="true" />

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
