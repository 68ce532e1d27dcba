// The client of the service: only `fetch`, no engine; the same for every host.
import { Client } from '../client/client.js';
import { ServiceError } from '../client/error.js';
export type { Accounts } from '../client/accounts.js';
export type * from '../client/answers.js';
export type { Auth } from '../client/auth.js';
export type { ClientOptions } from '../client/client.js';
export type { ClientCode, ServiceCode, ServiceErrorCode } from '../client/error.js';
export type { Messages } from '../client/messages.js';
export type { CallOptions, ConnectionOptions } from '../client/options.js';
export type { Pages } from '../client/pages.js';
export type { Payments } from '../client/payments.js';
export type * from '../client/requests.js';
export { type RefreshToken, tokenSource, type TokenSource } from '../client/tokens.js';
export { Client, ServiceError };

// Bundlers rename classes; people read their names in messages.
for (const [name, kind] of Object.entries({ Client, ServiceError })) {
  Object.defineProperty(kind, 'name', { value: name, configurable: true });
}
