// A marked answer: marks in the module's memory say what there is, and how long each text is; the
// texts stand one before the other. One answer is read at a time, from its beginning to its end.
import { asciiAt, memoryWords, textAt } from './instance.js';

/** How many names of a catalog are kept: a power of two. */
const KEPT_NAMES = 256;

/** Names of a catalog, and fixed words, that were read already: each has one slot it may be in. */
export class Names {
  /** Where in memory the name of a slot lies. */
  readonly places = new Uint32Array(KEPT_NAMES);
  /** How many bytes it has. */
  readonly lengths = new Uint32Array(KEPT_NAMES);
  readonly texts: string[] = new Array<string>(KEPT_NAMES).fill('');
}

let marks: Uint32Array = new Uint32Array(0);
let mark = 0;
/** Where the texts end that are not read yet. */
let textsEnd = 0;
let known = new Names();

/** Begins with an answer, by the place of its marks, and with the names of its catalog. */
export function beginAnswer(place: number, names: Names): void {
  marks = memoryWords();
  mark = place >>> 2;
  // The first mark says where the texts end.
  textsEnd = next();
  known = names;
}

/** The next mark. */
function next(): number {
  const value = marks[mark]!;
  mark += 1;
  return value;
}

/** A text. */
export function text(): string {
  const length = next();
  textsEnd -= length;
  return textAt(textsEnd, length);
}

/** A text of digits. */
export function digits(): string {
  const length = next();
  textsEnd -= length;
  return asciiAt(textsEnd, length);
}

/** A name: mostly it was read before. */
export function name(): string {
  const place = next();
  const length = next();
  const slot = (place ^ (place >>> 8)) & (KEPT_NAMES - 1);
  if (known.places[slot] === place && known.lengths[slot] === length) return known.texts[slot]!;
  const read = textAt(place, length);
  known.places[slot] = place;
  known.lengths[slot] = length;
  known.texts[slot] = read;
  return read;
}

/** A whole number. */
export function whole(): number {
  const low = next();
  const high = next();
  // Signed, as 64 bits in two's complement are.
  return (high | 0) * 4_294_967_296 + low;
}

/** Yes or no: also whether what may be missing is there. */
export function flag(): boolean {
  return next() !== 0;
}

/** A list. */
export function list<T>(read: () => T): T[] {
  const values: T[] = [];
  for (let left = next(); left > 0; left -= 1) values.push(read());
  return values;
}

/** Values by names. */
export function byName<T>(read: () => T): Record<string, T> {
  const values: Record<string, T> = {};
  for (let left = next(); left > 0; left -= 1) {
    const key = text();
    // A tier may be called `__proto__`.
    if (key === '__proto__') {
      Object.defineProperty(values, key, {
        value: read(), enumerable: true, configurable: true, writable: true,
      });
    } else values[key] = read();
  }
  return values;
}
