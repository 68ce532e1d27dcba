// Usage, invoices and the rate card.
import { pathOf, queryOf } from './address.js';
import type {
  AccountAccess,
  Catalog,
  CatalogFile,
  Invoice,
  InvoicePage,
  TeamDetail,
  Usage,
} from './answers.js';
import type { Connection } from './connection.js';
import type { CallOptions } from './options.js';
import { linked, type Pages } from './pages.js';
import type { InvoiceQuery, UsageQuery } from './requests.js';

/** What is asked about money; it changes nothing. Errors of all of it: `ServiceError`. */
export class Payments {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The rate card in force. It needs no token. */
  async catalog(options?: CallOptions): Promise<Catalog> {
    return this.#get('/payments/catalog', options, true);
  }

  /**
   * The rate card with the file that it is a view of: `Catalog.load(file)` of `tierwise` then gives
   * the answers that the service gives. It needs no token.
   */
  async catalogFile(options?: CallOptions): Promise<CatalogFile> {
    return this.#get('/payments/catalog?form=file', options, true);
  }

  /** The team's account-days in the running period. */
  async team(options?: CallOptions): Promise<TeamDetail> {
    return this.#get('/payments/team-detail', options);
  }

  /** An account's features, its limit, and what counts against it. */
  async access(accountId: string, options?: CallOptions): Promise<AccountAccess> {
    return this.#get(pathOf`/payments/team-detail/account-access/${accountId}`, options);
  }

  /** Account-days and messages of a period. */
  async usage(query: UsageQuery = {}, options?: CallOptions): Promise<Usage> {
    return this.#get(`/payments/usage${queryOf({ ...query })}`, options);
  }

  /** The team's invoices, newest first, that of the running period among them. */
  invoices(query: InvoiceQuery = {}, options?: CallOptions): Pages<InvoicePage, Invoice> {
    const ask = (query: InvoiceQuery) =>
      this.#get<InvoicePage>(`/payments/invoices${queryOf({ ...query })}`, options);
    return linked(ask, ({ invoices }) => invoices, (beforeId) => ({ beforeId }), query);
  }

  async #get<T>(path: string, options: CallOptions | undefined, isOpen = false): Promise<T> {
    return this.#connection.ask({ method: 'GET', path, isOpen }, options);
  }
}
