// Accounts: created, changed, connected, ended; and what such a change would do.
import { pathOf, queryOf, uuid } from './address.js';
import type {
  Account,
  AccountPage,
  Changed,
  ChangeReport,
  Chat,
  ChatPage,
  QueueCounts,
} from './answers.js';
import type { Connection } from './connection.js';
import type { CallOptions } from './options.js';
import { linked, numbered, type Pages } from './pages.js';
import type {
  AccountCreate,
  AccountPatch,
  AccountQuery,
  ChangeOptions,
  ChangeReportRequest,
  ChatQuery,
  CreateOptions,
} from './requests.js';

/** What is done with accounts. Errors of all of it: `ServiceError`. */
export class Accounts {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Creates an account, which is closed at first. It costs its creation charge and today. */
  async create(account: AccountCreate, options: CreateOptions = {}): Promise<Account> {
    const { idempotencyKey = uuid() } = options;
    const headers = { 'idempotency-key': idempotencyKey };
    const path = '/im/accounts';
    return this.#connection.ask(
      { method: 'POST', path, body: account, headers, names: { idempotencyKey } },
      options,
    );
  }

  /**
   * The team's accounts, newest first. The list goes by numbers of pages: one that is created while
   * you read it is not shown, and one that is deleted meanwhile may hide another.
   */
  list(query: AccountQuery = {}, options?: CallOptions): Pages<AccountPage, Account> {
    const ask = (query: AccountQuery) =>
      this.#get<AccountPage>(`/im/accounts${queryOf({ ...query })}`, options);
    return numbered(ask, ({ accounts }) => accounts, ({ accountId }) => accountId, query);
  }

  /** One account, archived or not. */
  async get(accountId: string, options?: CallOptions): Promise<Account> {
    return this.#get(pathOf`/im/accounts/${accountId}`, options);
  }

  /**
   * What a tier change, an archive or a deletion would do. It changes nothing; give it to the
   * change itself as `expecting`, and that is refused if it would do anything else.
   */
  async report(
    accountId: string,
    change: ChangeReportRequest,
    options?: CallOptions,
  ): Promise<ChangeReport> {
    const path = pathOf`/im/accounts/${accountId}/change-report`;
    return this.#connection.ask({ method: 'POST', path, body: change }, options);
  }

  /**
   * Changes nickname, tier or settings, all or nothing. A change of the tier is not repeated after
   * a broken connection: `outcome_unknown`. Names and settings are, as setting them twice is as
   * good as once.
   */
  async change(
    accountId: string,
    change: AccountPatch,
    options: ChangeOptions = {},
  ): Promise<Changed> {
    const path = pathOf`/im/accounts/${accountId}`;
    const findOut = 'read the account: its `tier` says';
    const isOfTier = change.tier !== undefined || options.expecting !== undefined;
    return this.#connection.ask(
      {
        method: 'PATCH',
        path,
        body: change,
        headers: expected(options),
        ...(isOfTier ? { findOut } : {}),
      },
      options,
    );
  }

  /** Archives an account for good. Not repeated after a broken connection: `outcome_unknown`. */
  async archive(accountId: string, options: ChangeOptions = {}): Promise<Changed> {
    const path = pathOf`/im/accounts/${accountId}/archive`;
    const findOut = 'read the account: its `archivedAt` says';
    return this.#connection.ask(
      { method: 'POST', path, headers: expected(options), findOut },
      options,
    );
  }

  /**
   * Deletes an account and all its data, at once. Not repeated after a broken connection:
   * `outcome_unknown`.
   */
  async delete(accountId: string, options: ChangeOptions = {}): Promise<Changed> {
    const path = pathOf`/im/accounts/${accountId}`;
    const findOut = 'read the account: it is `not_found` if it was deleted';
    return this.#connection.ask(
      { method: 'DELETE', path, headers: expected(options), findOut },
      options,
    );
  }

  /** Connects an account. An open one stays as it is, so this is repeated. */
  async open(accountId: string, options?: CallOptions): Promise<void> {
    const path = pathOf`/im/accounts/${accountId}/open`;
    return this.#connection.ask({ method: 'POST', path }, options);
  }

  /**
   * Disconnects an account; with `logout` its login is dropped, too. A closed one stays as it is,
   * so this is repeated.
   */
  async close(
    accountId: string,
    options: CallOptions & { logout?: boolean | undefined } = {},
  ): Promise<void> {
    const query = queryOf({ logout: options.logout });
    const path = `${pathOf`/im/accounts/${accountId}/close`}${query}`;
    return this.#connection.ask({ method: 'POST', path }, options);
  }

  /** The chats of an account, the latest first. */
  chats(accountId: string, query: ChatQuery = {}, options?: CallOptions): Pages<ChatPage, Chat> {
    const path = pathOf`/im/accounts/${accountId}/chats`;
    const ask = (query: ChatQuery) => this.#get<ChatPage>(path + queryOf({ ...query }), options);
    return linked(ask, ({ chats }) => chats, (beforeId) => ({ beforeId }), query);
  }

  /** The queue in numbers, over all accounts of the team. */
  async queue(options?: CallOptions): Promise<QueueCounts> {
    return this.#get('/im/queue', options);
  }

  async #get<T>(path: string, options: CallOptions | undefined): Promise<T> {
    return this.#connection.ask({ method: 'GET', path }, options);
  }
}

function expected({ expecting }: ChangeOptions): Record<string, string> | undefined {
  return expecting && { 'if-report-match': expecting.reportHash };
}
