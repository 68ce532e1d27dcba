// One request to the service: its token, its time-out, and when it is repeated.
import { refusalOf, ServiceError } from './error.js';
import type { CallOptions, ConnectionOptions } from './options.js';
import { backoffMs, type Outcome, pause, retryAfterMs, wasNeverSent } from './repeats.js';
import type { TokenSource } from './tokens.js';

/** A request as an operation describes it. */
export interface Request {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** From the origin on, with its query. */
  path: string;
  body?: unknown;
  headers?: Record<string, string> | undefined;
  /** No token is sent. */
  isOpen?: boolean;
  /**
   * For a request that must not be repeated while nobody knows whether it was carried out: how to
   * find that out. Without it, doing it twice is as good as once.
   */
  findOut?: string;
  /** Names that the request has, by which a repeat of the caller's own is done once, too. */
  names?: Record<string, unknown>;
  /** It removes something: that this is gone at a repeat is what was asked for. */
  isRemoval?: boolean;
}

/** Statuses that are answered before anything was changed. */
const NOTHING_CHANGED = new Set([429, 503]);
/** Statuses by which a proxy says that the service gave it no answer. */
const NO_ANSWER = new Set([502, 504]);

/** The way to one service, with its manners. */
export class Connection {
  readonly #origin: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #retries: number;
  readonly #pauseMs: number;
  readonly #tokens: TokenSource | undefined;

  constructor(options: ConnectionOptions, tokens?: TokenSource) {
    const { origin, timeoutMs = 30_000, retries = 3, pauseMs = 500 } = options;
    const { protocol, username, href } = new URL(origin);
    // Found here: `fetch` tells such addresses and broken connections by the same error.
    if (!/^https?:$/.test(protocol) || username !== '') {
      throw new TypeError(`\`${origin}\` is no origin of a service`);
    }
    this.#origin = href.replace(/\/+$/, '');
    // Called as a function: that of browsers refuses to be a method of something else.
    const { fetch: given = (...words) => fetch(...words) } = options;
    this.#fetch = (...words) => given(...words);
    this.#timeoutMs = timeoutMs;
    this.#retries = retries;
    this.#pauseMs = pauseMs;
    this.#tokens = tokens;
  }

  /** The body of the answer, as JSON; `undefined` where it has none. Errors: `ServiceError`. */
  async ask<T>(request: Request, options: CallOptions = {}): Promise<T> {
    const { signal } = options;
    signal?.throwIfAborted();
    let token = await this.#token(request, undefined, signal);
    let isRenewed = false;
    let mayBeDone = false;
    for (let repeats = 0; ; ) {
      const outcome = await this.#attempt(request, token, options);
      const { status } = outcome;
      if (outcome.isAnswer && status >= 200 && status < 300) return outcome.body as T;
      // A removal whose answer was lost: that there is nothing any more is its success.
      if (status === 404 && request.isRemoval && mayBeDone) return { success: true } as T;
      if (status === 401 && token !== undefined && !isRenewed) {
        isRenewed = true;
        const next = await this.#token(request, token, signal);
        if (next !== token) {
          token = next;
          continue;
        }
      }
      const isUnknown = status === 0 ? !wasNeverSent(outcome.cause) : NO_ANSWER.has(status);
      mayBeDone ||= isUnknown;
      const waitMs = this.#waitMs(request, outcome, isUnknown, repeats);
      if (waitMs === undefined) throw failure(request, outcome, isUnknown);
      repeats += 1;
      await pause(waitMs, signal);
    }
  }

  /** How long to wait before a repeat; none if there must be no repeat. */
  #waitMs(
    request: Request,
    outcome: Outcome,
    isUnknown: boolean,
    repeats: number,
  ): number | undefined {
    const mayRepeat = isUnknown
      ? request.findOut === undefined
      : outcome.status === 0 || NOTHING_CHANGED.has(outcome.status);
    if (!mayRepeat || repeats >= this.#retries) return undefined;
    return retryAfterMs(outcome.retryAfter, backoffMs(this.#pauseMs, repeats));
  }

  async #token(
    request: Request,
    spent: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    if (request.isOpen) return undefined;
    if (this.#tokens === undefined) {
      throw new TypeError('this needs `refreshToken` and `teamId`, or `token`, of the client');
    }
    // Others may wait for the same trade: it goes on when one of them does not.
    return unless(signal, this.#tokens(spent));
  }

  async #attempt(
    request: Request,
    token: string | undefined,
    { signal, timeoutMs = this.#timeoutMs }: CallOptions,
  ): Promise<Outcome> {
    const { method, path, body } = request;
    const headers = new Headers(request.headers);
    headers.set('accept', 'application/json');
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
    if (body !== undefined) headers.set('content-type', 'application/json');
    const text = body === undefined ? null : JSON.stringify(body);
    const ending = new AbortController();
    const end = () => ending.abort(signal?.reason);
    const late = () => ending.abort(new Error(`there was no answer within ${timeoutMs} ms`));
    const timer = setTimeout(late, timeoutMs);
    signal?.addEventListener('abort', end, { once: true });
    try {
      const response = await this.#fetch(`${this.#origin}${path}`, {
        method,
        headers,
        body: text,
        signal: ending.signal,
        // A token goes nowhere else, and a POST does not become a GET.
        redirect: 'manual',
      });
      return await read(response);
    } catch (cause) {
      // What the caller wished is no failure.
      signal?.throwIfAborted();
      const why = ending.signal.aborted ? ending.signal.reason : cause;
      return { status: 0, isAnswer: false, cause: why };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }
}

async function read(response: Response): Promise<Outcome> {
  const retryAfter = response.headers.get('retry-after');
  const text = await response.text();
  // Pages see nothing of a redirection, not even its status.
  const status = response.type === 'opaqueredirect' ? 302 : response.status;
  if (status === 204) return { status, isAnswer: true, retryAfter };
  try {
    return { status, isAnswer: true, body: JSON.parse(text), retryAfter };
  } catch {
    return { status, isAnswer: false, retryAfter };
  }
}

function failure(request: Request, outcome: Outcome, isUnknown: boolean): ServiceError {
  const place = `${request.method} ${request.path.replace(/\?.*/s, '')}`;
  const { status, body, cause } = outcome;
  if (!isUnknown && status !== 0) return refusalOf(status, body, place);
  const options = cause === undefined ? undefined : { cause };
  const why = cause instanceof Error ? `: ${cause.message}` : '';
  const { findOut, names } = request;
  if (!isUnknown || findOut === undefined) {
    const data = { ...names, code: 'no_answer' };
    return new ServiceError(status, data, `${place} got no answer${why}`, options);
  }
  return new ServiceError(
    status,
    { code: 'outcome_unknown', findOut },
    `${place} was sent and got no answer, so it may have been done or not${why}; ${findOut}`,
    options,
  );
}

/** Waits for something as long as the signal lets it. Errors: the signal's reason. */
async function unless<T>(signal: AbortSignal | undefined, wanted: T | PromiseLike<T>): Promise<T> {
  if (signal === undefined) return wanted;
  let end = () => {};
  const ended = new Promise<never>((_, reject) => {
    end = () => reject(signal.reason);
    signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([wanted, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
