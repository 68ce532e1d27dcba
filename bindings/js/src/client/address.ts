// Addresses: segments of a path, and queries as the contract writes them.

/** What a query may hold; `undefined` is left out. */
export type QueryValue =
  | string
  | number
  | boolean
  | Date
  | readonly string[]
  | { readonly [name: string]: string | Date }
  | undefined;

/** A path from its segments; those behind a word of the API are any text. */
export function pathOf(words: TemplateStringsArray, ...segments: readonly string[]): string {
  return segments.reduce(
    (path, segment, index) => path + segmentOf(segment) + (words[index + 1] ?? ''),
    words[0] ?? '',
  );
}

/** Errors: TypeError for text that no address can hold as one segment. */
function segmentOf(text: string): string {
  // `fetch` takes both for steps within the path, however they are encoded.
  if (typeof text !== 'string' || text === '' || text === '.' || text === '..') {
    throw new TypeError(`\`${text}\` cannot stand in an address`);
  }
  return encodeURIComponent(text);
}

/** `?a=1&list[0]=x&range[start]=…`, or nothing. */
export function queryOf(query: { readonly [name: string]: QueryValue }): string {
  const parts: string[] = [];
  const add = (name: string, value: string | number | boolean | Date) => {
    const text = value instanceof Date ? value.toISOString() : value;
    parts.push(`${name}=${encodeURIComponent(text)}`);
  };
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value !== 'object' || value instanceof Date) add(name, value);
    // The keys of a list are its indices: a list and an object are written alike.
    else for (const [key, part] of Object.entries(value)) add(`${name}[${key}]`, part);
  }
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}

/** A UUID of version 4; `crypto.randomUUID` is missing in pages that came without TLS. */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
