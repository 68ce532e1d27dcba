// The seam to the wasm module: the only file that knows its memory and its exports.
//
// A question is laid in the module's own memory ("the room"), byte by byte, and an answer is taken
// from there: nothing is allocated on the way in, and one string on the way out.
import { Bridge, CatalogHandle, initSync as instantiate, PriceHandle } from '../pkg/tierwise.js';
import { type ErrorCode, TierwiseError } from './error.js';
import { Marked, type Names } from './marked.js';
import type { ModuleSource } from './module.js';

/** The largest document, in bytes: the engine's bound. Of what is larger, no more is laid. */
const MOST_BYTES = 1 << 20;
/** A room to begin with, in bytes. */
const FIRST_ROOM = 4096;
/** A larger room than this is given back after use, in bytes. */
const KEPT_ROOM = 1 << 16;
/** How many rows of a column cross at once. */
export const CHUNK_ROWS = 2048;

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The text of so many bytes at a place in memory. */
function textAt(place: number, length: number): string {
  return decoder.decode(view().subarray(place, place + length));
}

const marked = new Marked(textAt);

let memory: WebAssembly.Memory | undefined;
let bridge: Bridge | undefined;
/** All memory of the module; without length once the module has grown it. */
let bytes: Uint8Array = new Uint8Array(0);
/** The same by words of 32 bits. */
let words: Uint32Array = new Uint32Array(0);
/** Where the room begins, and how large it is. */
let room = 0;
let roomBytes = 0;
/** The next free byte of the room: below it, questions are being laid. */
let end = 0;

/** Whether the module is there. */
export function isReady(): boolean {
  return bridge !== undefined;
}

/** Makes the one instance of the module; a second call does nothing. */
export function start(source: ModuleSource): void {
  if (bridge !== undefined) return;
  ({ memory } = instantiate({ module: source }));
  bridge = new Bridge();
}

function ready(): Bridge {
  if (bridge !== undefined) return bridge;
  throw new TierwiseError(
    'not_initialized',
    '',
    'the engine is not there yet',
    'call `await init()` first',
  );
}

/** The memory, looked up again if it has grown since. */
function view(): Uint8Array {
  if (bytes.length === 0 && memory !== undefined) {
    bytes = new Uint8Array(memory.buffer);
    words = new Uint32Array(memory.buffer);
  }
  return bytes;
}

function makeRoom(wanted: number): void {
  roomBytes = Math.max(FIRST_ROOM, 2 * roomBytes, wanted);
  room = ready().room(roomBytes);
  bytes = view();
}

/**
 * Lays questions in the room. Whoever lays one begins with `begin` and ends with `close`; between
 * the two, getters of a user's object may lay, ask and close one of their own.
 */
export const question = {
  /** Where a new question begins. */
  begin(): number {
    if (bytes.length === 0) makeRoom(roomBytes);
    return end;
  },

  /** Where the next byte goes. */
  place(): number {
    return end;
  },

  /** Forgets what was laid since a question began. */
  close(begin: number): void {
    end = begin;
    if (begin === 0 && roomBytes > KEPT_ROOM) {
      roomBytes = FIRST_ROOM;
      room = ready().shrinkRoom(roomBytes);
    }
  },

  /** Lays one ASCII character. */
  code(code: number): void {
    if (end >= roomBytes || bytes.length === 0) makeRoom(end + 1);
    bytes[room + end] = code;
    end += 1;
  },

  /** Lays text that is known to be ASCII. */
  ascii(text: string): void {
    const { length } = text;
    if (end + length > roomBytes || bytes.length === 0) makeRoom(end + length);
    const to = room + end;
    for (let index = 0; index < length; index += 1) bytes[to + index] = text.charCodeAt(index);
    end += length;
  },

  /**
   * Lays text as UTF-8. A lone surrogate is laid as it is, which is not UTF-8: the engine says so.
   */
  text(text: string): void {
    const { length } = text;
    if (length > MOST_BYTES) {
      // Whatever the bytes are, the engine refuses so many of them.
      makeRoom(end + MOST_BYTES + 1);
      end += MOST_BYTES + 1;
      return;
    }
    if (end + 3 * length > roomBytes || bytes.length === 0) makeRoom(end + 3 * length);
    const first = room + end;
    let to = first;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        bytes[to] = unit;
        to += 1;
      } else {
        const point = text.codePointAt(index) ?? unit;
        if (point > 0xffff) index += 1;
        to = layPoint(to, point);
      }
    }
    end += to - first;
  },

  /**
   * Lays text as a JSON string, and gives whether it could: false at a lone surrogate, which no
   * UTF-8 has.
   */
  string(text: string): boolean {
    const { length } = text;
    if (length > MOST_BYTES) {
      this.text(text);
      return true;
    }
    // An escape has at most six bytes.
    if (end + 6 * length + 2 > roomBytes || bytes.length === 0) makeRoom(end + 6 * length + 2);
    const first = room + end;
    let to = first;
    bytes[to++] = 0x22;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit < 0x80) {
        if (unit < 0x20) {
          bytes.set([0x5c, 0x75, 0x30, 0x30, 0x30 + (unit >> 4), hexDigit(unit & 15)], to);
          to += 6;
          continue;
        }
        if (unit === 0x22 || unit === 0x5c) bytes[to++] = 0x5c;
        bytes[to++] = unit;
        continue;
      }
      const point = text.codePointAt(index) ?? unit;
      if (point >= 0xd800 && point < 0xe000) return false;
      if (point > 0xffff) index += 1;
      to = layPoint(to, point);
    }
    bytes[to++] = 0x22;
    end += to - first;
    return true;
  },
};

