// The room: a place in the module's own memory where a question is laid, byte by byte, so that
// nothing is allocated on the way in.
import { TierwiseError } from './error.js';
import { memoryBytes, ready } from './instance.js';

/** The largest document, in bytes: the engine's bound. */
const MOST_BYTES = 1 << 20;
/** Of a name, in UTF-16 units, as much as an error shows, and more than any name has. */
const MOST_NAME = 2048;
/** A room to begin with, in bytes. */
const FIRST_ROOM = 4096;
/** A larger room than this is given back after use, in bytes. */
const KEPT_ROOM = 1 << 16;

/** All memory; without length once the module has grown it. */
let bytes: Uint8Array = new Uint8Array(0);
/** Where the room begins, and how large it is. */
let room = 0;
let roomBytes = 0;
/** The next free byte of the room: below it, questions are being laid. */
let end = 0;
/** Where the document that is being laid would be too large. */
let limit = MOST_BYTES;

/** Errors: `too_large`. */
function makeRoom(wanted: number): void {
  if (end > limit) throw tooLarge();
  roomBytes = Math.max(FIRST_ROOM, 2 * roomBytes, wanted);
  room = ready().room(roomBytes);
  bytes = memoryBytes();
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

  /** Begins a document, and gives what `closeDocument` takes. */
  openDocument(): number {
    const outer = limit;
    limit = end + MOST_BYTES;
    return outer;
  },

  /** Ends the document that was begun last. */
  closeDocument(outer: number): void {
    limit = outer;
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

  /** Lays a name, or as much of it as tells that it is none. */
  name(name: string): void {
    if (name.length <= MOST_NAME) return this.text(name);
    // Not the first half of a character.
    const cut = name.slice(0, MOST_NAME).replace(/[\ud800-\udbff]$/, '');
    this.text(cut);
  },

  /**
   * Lays text as UTF-8. A lone surrogate is laid as it is, which is not UTF-8: the engine says so.
   * Errors: `too_large`.
   */
  text(text: string): void {
    const { length } = text;
    if (length > MOST_BYTES) throw tooLarge();
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
   * UTF-8 has. Errors: `too_large`.
   */
  string(text: string): boolean {
    const { length } = text;
    if (end + length > limit) throw tooLarge();
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

function tooLarge(): TierwiseError {
  const message = `the document is larger than ${MOST_BYTES} bytes`;
  const help = 'a catalog or a request is a few kilobytes: is this the right one?';
  return new TierwiseError('too_large', '', message, help);
}

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
