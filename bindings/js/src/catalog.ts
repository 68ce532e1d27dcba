// A catalog: loaded once, asked many times, by objects or by JSON text.
/// <reference lib="esnext.disposable" preserve="true" />
import { CatalogHandle } from '../pkg/tierwise.js';
import { readers } from './answers.js';
import { plainItems } from './basket.js';
import { canonical } from './canonical.js';
import { About, engine } from './engine.js';
import { TierwiseError } from './error.js';
import { disposedByFree, given } from './handles.js';
import { Names } from './marked.js';
import { type Price, priceOf } from './price.js';
import { question } from './question.js';
import type * as wire from './wire.js';
import { layDocument } from './writer.js';

/** The ids of a catalog's tiers: words, if the catalog was written in the program itself. */
export type TierOf<Document> = Document extends {
  readonly tiers: readonly { readonly id: infer Id extends string }[];
}
  ? Id
  : string;

/** The tiers of the built-in catalog. */
export type MessagingTier =
  | 'limited_msg_no_chat_history'
  | 'unlimited_msg_no_chat_history'
  | 'unlimited_msg_chat_history';

/**
 * A catalog, ready to be asked. Each operation is a method that takes the request as an object with
 * the wire's own keys, and gives a new plain object; every amount in it is a decimal string.
 *
 * Every method throws a {@link TierwiseError}: `freed` after `free`, the codes of reading a request
 * (`wrong_type`, `unknown_key`, `missing_key`, …), and those of the operation, with the path within
 * the request. `docs/semantics.md` says what the numbers mean.
 *
 * @example
 * ```ts
 * const catalog = Catalog.messaging();
 * const quote = catalog.quote({
 *   items: [{ tier: 'unlimited_msg_chat_history', accounts: 101, days: 30 }],
 * });
 * quote.amountDue; // '1209.90'
 * ```
 */
export class Catalog<Tier extends string = string> {
  #handle: CatalogHandle | null;
  /** The place of each tier among the others, by its id. */
  #places: ReadonlyMap<string, number> | undefined;
  /** What answers named so far: they live as long as the handle. */
  readonly #names = new Names();

  private constructor(handle: CatalogHandle) {
    this.#handle = given(handle, CatalogHandle, 'call `Catalog.load`');
  }

  /**
   * Loads a catalog from JSON text or from an object. Ids of tiers that are written in the program
   * become types: another id does not compile.
   *
   * Errors: those of `docs/catalog.md`, with the path within the catalog.
   */
  static load(text: string): Catalog;
  static load<const Document extends wire.CatalogDocument>(
    document: Document,
  ): Catalog<TierOf<Document>>;
  static load(document: string | wire.CatalogDocument): Catalog {
    const begin = question.begin();
    try {
      if (typeof document === 'string') question.text(document);
      else layDocument(document);
      return new Catalog(engine.load(begin));
    } finally {
      question.close(begin);
    }
  }

  /** The built-in catalog of the messaging service. */
  static messaging(): Catalog<MessagingTier> {
    return new Catalog(engine.messaging());
  }

