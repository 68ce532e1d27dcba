// A marked answer: the texts of its values one after the other, and marks that say where each ends.

/** Names of a catalog, and fixed words, by where they lie in memory. */
export type Names = Map<number, string>;

/** Reads the values of an answer in the order in which the engine wrote them. */
export class Marked {
  #text = '';
  #at = 0;
  #marks: Uint32Array = new Uint32Array(0);
  #mark = 0;
  #names: Names = new Map();
  readonly #textAt: (place: number, length: number) => string;

  /** With what reads a text of the module's memory. */
  constructor(textAt: (place: number, length: number) => string) {
    this.#textAt = textAt;
  }

  /**
   * Begins with an answer: its texts, where in `marks` its marks begin, and the names that are
   * known of the catalog.
   */
  begin(text: string, marks: Uint32Array, first: number, names: Names): this {
    this.#text = text;
    this.#at = 0;
    this.#marks = marks;
    this.#mark = first;
    this.#names = names;
    return this;
  }

  /** The next mark. */
  #next(): number {
    const mark = this.#marks[this.#mark]!;
    this.#mark += 1;
    return mark;
  }

  /** A text. */
  text(): string {
    const begin = this.#at;
    this.#at = begin + this.#next();
    return this.#text.slice(begin, this.#at);
  }

  /** A name: read from memory once for each catalog. */
  name(): string {
    const place = this.#next();
    const length = this.#next();
    const known = this.#names.get(place);
    // One name may begin with another. All are ASCII.
    if (known !== undefined && known.length === length) return known;
    const name = this.#textAt(place, length);
    this.#names.set(place, name);
    return name;
  }

  /** A whole number. */
  number(): number {
    const low = this.#next();
    const high = this.#next();
    // Signed, as 64 bits in two's complement are.
    return (high | 0) * 4_294_967_296 + low;
  }

  /** Yes or no: also whether what may be missing is there. */
  flag(): boolean {
    return this.#next() !== 0;
  }

  /** A list. */
  list<T>(read: (it: this) => T): T[] {
    const length = this.#next();
    const values: T[] = [];
    for (let index = 0; index < length; index += 1) values.push(read(this));
    return values;
  }

  /** Values by names. */
  names<T>(read: (it: this) => T): Record<string, T> {
    const length = this.#next();
    const values: Record<string, T> = {};
    for (let index = 0; index < length; index += 1) {
      const name = this.text();
      // A tier may be called `__proto__`.
      if (name === '__proto__') {
        Object.defineProperty(values, name, {
          value: read(this), enumerable: true, configurable: true, writable: true,
        });
      } else values[name] = read(this);
    }
    return values;
  }
}
