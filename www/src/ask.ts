// From the question typed to the engine's answers, or to what is wrong with the question.
import {
  type CatalogAnswer,
  type Engine,
  type QuoteAnswer,
  type TypedItem,
  type RateCardBand,
  TierwiseError,
} from './engine.ts';
import { digitsOf, digitsProblem, type Field, type Problems, type Question } from './question.ts';
import { errorWords } from './words.ts';

export interface Answers {
  readonly item: TypedItem;
  readonly quote: QuoteAnswer;
  /** The same accounts and days on each tier, the chosen one included. */
  readonly byTier: ReadonlyMap<string, QuoteAnswer | TierwiseError>;
}

export type Outcome =
  | { readonly answers: Answers; readonly problems: null }
  | { readonly answers: null; readonly problems: Problems };

export function ask(engine: Engine, catalog: CatalogAnswer, question: Question): Outcome {
  const tier = question.tier || catalog.rateCard.defaultTier;
  const accounts = digitsOf(question.accounts);
  const days = digitsOf(question.days);
  if (accounts === null || days === null) {
    const problems: Partial<Record<Field, string>> = {};
    if (accounts === null) problems.accounts = digitsProblem(question.accounts, 'accounts');
    if (days === null) problems.days = digitsProblem(question.days, 'days');
    return { answers: null, problems };
  }
  const item = { tier, accounts, days, ...(question.newAccounts && { creations: accounts }) };
  const quote = quoteOrError(engine, item);
  if (quote instanceof TierwiseError) return { answers: null, problems: problemsOf(quote) };
  const byTier = new Map(
    catalog.rateCard.tiers.map(({ id }) => [
      id,
      id === tier ? quote : quoteOrError(engine, { ...item, tier: id }),
    ]),
  );
  return { answers: { item, quote, byTier }, problems: null };
}

function quoteOrError(engine: Engine, item: TypedItem): QuoteAnswer | TierwiseError {
  try {
    return engine.quote(item);
  } catch (error) {
    if (error instanceof TierwiseError) return error;
    throw error;
  }
}

const FIELD_OF_KEY: Readonly<Record<string, Field>> = {
  tier: 'tier',
  accounts: 'accounts',
  days: 'days',
  creations: 'newAccounts',
};

/** The error goes beside the field that its path names, else below all of them. */
function problemsOf(error: TierwiseError): Problems {
  const key = /^\/items\/0\/(\w+)$/.exec(error.path)?.[1] ?? '';
  return { [FIELD_OF_KEY[key] ?? 'whole']: errorWords(error) };
}

/** A band of a tier by its number, counted from 1 as the engine counts. */
export function bandOf(
  catalog: CatalogAnswer,
  tier: string,
  band: number,
): RateCardBand | undefined {
  const bands = catalog.rateCard.tiers.find(({ id }) => id === tier)?.bands;
  return bands?.slice(0, band).at(-1);
}

/** The band that the last account-day of a quote lies in; undefined without account-days. */
export function reachedBand(catalog: CatalogAnswer, quote: QuoteAnswer): RateCardBand | undefined {
  const row = quote.rows.findLast(({ kind }) => kind === 'units');
  return row?.band ? bandOf(catalog, row.tier, row.band) : undefined;
}
