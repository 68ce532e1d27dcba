// The client: one service, one team.
import { Accounts } from './accounts.js';
import type { Health } from './answers.js';
import { Auth } from './auth.js';
import { Connection } from './connection.js';
import { Messages } from './messages.js';
import { Payments } from './payments.js';
import type { CallOptions, ConnectionOptions } from './options.js';
import { type RefreshToken, type TokenSource, tokenSource } from './tokens.js';

/**
 * Where the service is, and who asks: a refresh token and its team, or access tokens from
 * elsewhere. With neither, only what needs no token can be asked.
 */
export type ClientOptions = ConnectionOptions &
  (
    | (RefreshToken & { token?: undefined })
    | { token?: TokenSource | string | undefined; refreshToken?: undefined }
  );

/**
 * The service over HTTP. It renews its tokens, repeats what is safe to repeat, and may be shared by
 * everything in a program.
 *
 * @example
 * ```ts
 * const client = new Client({ origin: 'https://tierwise.example', refreshToken, teamId });
 * const { accountId } = await client.accounts.create({ type: 'wa' });
 * await client.messages.send(accountId, '4479…@s.whatsapp.net', { text: 'Hello' });
 * ```
 */
export class Client {
  /** Accounts: create, list, change, connect, archive, delete. */
  readonly accounts: Accounts;
  /** Messages and notes: send, read, change, remove. */
  readonly messages: Messages;
  /** The rate card, usage and invoices. */
  readonly payments: Payments;
  /** The user's teams and refresh tokens. */
  readonly auth: Auth;
  readonly #connection: Connection;

  /** Nothing is asked yet. Errors: TypeError for an origin that is no address. */
  constructor(options: ClientOptions) {
    const connection = new Connection(options, sourceOf(options));
    this.#connection = connection;
    this.accounts = new Accounts(connection);
    this.messages = new Messages(connection);
    this.payments = new Payments(connection);
    this.auth = new Auth(connection);
  }

  /** Whether the service can work. It needs no token. */
  async health(options?: CallOptions): Promise<Health> {
    return this.#connection.ask({ method: 'GET', path: '/health', isOpen: true }, options);
  }
}

function sourceOf(options: ClientOptions): TokenSource | undefined {
  if (options.refreshToken !== undefined) return tokenSource(options);
  const { token } = options;
  return typeof token === 'string' ? () => token : token;
}
