// Repeats: what an attempt came to, whether it reached the service, and how long to wait.

/** What an attempt came to. */
export interface Outcome {
  /** 0: no answer. */
  status: number;
  /** Whether what came back has the form of an answer of the service. */
  isAnswer: boolean;
  body?: unknown;
  /** The header of that name. */
  retryAfter?: string | null;
  /** Why there is no answer. */
  cause?: unknown;
}

/** The longest that a service may ask to wait: beyond it, the caller decides. */
const MOST_WAIT_MS = 60_000;

/** What Node says when there was no connection, so that no request can have got anywhere. */
const NEVER_SENT = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** Whether it is certain that a request never left; other hosts than Node do not tell. */
export function wasNeverSent(cause: unknown): boolean {
  const { cause: inner } = (cause ?? {}) as { cause?: { code?: unknown } };
  return typeof inner?.code === 'string' && NEVER_SENT.has(inner.code);
}

/** A pause that doubles each time, of which a half is up to chance: so clients do not march. */
export function backoffMs(firstMs: number, repeats: number): number {
  return firstMs * 2 ** repeats * (0.5 + Math.random() / 2);
}

/** The pause that the service asks for, and something on top; none if that is too long. */
export function retryAfterMs(header: string | null | undefined, ownMs: number): number | undefined {
  if (!header) return ownMs;
  const seconds = /^\d+$/.test(header) ? Number(header) : undefined;
  const askedMs = seconds === undefined ? Date.parse(header) - Date.now() : seconds * 1000;
  if (Number.isNaN(askedMs)) return ownMs;
  return askedMs > MOST_WAIT_MS ? undefined : Math.max(askedMs, 0) + ownMs;
}

/** Waits. Errors: the signal's reason. */
export function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const end = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, waitMs);
    signal?.addEventListener('abort', end, { once: true });
  });
}
