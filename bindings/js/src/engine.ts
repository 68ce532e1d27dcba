// The calls of the wasm module: what they take and give, as the rest of the package knows it.
import { CatalogHandle, PriceHandle } from '../pkg/tierwise.js';
import { type ErrorCode, TierwiseError } from './error.js';
import { memoryBytes, ready, textAt } from './instance.js';
import { beginAnswer, type Names } from './marked.js';
import { question } from './question.js';

/** How many rows of a column cross at once. */
export const CHUNK_ROWS = 2048;

/** The answer of so many bytes, as text; below 0 the error that was kept is thrown. */
function taken(length: number): string {
  const door = ready();
  if (length < 0) throw error();
  return textAt(door.answer(), length);
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
  load: (begin: number): CatalogHandle => found(ready().load(begin, question.place())),

  messaging: (): CatalogHandle => {
    ready();
    return CatalogHandle.messaging();
  },

  /** The answer of the operation `catalog` as JSON; its request was laid from `request` on. */
  describe: (catalog: CatalogHandle, request: number): string =>
    taken(ready().describe(catalog, request, question.place())),

  /**
   * The marked answer of an operation, to be read at once, before anything else is asked. Its name
   * was laid from `begin` to `request`, the request after it. The names are those of the catalog.
   */
  mark: (catalog: CatalogHandle, names: Names, begin: number, request: number): void => {
    const place = ready().mark(catalog, begin, request, question.place());
    if (place === 0) throw error();
    beginAnswer(place, names);
  },

  /** A quote of plain items, four numbers each; false if they must be asked as JSON. */
  markQuote: (
    catalog: CatalogHandle,
    names: Names,
    numbers: readonly number[],
  ): boolean => {
    const { quantities } = columns();
    for (let index = 0; index < numbers.length; index += 1) quantities[index] = numbers[index]!;
    const place = ready().markQuote(catalog, numbers.length >> 2);
    if (place !== 0) beginAnswer(place, names);
    return place !== 0;
  },

  about: (catalog: CatalogHandle, which: number): string =>
    taken(ready().about(catalog, which)),

  /** The tier was laid from `begin` to `meter`, the meter, if any, after it. */
  price: (catalog: CatalogHandle, begin: number, meter: number): PriceHandle =>
    found(PriceHandle.find(ready(), catalog, begin, meter, question.place())),

  /** Gives the length of the total's text. */
  totalOfText: (price: PriceHandle, begin: number): number => {
    const length = price.totalOfText(ready(), begin, question.place());
    if (length < 0) throw error();
    return length;
  },

  amountText: (millionths: bigint): string => taken(ready().amountText(millionths)),
};

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
    const { buffer } = memoryBytes();
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
