// The one door to the engine: loads the package, asks it, types its answers. Figures stay text.
import { Catalog, init, type CatalogAnswer, type QuoteAnswer } from 'tierwise';
import type { Digits } from './question.ts';

export {
  type CatalogAnswer,
  type Decimal,
  type NextUnit,
  type QuoteAnswer,
  type QuoteRow,
  type RateCardBand,
  type RateCardTier,
  TierwiseError,
} from 'tierwise';

/** An item of a basket, its numbers as they were typed. */
export interface TypedItem {
  readonly tier: string;
  readonly accounts: Digits;
  readonly days: Digits;
  readonly creations?: Digits;
}

/** The engine with the messaging catalog. */
export class Engine {
  readonly #catalog: Catalog;

  private constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  static async load(): Promise<Engine> {
    await init();
    return new Engine(Catalog.messaging());
  }

  catalog(): CatalogAnswer {
    return this.#catalog.catalog();
  }

  /** Throws a `TierwiseError` for a question that has no answer. */
  quote(item: TypedItem): QuoteAnswer {
    // The digits are written as they are: through a JavaScript number they could change.
    const creations = item.creations === undefined ? '' : `,"creations":${item.creations}`;
    const members =
      `"tier":${JSON.stringify(item.tier)},"accounts":${item.accounts},"days":${item.days}` +
      creations;
    return JSON.parse(this.#catalog.ask('quote', `{"items":[{${members}}]}`)) as QuoteAnswer;
  }
}
