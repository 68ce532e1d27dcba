// A price of its own, for totals asked again and again, one by one or by the column.
/// <reference lib="esnext.disposable" preserve="true" />
import { PriceHandle } from '../pkg/tierwise.js';
import { CHUNK_ROWS, columns, engine, priceRows } from './engine.js';
import { shown, TierwiseError } from './error.js';
import { disposedByFree, given } from './handles.js';
import { asciiAt } from './instance.js';
import { question } from './question.js';
import type { Decimal } from './wire.js';
import { inexact, notFinite } from './writer.js';

/** Quantities, a row each: whole numbers from 0. A typed array is the quickest. */
export type QuantityColumn =
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array
  | readonly (number | bigint)[];

/** For the catalog alone: nobody else can make a price. @internal */
export let priceOf: (handle: PriceHandle) => Price;

/**
 * One price of one tier: of its account-days, or of another meter.
 *
 * @example
 * ```ts
 * using price = catalog.price('unlimited_msg_chat_history');
 * price.total(3030); // '1209.9'
 * price.totals(new Uint32Array([30, 3030])).at(1); // '1209.9'
 * ```
 */
export class Price {
  #handle: PriceHandle | null;
  readonly #textEnd: number;

  private constructor(handle: PriceHandle) {
    this.#handle = given(handle, PriceHandle, 'call `price` of a catalog');
    this.#textEnd = handle.textEnd();
  }

  static {
    priceOf = (handle) => new Price(handle);
  }

  /**
   * The exact price of a quantity (P3), from 0 to 1 000 000 000 000: a whole number, a BigInt, or
   * a decimal string of at most 6 places.
   *
   * Errors, all with the path `''`: `bad_decimal`, `negative`, `too_many_places`, `out_of_range`,
   * `amount_too_large`; `expected_decimal_string` for a fraction that is no string, `wrong_type`
   * for NaN and Infinity; `freed`.
   */
  total(quantity: number | bigint | string): Decimal {
    const handle = this.#handle;
    if (handle === null) throw freed();
    if (typeof quantity === 'number') {
      const length = handle.total(quantity);
      if (length > 0) return asciiAt(this.#textEnd - length, length) as Decimal;
    }
    return this.#totalOfText(handle, quantityText(quantity));
  }

  #totalOfText(handle: PriceHandle, quantity: string): Decimal {
    const begin = question.begin();
    try {
      question.text(quantity);
      const length = engine.totalOfText(handle, begin);
      return asciiAt(this.#textEnd - length, length) as Decimal;
    } finally {
      question.close(begin);
    }
  }

  /**
   * The exact price of each quantity of a column, in the order given, in one call. `into` is for
   * the totals, if there is room for them already: new memory takes as long as pricing.
   *
   * Errors, with the number of the row as path (`/3`): those of `total`, `wrong_type` for what is
   * no whole number, and `amount_too_large` beyond 9 223 372 036 854.775807, the most that 64 bits
   * of millionths hold. At `''`: `wrong_type` for what is no column, `out_of_range` for an `into`
   * that is too short.
   */
  totals(quantities: QuantityColumn, into?: BigInt64Array): AmountColumn {
    if (!isColumn(quantities)) throw notColumn('quantities', 'a typed array or an array');
    if (into !== undefined && !(into instanceof BigInt64Array)) {
      throw notColumn('into', 'a `BigInt64Array`');
    }
    const rows = quantities.length;
    if (into !== undefined && into.length < rows) {
      const message = `${into.length} places are too few for ${rows} rows`;
      throw new TierwiseError('out_of_range', '', message);
    }
    const totals = into === undefined ? new BigInt64Array(rows) : into.subarray(0, rows);
    const part = new Float64Array(Math.min(CHUNK_ROWS, rows));
    for (let first = 0; first < rows; first += CHUNK_ROWS) {
      const count = Math.min(CHUNK_ROWS, rows - first);
      // Beside the module's memory: a getter of a list may ask, grow it, or free this price.
      const laid = lay(quantities, first, count, part);
      const handle = this.#handle;
      if (handle === null) throw freed();
      const { quantities: column, millionths } = columns();
      column.set(laid === part.length ? part : part.subarray(0, laid));
      const priced = priceRows(handle, laid);
      if (priced < count) throw this.#refused(quantities[first + priced], first + priced);
      totals.set(millionths.subarray(0, count), first);
    }
    if (this.#handle === null) throw freed();
    return amountsOf(totals);
  }

  /** Why a row has no total in its column. */
  #refused(quantity: unknown, row: number): TierwiseError {
    const path = `/${row}`;
    if (typeof quantity !== 'bigint' && !Number.isInteger(quantity)) {
      if (typeof quantity === 'number' && !Number.isFinite(quantity)) {
        return notFinite(quantity, path);
      }
      const message = `\`${shown(String(quantity))}\` is not a whole number`;
      return new TierwiseError('wrong_type', path, message, 'price fractions with `total`');
    }
    try {
      this.total(quantity as number | bigint);
    } catch (error) {
      if (!(error instanceof TierwiseError)) throw error;
      return new TierwiseError(error.code, path, error.message, error.help);
    }
    const message = 'the amount is more than a column holds: 9223372036854.775807';
    return new TierwiseError('amount_too_large', path, message, 'price such rows with `total`');
  }

  /** Frees its memory in the module now, rather than when it is collected. Twice does nothing. */
  free(): void {
    this.#handle?.free();
    this.#handle = null;
  }

  /** What `using` calls: `free`. */
  declare [Symbol.dispose]: () => void;
}

disposedByFree(Price);

let amountsOf: (millionths: BigInt64Array) => AmountColumn;

/** Amounts, a row each: whole millionths of the currency unit, so exact. */
export class AmountColumn {
  /** The amounts in millionths: `1209900000n` is 1209.9. */
  readonly millionths: BigInt64Array;
  /** How many decimals a number of `millionths` has. */
  readonly scale = 6;

