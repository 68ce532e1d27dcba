// Lists that come in pages: item by item, page by page, or one page.

/** How a list is read: what its pages hold, and what is asked for next. @internal */
export interface Listing<Page, Item> {
  ask(query: Counted): Promise<Page>;
  itemsOf(page: Page): Item[];
  /** What is other in the query of the next page; none after the last. */
  next(page: Page, query: Counted): object | undefined;
  /** Where lists move while they are read: what tells an item that was given already. */
  idOf?(item: Item): string;
}

/** What every list may be asked. */
interface Counted {
  count?: number | undefined;
}

/** The most that the service gives at once: what a whole list is read by. */
const MOST_COUNT = 100;

/**
 * A list of the service. Nothing is asked before it is read, and each reading asks anew.
 *
 * @example
 * ```ts
 * for await (const account of client.accounts.list()) console.log(account.nickname);
 * const { accounts, total } = await client.accounts.list({ page: 2, returnCount: true }).page();
 * ```
 */
export class Pages<Page, Item> implements AsyncIterable<Item> {
  readonly #listing: Listing<Page, Item>;
  readonly #query: Counted;

  /** @internal */
  constructor(listing: Listing<Page, Item>, query: Counted) {
    this.#listing = listing;
    this.#query = query;
  }

  /** The one page that the query names, as the service answers it. */
  page(): Promise<Page> {
    return this.#listing.ask(this.#query);
  }

  /** This page and all that follow. */
  async *pages(): AsyncGenerator<Page, void, undefined> {
    let query: Counted = { ...this.#query, count: this.#query.count ?? MOST_COUNT };
    for (;;) {
      const page = await this.#listing.ask(query);
      yield page;
      const other = this.#listing.next(page, query);
      if (other === undefined) return;
      query = { ...query, ...other };
    }
  }

  /** All items, from this page on. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    const { itemsOf, idOf } = this.#listing;
    const seen = new Set<string>();
    for await (const page of this.pages()) {
      for (const item of itemsOf(page)) {
        if (idOf !== undefined) {
          const id = idOf(item);
          if (seen.has(id)) continue;
          seen.add(id);
        }
        yield item;
      }
    }
  }
}

/** A list by numbers of pages: the last one is not full. @internal */
export function numbered<Query extends Counted & { page?: number | undefined }, Page, Item>(
  ask: (query: Query) => Promise<Page>,
  itemsOf: (page: Page) => Item[],
  idOf: (item: Item) => string,
  query: Query,
): Pages<Page, Item> {
  const next = (page: Page, { count = MOST_COUNT, page: number = 1 }: Query) =>
    itemsOf(page).length < count ? undefined : { page: number + 1 };
  const listing = {
    ask: (asked: Counted) => ask(asked as Query),
    next: (page: Page, asked: Counted) => next(page, asked as Query),
    itemsOf,
    idOf,
  };
  return new Pages(listing, query);
}

/** A list whose pages name what comes after them. @internal */
export function linked<Query extends Counted, Page extends { nextPage?: string }, Item>(
  ask: (query: Query) => Promise<Page>,
  itemsOf: (page: Page) => Item[],
  follow: (nextPage: string) => Partial<Query>,
  query: Query,
): Pages<Page, Item> {
  const listing = {
    ask: (asked: Counted) => ask(asked as Query),
    next: ({ nextPage }: Page) => (nextPage === undefined ? undefined : follow(nextPage)),
    itemsOf,
  };
  return new Pages(listing, query);
}
