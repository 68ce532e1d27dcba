// The user's own teams and refresh tokens, and the keys of the service.
import { queryOf } from './address.js';
import type { PublicKey, Team, TeamPage } from './answers.js';
import type { Connection } from './connection.js';
import type { CallOptions } from './options.js';
import { numbered, type Pages } from './pages.js';
import type { TeamQuery } from './requests.js';

/** What belongs to signing in. Errors of all of it: `ServiceError`. */
export class Auth {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The teams that the user is in. */
  teams(query: TeamQuery = {}, options?: CallOptions): Pages<TeamPage, Team> {
    const ask = (query: TeamQuery) => {
      const request = { method: 'GET', path: `/auth/teams${queryOf({ ...query })}` } as const;
      return this.#connection.ask<TeamPage>(request, options);
    };
    return numbered(ask, ({ teams }) => teams, ({ id }) => id, query);
  }

  /**
   * Revokes a refresh token; without one, all of the user's. One that is revoked already stays so,
   * so this is repeated. Access tokens made before stay good until their end.
   */
  async revoke(refreshToken?: string, options?: CallOptions): Promise<void> {
    const path = `/auth/token${queryOf({ token: refreshToken })}`;
    return this.#connection.ask({ method: 'DELETE', path }, options);
  }

  /** The keys that verify access tokens. It needs no token. */
  async publicKeys(options?: CallOptions): Promise<PublicKey[]> {
    const request = { method: 'GET', path: '/auth/public-key', isOpen: true } as const;
    const { keys } = await this.#connection.ask<{ keys: PublicKey[] }>(request, options);
    return keys;
  }
}
