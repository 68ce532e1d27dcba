// Access tokens: traded for a refresh token, used until two minutes before their end.
import type { Scope } from './answers.js';
import { Connection } from './connection.js';
import type { ConnectionOptions } from './options.js';

/**
 * Gives an access token. `spent` is one that the service did not take any more: a source that can
 * gives another one for it.
 */
export type TokenSource = (spent?: string) => string | PromiseLike<string>;

/** What an access token is traded for. */
export interface RefreshToken {
  refreshToken: string;
  teamId: string;
  /** What the token shall be good for; by default all that the membership has. */
  scopes?: readonly Scope[] | undefined;
  /** Copied into the token. */
  metadata?: { type: string; objectId: string; objectName?: string } | undefined;
}

/** How long before its end a token counts as spent. */
const EARLY_MS = 120_000;

interface Token {
  text: string;
  spentAtMs: number;
}

/**
 * A source that trades a refresh token, for one client or for several. However many requests wait,
 * there is one trade at a time. Errors: `ServiceError`, such as `bad_refresh_token`.
 */
export function tokenSource(options: ConnectionOptions & RefreshToken): TokenSource {
  const { refreshToken, teamId, scopes, metadata } = options;
  const connection = new Connection(options);
  const body = { refreshToken, teamId, scopes, metadata };
  let current: Token | undefined;
  let trade: Promise<string> | undefined;
  const renew = async (): Promise<string> => {
    const request = { method: 'POST', path: '/auth/token', body, isOpen: true } as const;
    const { access_token: text } = await connection.ask<{ access_token: string }>(request);
    current = { text, spentAtMs: Date.now() + lifeMs(text) - EARLY_MS };
    return text;
  };
  return (spent) => {
    if (current !== undefined && current.text !== spent && Date.now() < current.spentAtMs) {
      return current.text;
    }
    trade ??= renew().finally(() => {
      trade = undefined;
    });
    return trade;
  };
}

/**
 * How long a new token lasts. By its own two times: the clock here may be another than that of the
 * service. One that cannot be read lasts until the service refuses it.
 */
function lifeMs(token: string): number {
  try {
    const part = token.split('.')[1] ?? '';
    const claims = JSON.parse(atob(part.replaceAll('-', '+').replaceAll('_', '/')));
    const seconds = Number(claims.exp) - Number(claims.iat);
    return Number.isNaN(seconds) ? Infinity : seconds * 1000;
  } catch {
    return Infinity;
  }
}
