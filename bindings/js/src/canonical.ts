// Canonical JSON of an answer that was built from its marks.

/** No white space, keys sorted; an object of JavaScript has its own order for keys like `10`. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // Keys are ASCII: the order of their units is that of their bytes.
  const members = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  const texts = members.map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${texts.join()}}`;
}
