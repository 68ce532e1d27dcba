// From objects of JavaScript to JSON, strictly: what JSON cannot say exactly is refused, by path.
import { pointer, shown, TierwiseError } from './error.js';
import { question } from './question.js';

/** The deepest nesting, and what a question refuses beyond: the engine's bound. */
const MOST_DEPTH = 32;
/** A whole number beyond 128 bits is refused like this one, whatever its digits. */
const ENDLESS = 10n ** 39n;

const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;

/**
 * Lays a value as JSON. Errors, each with the path of what is wrong: `wrong_type` for what JSON
 * does not have (`undefined`, NaN, Infinity, functions, symbols, Map, Date, instances of classes,
 * holes of a list), `out_of_range` for numbers of 2^53 and above, which are not exact (BigInt is),
 * `too_deep`, `invalid_utf8` for lone surrogates; `too_large`, as soon as it is.
 */
export function layDocument(value: unknown): void {
  const outer = question.openDocument();
  try {
    lay(value, []);
  } finally {
    question.closeDocument(outer);
  }
}

/** `keys` lead to the value; their number is its depth. */
function lay(value: unknown, keys: (string | number)[]): void {
  switch (typeof value) {
    case 'string':
      if (!question.string(value)) throw loneSurrogate(keys);
      return;
    case 'number':
      return layNumber(value, keys);
    case 'object':
      if (value === null) return question.ascii('null');
      if (keys.length >= MOST_DEPTH) throw tooDeep(keys);
      return Array.isArray(value) ? layList(value, keys) : layObject(value, keys);
    case 'boolean':
      return question.ascii(value ? 'true' : 'false');
    case 'bigint':
      return layBigInt(value);
    default:
      throw notJson(value, keys);
  }
}

function layNumber(value: number, keys: readonly (string | number)[]): void {
  if (Number.isSafeInteger(value)) {
    // 0 has no sign.
    question.ascii(String(value === 0 ? 0 : value));
  } else if (Number.isInteger(value)) {
    throw inexact(value, pointer(keys));
  } else if (Number.isFinite(value)) {
    // The engine has words for a fraction, by what was expected in its place.
    question.ascii(String(value));
  } else {
    throw notFinite(value, pointer(keys));
  }
}

function layBigInt(value: bigint): void {
  const isEndless = value >= ENDLESS || value <= -ENDLESS;
  question.ascii(String(isEndless ? (value > 0n ? ENDLESS : -ENDLESS) : value));
}

function layList(list: readonly unknown[], keys: (string | number)[]): void {
  question.code(OPEN_LIST);
  // The length may change under a getter: the list is read as it then is.
  for (let index = 0; index < list.length; index += 1) {
    if (index > 0) question.code(COMMA);
    keys.push(index);
    lay(list[index], keys);
    keys.pop();
  }
  question.code(CLOSE_LIST);
}

function layObject(object: object, keys: (string | number)[]): void {
  if (!isPlain(object)) throw notJson(object, keys);
  question.code(OPEN_OBJECT);
  let isFirst = true;
  // Keys that are symbols are not of JSON.
  for (const key of Object.keys(object)) {
    if (!isFirst) question.code(COMMA);
    isFirst = false;
    keys.push(key);
    if (!question.string(key)) throw loneSurrogate(keys);
    question.code(COLON);
    lay((object as Record<string, unknown>)[key], keys);
    keys.pop();
  }
  question.code(CLOSE_OBJECT);
}

/** An object literal, of this window or of another, or one without a prototype. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype) === null
  );
}

function tooDeep(keys: readonly (string | number)[]): TierwiseError {
  return new TierwiseError('too_deep', pointer(keys), `nested deeper than ${MOST_DEPTH}`);
}

function loneSurrogate(keys: readonly (string | number)[]): TierwiseError {
  const message = 'a string holds half of a character (a lone surrogate)';
  return new TierwiseError('invalid_utf8', pointer(keys), message, 'was it cut in two?');
}

/** The error of a number that is too large to be exact. */
export function inexact(value: number, path: string): TierwiseError {
  return new TierwiseError(
    'out_of_range',
    path,
    `\`${value}\` is 2^53 or more: as a number it is not exact`,
    'give whole numbers of that size as a BigInt, like `9007199254740993n`',
  );
}

/** The error of NaN and Infinity. */
export function notFinite(value: number, path: string): TierwiseError {
  return new TierwiseError('wrong_type', path, `\`${value}\` is not a number that can be priced`);
}

function notJson(value: unknown, keys: readonly (string | number)[]): TierwiseError {
  const message = `${kindOf(value)} is not a value of JSON`;
  const help =
    value === undefined
      ? 'leave the key out, or give it a value'
      : 'give plain objects, lists, strings, numbers, booleans and null';
  return new TierwiseError('wrong_type', pointer(keys), message, help);
}

function kindOf(value: unknown): string {
  if (value === undefined) return '`undefined`';
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  const name: unknown = (value as object).constructor?.name;
  return typeof name === 'string' && name !== ''
    ? `an instance of \`${shown(name)}\``
    : 'an object with a prototype of its own';
}
