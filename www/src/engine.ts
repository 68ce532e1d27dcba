// The one door to the engine: loads the wasm module, asks it, types its answers. Figures stay text.
import init, { Catalog } from '../../bindings/js/pkg/tierwise.js';
import type { Digits } from './question.ts';

/** Vite copies the file into the build and puts its address here. */
const MODULE = new URL('../../bindings/js/pkg/tierwise_bg.wasm', import.meta.url);

/** A decimal string of any length (G3). `Intl.NumberFormat` formats it without a rounding. */
export type Decimal = `${number}`;

export interface QuoteItem {
  readonly tier: string;
  readonly accounts: Digits;
  readonly days: Digits;
  readonly creations?: Digits;
}

export interface QuoteAnswer {
  readonly catalog: { readonly fingerprint: string; readonly id: string; readonly version: string };
  readonly currency: string;
  readonly tiers: readonly TierAnswer[];
  readonly rows: readonly Row[];
  readonly total: Decimal;
  readonly amountDue: Decimal;
}

export interface TierAnswer {
  readonly tier: string;
  readonly prices: readonly PriceAnswer[];
  /** What the creations cost, not how many there are. */
  readonly creations: Decimal;
  readonly total: Decimal;
}

export interface PriceAnswer {
  readonly price: string;
  readonly meter: string;
  readonly quantity: Decimal;
  readonly total: Decimal;
  /** `exact` is a decimal, or a fraction `a/b`. Null at quantity 0. */
  readonly effectiveUnitPrice: { readonly exact: string; readonly rounded: Decimal } | null;
  /** Of the next whole unit. Null for a flat price. */
  readonly next: NextUnit | null;
}

export interface NextUnit {
  readonly band: number;
  readonly unitPrice: Decimal;
  readonly monthPrice: { readonly exact: Decimal; readonly shown: Decimal } | null;
  readonly unitsToNextBand: Decimal | null;
  readonly nextBandUnitPrice: Decimal | null;
}

export interface Row {
  readonly rule: string;
  readonly tier: string;
  readonly price: string | null;
  readonly kind: 'units' | 'flat_fee' | 'first_day' | 'creation';
  readonly band: number | null;
  readonly from: Decimal | null;
  readonly to: Decimal | null;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly amount: Decimal;
  /** Only in catalogs that round line by line. */
  readonly rounded?: Decimal;
  readonly text: string;
}

export interface CatalogAnswer {
  readonly catalog: {
    readonly id: string;
    readonly tiers: readonly { readonly id: string; readonly name?: string }[];
  };
  readonly fingerprint: string;
  readonly rateCard: RateCard;
}

export interface RateCard {
  readonly version: string;
  readonly currency: string;
  readonly display: { readonly days: number | Decimal; readonly step: Decimal };
  readonly rounding: { readonly mode: string; readonly places: number };
  readonly defaultTier: string;
  readonly tiers: readonly RateCardTier[];
}

export interface RateCardTier {
  readonly id: string;
  readonly rank: number;
  /** Null: no limit. */
  readonly messageLimit: number | null;
  /** 0: no history. Null: history without a limit. */
  readonly historyLimit: number | null;
  readonly creationCharge:
    | { readonly mode: 'fixed'; readonly amount: Decimal }
    | { readonly mode: 'day_rate' }
    | null;
  readonly bands: readonly RateCardBand[];
}

export interface RateCardBand {
  readonly from: number;
  readonly to: number | null;
  readonly price: Decimal;
  readonly monthPrice: Decimal;
}

/** An error of the engine: what was wrong, where (a JSON pointer), and how to mend it. */
export class TierwiseError extends Error {
  override readonly name = 'TierwiseError';
  readonly code: string;
  readonly path: string;
  readonly help: string;

  constructor(code: string, path: string, message: string, help: string) {
    super(message);
    this.code = code;
    this.path = path;
    this.help = help;
  }
}

/** The engine with the messaging catalog. */
export class Engine {
  readonly #catalog: Catalog;

  private constructor(catalog: Catalog) {
    this.#catalog = catalog;
  }

  static async load(): Promise<Engine> {
    await init({ module_or_path: MODULE });
    return new Engine(Catalog.messaging());
  }

  catalog(): CatalogAnswer {
    return this.#ask<CatalogAnswer>('catalog', '{}');
  }

  /** Throws a `TierwiseError` for a question that has no answer. */
  quote(item: QuoteItem): QuoteAnswer {
    // The digits are written as they are: through a JavaScript number they could change.
    const creations = item.creations === undefined ? '' : `,"creations":${item.creations}`;
    const members =
      `"tier":${JSON.stringify(item.tier)},"accounts":${item.accounts},"days":${item.days}` +
      creations;
    return this.#ask<QuoteAnswer>('quote', `{"items":[{${members}}]}`);
  }

  #ask<Answer>(operation: string, request: string): Answer {
    try {
      return JSON.parse(this.#catalog.ask(operation, request)) as Answer;
    } catch (error) {
      throw typedError(error);
    }
  }
}

function typedError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('path' in error)) return error;
  const help = 'help' in error ? String(error.help) : '';
  return new TierwiseError(String(error.code), String(error.path), error.message, help);
}