  /**
   * Answers an operation by its name on the wire: JSON text in, canonical JSON text out.
   * Errors: `unknown_operation`, `bad_json` and the like, those of the operation.
   */
  ask(operation: string, request: string): string {
    if (typeof operation !== 'string' || typeof request !== 'string') {
      const message = '`ask` takes the name of an operation and JSON text';
      throw new TierwiseError('wrong_type', '', message, 'the other methods take objects');
    }
    const handle = this.#open();
    const begin = question.begin();
    try {
      question.name(operation);
      const from = question.place();
      question.text(request);
      if (operation === 'catalog') return engine.describe(handle, from);
      // The engine refuses a name that it does not know; for all others there is a reader.
      engine.mark(handle, this.#names, begin, from);
      return canonical(readers[operation as keyof typeof readers]());
    } finally {
      question.close(begin);
    }
  }

  /** An answer that is built here, from its marks. */
  #answer<Name extends keyof typeof readers>(
    operation: Name,
    request: unknown,
  ): wire.Operations<Tier>[Name]['answer'] {
    const begin = question.begin();
    try {
      question.ascii(operation);
      const from = question.place();
      layDocument(request);
      // Looked at last: a getter of the request may have freed it.
      engine.mark(this.#open(), this.#names, begin, from);
      // The ids of tiers in an answer are those of the catalog.
      return readers[operation]() as wire.Operations<Tier>[Name]['answer'];
    } finally {
      question.close(begin);
    }
  }

  /** The price of the n-th account-day (P2). */
  priceOf(request: wire.PriceOfRequest<Tier>): wire.PriceOfAnswer {
    return this.#answer('price_of', request);
  }

  /** The price of a number of account-days, with its lines (P3, P5). */
  total(request: wire.TotalRequest<Tier>): wire.TotalAnswer {
    return this.#answer('total', request);
  }

  /** The month price of a band, for display (P6). */
  monthPrice(request: wire.MonthPriceRequest<Tier>): wire.MonthPriceAnswer {
    return this.#answer('month_price', request);
  }

  /** What creating an account costs (C1, C2). */
  creationCharge(request: wire.CreationChargeRequest<Tier>): wire.CreationChargeAnswer {
    return this.#answer('creation_charge', request);
  }

  /** The account-days of one account (A1-A5). */
  accountDays(request: wire.AccountDaysRequest<Tier>): wire.AccountDaysAnswer<Tier> {
    return this.#answer('account_days', request);
  }

  /** Whether messages are accepted (Q1, Q3, Q4, Q8). */
  quota(request: wire.QuotaRequest<Tier>): wire.QuotaAnswer {
    return this.#answer('quota', request);
  }

  /** Whether the next message is sent now (Q5, Q9, Q11). */
  dispatch(request: wire.DispatchRequest<Tier>): wire.DispatchAnswer {
    return this.#answer('dispatch', request);
  }

  /** What a change of tier does (D1-D9). */
  tierChange(request: wire.TierChangeRequest<Tier>): wire.TierChangeAnswer {
    return this.#answer('tier_change', request);
  }

  /** What an archive, a deletion or a downgrade does (L1-L6, D3). */
  ending(request: wire.EndingRequest): wire.EndingAnswer {
    return this.#answer('ending', request);
  }

  /** How much history a login brings (H1, H2). */
  history(request: wire.HistoryRequest<Tier>): wire.HistoryAnswer {
    return this.#answer('history', request);
  }

  /** An amount as it is due (I3). */
  round(request: wire.RoundRequest): wire.RoundAnswer {
    return this.#answer('round', request);
  }

  /** The bill of a period, from what accounts did (I1-I5). */
  invoice(request: wire.InvoiceRequest<Tier>): wire.InvoiceAnswer<Tier> {
    return this.#answer('invoice', request);
  }

  /** The bill of a basket, explained (X1). */
  quote(request: wire.QuoteRequest<Tier>): wire.QuoteAnswer<Tier> {
    const items = plainItems(request, (this.#places ??= this.#placesOfTiers()));
    const isMarked = items !== undefined && engine.markQuote(this.#open(), this.#names, items);
    return isMarked
      ? (readers.quote() as wire.QuoteAnswer<Tier>)
      : this.#answer('quote', request);
  }

  /** The catalog in its canonical form, its fingerprint and its rate card. */
  catalog(request: wire.CatalogRequest = {}): wire.CatalogAnswer<Tier> {
    const begin = question.begin();
    try {
      layDocument(request);
      return JSON.parse(engine.describe(this.#open(), begin));
    } finally {
      question.close(begin);
    }
  }

  /**
   * One price of a tier, for totals asked again and again; without a meter, that of account-days.
   * It stays when the catalog is freed.
   *
   * Errors: `unknown_tier` and `missing_price` at `/tier`, `unknown_meter` and `missing_price` at
   * `/meter`.
   */
  price(tier: Tier, meter?: string): Price {
    if (typeof tier !== 'string') throw notText('/tier');
    if (meter !== undefined && typeof meter !== 'string') throw notText('/meter');
    const handle = this.#open();
    const begin = question.begin();
    try {
      question.name(tier);
      const from = question.place();
      if (meter !== undefined) question.name(meter);
      return priceOf(engine.price(handle, begin, from));
    } finally {
      question.close(begin);
    }
  }

  /** SHA-256 of the canonical JSON of the catalog, in hex (F4). */
  get fingerprint(): string {
    return engine.about(this.#open(), About.fingerprint);
  }

  /** The catalog's id. */
  get id(): string {
    return engine.about(this.#open(), About.id);
  }

  /** The catalog's version. */
  get version(): string {
    return engine.about(this.#open(), About.version);
  }

  /** The catalog file in its canonical form: text that `Catalog.load` takes again. */
  get canonicalJson(): string {
    return engine.about(this.#open(), About.canonical);
  }

  /** Frees its memory in the module now, rather than when it is collected. Twice does nothing. */
  free(): void {
    this.#handle?.free();
    this.#handle = null;
  }

  /** What `using` calls: `free`. */
  declare [Symbol.dispose]: () => void;

  #placesOfTiers(): ReadonlyMap<string, number> {
    const ids = engine.about(this.#open(), About.tiers).split('\n');
    return new Map(ids.map((id, place) => [id, place]));
  }

  #open(): CatalogHandle {
    if (this.#handle !== null) return this.#handle;
    throw new TierwiseError('freed', '', 'this catalog was freed', 'load it again');
  }
}

disposedByFree(Catalog);

function notText(path: string): TierwiseError {
  return new TierwiseError('wrong_type', path, 'expected a string');
}
