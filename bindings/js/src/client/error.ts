// The one class of errors of the client: what the service refused, or that it gave no answer.

/** The codes of the contract, section 1.4. */
export type ServiceCode =
  | 'bad_request'
  | 'unknown_tier'
  | 'same_tier'
  | 'nothing_to_change'
  | 'empty_message'
  | 'unsupported_option'
  | 'unknown_scope'
  | 'unsupported_grant'
  | 'bad_token'
  | 'bad_refresh_token'
  | 'quota_exhausted'
  | 'missing_scope'
  | 'not_a_member'
  | 'no_scope_granted'
  | 'not_found'
  | 'method_not_allowed'
  | 'account_archived'
  | 'report_stale'
  | 'id_reused'
  | 'message_out'
  | 'message_settled'
  | 'too_large'
  | 'account_not_open'
  | 'rate_limited'
  | 'too_slow'
  | 'overloaded'
  | 'store_away'
  | 'internal';

/**
 * The client's own codes: `no_answer`, nothing came back, and it may be repeated under the names in
 * `data` (`id`, `ids` or `idempotencyKey`), which make it be done once; `outcome_unknown`, nothing
 * came back, and it may have been done or not: `data.findOut` says how to find out;
 * `not_an_answer`, what came back is none of this service.
 */
export type ClientCode = 'no_answer' | 'outcome_unknown' | 'not_an_answer';

/** Any code; a later version of the service may have more. */
export type ServiceErrorCode = ServiceCode | ClientCode | (string & {});

/**
 * Why a call failed: for programs `statusCode`, `code` and `data`, for people `message`.
 *
 * @example
 * ```ts
 * try {
 *   await client.messages.send(accountId, chatId, { text: 'Hello' });
 * } catch (error) {
 *   if (!(error instanceof ServiceError && error.code === 'quota_exhausted')) throw error;
 *   console.log(error.data.resetsAt);
 * }
 * ```
 */
export class ServiceError extends Error {
  /** The status of the answer; 0 if there was none. */
  readonly statusCode: number;
  /** A stable word in snake case. */
  readonly code: ServiceErrorCode;
  /** The code once more, and what depends on it, such as `field`, `limit` or `resetsAt`. */
  readonly data: { readonly code: ServiceErrorCode; readonly [key: string]: unknown };

  /** Programs seldom make one themselves; tests may. */
  constructor(
    statusCode: number,
    data: { readonly code: ServiceErrorCode; readonly [key: string]: unknown },
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.statusCode = statusCode;
    this.code = data.code;
    this.data = data;
  }

  /** What `JSON.stringify` writes: the envelope of the service. */
  toJSON(): { statusCode: number; message: string; data: ServiceError['data'] } {
    const { statusCode, message, data } = this;
    return { statusCode, message, data };
  }
}

// On the prototype, as that of other errors: printed, but no property of each error.
Object.defineProperty(ServiceError.prototype, 'name', {
  value: 'ServiceError',
  configurable: true,
  writable: true,
});

/** The error that an answer is; what has not the form of the service has a code of the client. */
export function refusalOf(status: number, answer: unknown, place: string): ServiceError {
  const { data, message } = (answer ?? {}) as { data?: { code?: unknown }; message?: unknown };
  if (typeof data?.code === 'string' && typeof message === 'string') {
    return new ServiceError(status, data as { code: string }, message);
  }
  const what = status < 400 && status >= 300 ? 'a redirection, which is not followed' : status;
  return new ServiceError(
    status,
    { code: 'not_an_answer' },
    `${place} was answered with ${what}, and not by the service: is the origin right?`,
  );
}