function hexDigit(digit: number): number {
  return digit < 10 ? 0x30 + digit : 0x57 + digit;
}

/** Lays a character beyond ASCII as UTF-8 and gives the place after it. */
function layPoint(to: number, point: number): number {
  const rest = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) {
    bytes[to++] = 0xc0 | (point >> 6);
  } else {
    if (point < 0x10000) {
      bytes[to++] = 0xe0 | (point >> 12);
    } else {
      bytes[to++] = 0xf0 | (point >> 18);
      bytes[to++] = rest(12);
    }
    bytes[to++] = rest(6);
  }
  bytes[to++] = rest(0);
  return to;
}

/** The answer of so many bytes, as text; below 0 the error that was kept is thrown. */
function taken(length: number): string {
  const door = ready();
  if (length < 0) throw error();
  return textAt(door.answer(), length);
}

function takenMarks(length: number, names: Names): Marked {
  const door = ready();
  const text = textAt(door.markedText(), length);
  return marked.begin(text, words, door.marks() >> 2, names);
}

/** The error that the engine kept; the engine forgets it. */
function error(): TierwiseError {
  const door = ready();
  const texts = [0, 1, 2, 3].map((which) => taken(Math.max(0, door.error(which))));
  door.clear();
  const [code = '', path = '', message = '', help = ''] = texts;
  return new TierwiseError(code as ErrorCode, path, message, help);
}

function found<Handle>(handle: Handle | undefined): Handle {
  if (handle === undefined) throw error();
  return handle;
}

export type { CatalogHandle, PriceHandle };

/** Which text about a catalog is wanted. */
export const About = { fingerprint: 0, id: 1, version: 2, canonical: 3, tiers: 4 } as const;

/** The calls, each of them with the question that was laid from `begin` on. */
export const engine = {
  load: (begin: number): CatalogHandle => found(ready().load(begin, end)),

  /** The answer of the operation `catalog` as JSON; its request was laid from `request` on. */
  describe: (catalog: CatalogHandle, request: number): string =>
    taken(ready().describe(catalog, request, end)),

  /**
   * The marked answer of an operation, to be read at once, before anything else is asked. Its name
   * was laid from `begin` to `request`, the request after it. The names are those of the catalog.
   */
  mark: (catalog: CatalogHandle, names: Names, begin: number, request: number): Marked => {
    const length = ready().mark(catalog, begin, request, end);
    if (length < 0) throw error();
    return takenMarks(length, names);
  },

  /** A quote of plain items, four numbers each; none if they must be asked as JSON. */
  markQuote: (
    catalog: CatalogHandle,
    names: Names,
    numbers: readonly number[],
  ): Marked | undefined => {
    const { quantities } = columns();
    for (let index = 0; index < numbers.length; index += 1) quantities[index] = numbers[index]!;
    const length = ready().markQuote(catalog, numbers.length >> 2);
    return length < 0 ? undefined : takenMarks(length, names);
  },

  about: (catalog: CatalogHandle, which: number): string =>
    taken(ready().about(catalog, which)),

  /** The tier was laid from `begin` to `meter`, the meter, if any, after it. */
  price: (catalog: CatalogHandle, begin: number, meter: number): PriceHandle =>
    found(PriceHandle.find(ready(), catalog, begin, meter, end)),

  /** Gives the length of the total's text. */
  totalOfText: (price: PriceHandle, begin: number): number => {
    const length = price.totalOfText(ready(), begin, end);
    if (length < 0) throw error();
    return length;
  },

  amountText: (millionths: bigint): string => taken(ready().amountText(millionths)),
};

/**
 * The text of so many ASCII characters that ends at a place in memory. Amounts are short: a decoder
 * takes longer to start than this to end.
 */
export function asciiBefore(place: number, length: number): string {
  const of = bytes.length === 0 ? view() : bytes;
  const at = place - length;
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
      return decoder.decode(of.subarray(at, place));
  }
}

/** Where a part of a column is laid, and where its totals are taken. */
interface Columns {
  readonly quantities: Float64Array;
  readonly millionths: BigInt64Array;
}

let lastColumns: Columns | undefined;

/** The places for a part of a column. They move when the memory grows: ask for each part. */
export function columns(): Columns {
  // Without length, as all views of a memory that has grown.
  if (lastColumns === undefined || lastColumns.quantities.length === 0) {
    const door = ready();
    const from = door.quantities(CHUNK_ROWS);
    const to = door.millionths();
    const { buffer } = view();
    lastColumns = {
      quantities: new Float64Array(buffer, from, CHUNK_ROWS),
      millionths: new BigInt64Array(buffer, to, CHUNK_ROWS),
    };
  }
  return lastColumns;
}

/** Prices the first rows of what was laid, and gives how many could be. */
export function priceRows(price: PriceHandle, rows: number): number {
  return price.totals(ready(), rows);
}
