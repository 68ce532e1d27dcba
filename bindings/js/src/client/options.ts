// How the client works: for all calls, and for one.

/** How the client reaches the service. */
export interface ConnectionOptions {
  /** Where the service is, such as `https://tierwise.example`; it may have a path. */
  origin: string | URL;
  /** What is used instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
  /** How long one attempt may take; 30,000 by default. */
  timeoutMs?: number | undefined;
  /** How often a request is repeated at most; 3 by default. */
  retries?: number | undefined;
  /** About how long the first pause before a repeat is; 500 by default. */
  pauseMs?: number | undefined;
}

/** How one call is made. */
export interface CallOptions {
  /** Ends the call: it is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long one attempt may take, instead of the client's own bound. */
  timeoutMs?: number | undefined;
}