  private constructor(millionths: BigInt64Array) {
    this.millionths = millionths;
  }

  static {
    amountsOf = (millionths) => new AmountColumn(millionths);
  }

  /** How many rows there are. */
  get length(): number {
    return this.millionths.length;
  }

  /** The amount of a row as a decimal string; `undefined` where there is no such row. */
  at(row: number): Decimal | undefined {
    const millionths = this.millionths.at(row);
    return millionths === undefined ? undefined : (engine.amountText(millionths) as Decimal);
  }
}

/** A typed array of numbers, or a list. */
function isColumn(value: unknown): value is QuantityColumn {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

function notColumn(what: string, wanted: string): TierwiseError {
  return new TierwiseError('wrong_type', '', `\`${what}\` is not ${wanted}`);
}

/** Lays a part of a column, up to the first row that is no number; gives how many rows are laid. */
function lay(column: QuantityColumn, first: number, count: number, to: Float64Array): number {
  if (column instanceof Uint32Array || column instanceof Float64Array) {
    to.set(column.subarray(first, first + count));
    return count;
  }
  for (let index = 0; index < count; index += 1) {
    const quantity: unknown = column[first + index];
    if (typeof quantity === 'number') to[index] = quantity;
    // From 2^53 on it is not exact, and far beyond the largest quantity all the same.
    else if (typeof quantity === 'bigint') to[index] = Number(quantity);
    else return index;
  }
  return count;
}

function quantityText(quantity: number | bigint | string): string {
  if (typeof quantity === 'string') return quantity;
  if (typeof quantity === 'bigint') return String(quantity);
  if (typeof quantity !== 'number') {
    const message = `a quantity cannot be of type \`${typeof quantity}\``;
    throw new TierwiseError('wrong_type', '', message, 'give a number, a BigInt or a string');
  }
  if (Number.isSafeInteger(quantity)) return String(quantity);
  if (Number.isInteger(quantity)) throw inexact(quantity, '');
  if (!Number.isFinite(quantity)) throw notFinite(quantity, '');
  throw new TierwiseError(
    'expected_decimal_string',
    '',
    'a fraction stands where a decimal string is expected',
    `put it in quotes, like "${quantity}": numbers are not exact`,
  );
}

function freed(): TierwiseError {
  return new TierwiseError('freed', '', 'this price was freed', 'ask the catalog for another');
}
