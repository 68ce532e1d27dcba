// The one instance of the wasm module, and its memory.
import { Bridge, initSync as instantiate } from '../pkg/tierwise.js';
import { TierwiseError } from './error.js';
import type { ModuleSource } from './module.js';

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

let memory: WebAssembly.Memory | undefined;
let bridge: Bridge | undefined;
/** All memory of the module; without length once the module has grown it. */
let bytes: Uint8Array = new Uint8Array(0);
/** The same by words of 32 bits. */
let words: Uint32Array = new Uint32Array(0);

/** Whether the module is there. */
export function isReady(): boolean {
  return bridge !== undefined;
}

/** Makes the one instance of the module; a second call does nothing. */
export function start(source: ModuleSource): void {
  if (bridge !== undefined) return;
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  // What was instantiated once stays: another module must not get that far.
  const isOurs = WebAssembly.Module.exports(module).some(({ name }) => name === 'bridge_new');
  if (!isOurs) throw new Error('it is another module');
  ({ memory } = instantiate({ module }));
  bridge = new Bridge();
}

/** The bridge to the engine. Errors: `not_initialized`. */
export function ready(): Bridge {
  if (bridge !== undefined) return bridge;
  throw new TierwiseError(
    'not_initialized',
    '',
    'the engine is not there yet',
    'call `await init()` first',
  );
}

function lookAgain(): void {
  if (memory === undefined) return;
  bytes = new Uint8Array(memory.buffer);
  words = new Uint32Array(memory.buffer);
}

/** The memory, looked up again if it has grown since. */
export function memoryBytes(): Uint8Array {
  if (bytes.length === 0) lookAgain();
  return bytes;
}

/** The same by words of 32 bits. */
export function memoryWords(): Uint32Array {
  if (words.length === 0) lookAgain();
  return words;
}

/** The text of so many bytes at a place in memory. */
export function textAt(place: number, length: number): string {
  return decoder.decode(memoryBytes().subarray(place, place + length));
}

/**
 * The text of so many ASCII characters at a place in memory. Amounts are short: a decoder takes
 * longer to start than this to end.
 */
export function asciiAt(at: number, length: number): string {
  const of = memoryBytes();
  const code = String.fromCharCode;
  switch (length) {
    case 1:
      return code(of[at]!);
    case 2:
      return code(of[at]!, of[at + 1]!);
    case 3:
      return code(of[at]!, of[at + 1]!, of[at + 2]!);
    case 4:
      return code(of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!);
    case 5:
      return code(of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!);
    case 6:
      return code(of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!, of[at + 5]!);
    case 7:
      return code(
        of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!, of[at + 5]!, of[at + 6]!,
      );
    case 8:
      return code(
        of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!, of[at + 5]!, of[at + 6]!,
        of[at + 7]!,
      );
    case 9:
      return code(
        of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!, of[at + 5]!, of[at + 6]!,
        of[at + 7]!, of[at + 8]!,
      );
    case 10:
      return code(
        of[at]!, of[at + 1]!, of[at + 2]!, of[at + 3]!, of[at + 4]!, of[at + 5]!, of[at + 6]!,
        of[at + 7]!, of[at + 8]!, of[at + 9]!,
      );
    default:
      return textAt(at, length);
  }
}
