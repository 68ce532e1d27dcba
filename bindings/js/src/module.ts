// Getting the wasm module: from an address, an answer of `fetch`, bytes, or a module at hand.
import { TierwiseError } from './error.js';
import { isReady, start } from './instance.js';

/** What the module is made from when it is at hand already. */
export type ModuleSource = WebAssembly.Module | BufferSource;

/** Where the module comes from: an address, an answer of `fetch`, bytes, or the module itself. */
export type InitSource = URL | string | Response | ModuleSource;

let starting: Promise<void> | undefined;

/**
 * Loads the engine; afterwards everything is synchronous. Calls after the first do nothing but
 * await it; after a failure the next call tries again.
 *
 * Errors: `module_not_loaded`.
 */
export function initFrom(source: InitSource | PromiseLike<InitSource>): Promise<void> {
  starting ??= load(source).catch((cause: unknown) => {
    starting = undefined;
    throw notLoaded(cause);
  });
  return starting;
}

/** The same for a module or bytes at hand, at once. Errors: `module_not_loaded`. */
export function initSync(source: ModuleSource): void {
  try {
    start(source);
  } catch (cause) {
    throw notLoaded(cause);
  }
}

async function load(source: InitSource | PromiseLike<InitSource>): Promise<void> {
  if (isReady()) return;
  let from = await source;
  if (typeof from === 'string' || from instanceof URL) from = await fetch(from);
  start(await compiled(from));
}

async function compiled(from: Response | ModuleSource): Promise<WebAssembly.Module> {
  if (from instanceof WebAssembly.Module) return from;
  if (!(typeof Response === 'function' && from instanceof Response)) {
    return WebAssembly.compile(from as BufferSource);
  }
  if (!from.ok) throw new Error(`${from.url} was answered with status ${from.status}`);
  // Compiled while it comes in, if the server says what it is.
  if (from.headers.get('content-type')?.startsWith('application/wasm')) {
    return WebAssembly.compileStreaming(from);
  }
  return WebAssembly.compile(await from.arrayBuffer());
}

function notLoaded(cause: unknown): TierwiseError {
  if (cause instanceof TierwiseError) return cause;
  const message = `the engine's module was not loaded: ${String(cause)}`;
  const help = 'does `tierwise.wasm` lie where it is looked for?';
  const error = new TierwiseError('module_not_loaded', '', message, help);
  error.cause = cause;
  return error;
}
