// Baskets of the plainest kind, as numbers: quicker than as JSON, and no other way to an error.

/** The most items that cross as numbers. */
const MOST_ITEMS = 100;

/**
 * The items of a request, four numbers each: the place of the tier, accounts, days, creations. None
 * if anything about them is unusual or wrong: asked as JSON, the engine says what.
 */
export function plainItems(
  request: unknown,
  places: ReadonlyMap<unknown, number>,
): number[] | undefined {
  if (!isObject(request)) return undefined;
  const { items } = request;
  if (!Array.isArray(items) || keysOf(request) !== 1) return undefined;
  if (items.length === 0 || items.length > MOST_ITEMS) return undefined;
  const numbers: number[] = [];
  for (let index = 0; index < items.length; index += 1) {
    const item: unknown = items[index];
    // A getter may have made the list longer.
    if (index >= MOST_ITEMS || !isObject(item)) return undefined;
    const { tier, accounts, days, accountDays, creations } = item;
    const place = places.get(tier);
    let keys = 2;
    if (place === undefined) return undefined;
    if (accountDays === undefined) {
      if (typeof accounts !== 'number' || typeof days !== 'number') return undefined;
      keys = 3;
      numbers.push(place, accounts, days);
    } else {
      if (typeof accountDays !== 'number') return undefined;
      numbers.push(place, accountDays, 1);
    }
    if (creations === undefined) numbers.push(0);
    else if (typeof creations !== 'number') return undefined;
    else {
      keys += 1;
      numbers.push(creations);
    }
    // No key but those.
    if (keysOf(item) !== keys) return undefined;
  }
  return numbers;
}

/** How many keys an object has, those of its prototype included: there is none, or all is asked. */
function keysOf(value: object): number {
  let keys = 0;
  // Quicker than a list of them.
  for (const _ in value) keys += 1;
  return keys;
}

/** An object literal of this window. */
function isObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}
