// The one class of errors: data of the engine, or of what JavaScript asked of it.

import type { Code } from './wire.js';

/**
 * The engine's codes, and those of JavaScript: `freed` for a handle that was freed,
 * `not_initialized` for a call before the module is there, `module_not_loaded` for a module that
 * could not be fetched or compiled.
 */
export type ErrorCode = Code | 'freed' | 'not_initialized' | 'module_not_loaded';

/** The longest key that a path repeats, in characters: as in the engine. */
const MOST_KEY_CHARACTERS = 128;
/** How much of a wrong value a message repeats, in characters: as in the engine. */
const MOST_SHOWN_CHARACTERS = 40;

/**
 * What is wrong with a catalog, a request or a call, as data: for programs `code` and `path`, for
 * people `message` and `help`.
 *
 * @example
 * ```ts
 * try {
 *   catalog.priceOf({ tier: 'premium', n: 1 });
 * } catch (error) {
 *   if (error instanceof TierwiseError) console.log(error.code, error.path); // unknown_tier /tier
 * }
 * ```
 */
export class TierwiseError extends Error {
  /** A stable word in snake case. */
  readonly code: ErrorCode;
  /** The JSON pointer (RFC 6901) of the wrong value within the input; `''` is the whole input. */
  readonly path: string;
  /** How to mend it; may be empty. */
  readonly help: string;

  /** Programs seldom make one themselves; tests may. */
  constructor(code: ErrorCode, path: string, message: string, help = '') {
    super(message);
    this.code = code;
    this.path = path;
    this.help = help;
  }

  /** What `JSON.stringify` writes: the four texts, as other hosts give them. */
  toJSON(): { code: ErrorCode; help: string; message: string; path: string } {
    const { code, help, message, path } = this;
    return { code, help, message, path };
  }
}

// On the prototype, as that of other errors: printed, but no property of each error.
Object.defineProperty(TierwiseError.prototype, 'name', {
  value: 'TierwiseError',
  configurable: true,
  writable: true,
});

/** The JSON pointer of keys from the outermost inwards. */
export function pointer(keys: readonly (string | number)[]): string {
  return keys.map((key) => `/${escaped(cut(String(key), MOST_KEY_CHARACTERS))}`).join('');
}

/** A wrong value's text, as much of it as a message repeats. */
export function shown(text: string): string {
  return cut(text, MOST_SHOWN_CHARACTERS);
}

function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // By code points; twice as many units hold them all.
  const characters = [...text.slice(0, 2 * most + 2)];
  return characters.length > most ? `${characters.slice(0, most).join('')}…` : text;
}

function escaped(key: string): string {
  // Half of a character, which no UTF-8 has, is shown as JSON writes it.
  const whole = key.replace(/\p{Surrogate}/gu, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
  return whole.replaceAll('~', '~0').replaceAll('/', '~1');
}
