// Words for what the engine answers: rows, limits, charges, errors.
import type { CatalogAnswer, RateCardTier, QuoteRow, TierwiseError } from './engine.ts';
import { count, type Money } from './format.ts';

export function tierName(catalog: CatalogAnswer, id: string): string {
  return catalog.catalog.tiers.find((tier) => tier.id === id)?.name ?? id;
}

/** The account-days of a band: `1 to 3,000`, `from 150,001`, `any number`. */
export function bandRange(from: string | number, to: string | number | null): string {
  const first = count(from as `${number}`);
  if (to !== null) return `${first} to ${count(to as `${number}`)}`;
  return first === '1' ? 'any number' : `from ${first}`;
}

export function rowWords(row: QuoteRow): string {
  switch (row.kind) {
    case 'units':
      if (row.from === null) return 'Account-days';
      if (row.from === '1' && row.to === null) return 'All account-days';
      return `Account-days ${bandRange(row.from, row.to)}`;
    case 'flat_fee':
      return 'Fixed fee';
    case 'creation':
      return row.rule === 'C1' ? 'New accounts, fixed charge' : 'New accounts, a day’s price each';
    case 'first_day':
      return 'First day, paid with the creation charge';
  }
}

export function messageWords(tier: RateCardTier): string {
  return tier.messageLimit === null
    ? 'Messages without limit'
    : `${count(tier.messageLimit)} messages per account and period`;
}

export function historyWords(tier: RateCardTier): string {
  if (tier.historyLimit === 0) return 'No chat history';
  return tier.historyLimit === null
    ? 'Chat history without limit'
    : `Chat history, up to ${count(tier.historyLimit)} messages`;
}

export function creationWords(tier: RateCardTier, money: Money): string {
  switch (tier.creationCharge?.mode) {
    case 'fixed':
      return `${money(tier.creationCharge.amount)} once for a new account`;
    case 'day_rate':
      return 'A day’s price once for a new account';
    default:
      return 'No charge for a new account';
  }
}

const ROUNDING_WORDS: Readonly<Record<string, string>> = {
  half_up: 'halves up',
  half_even: 'halves to even',
  up: 'away from zero',
  down: 'towards zero',
  ceil: 'up',
  floor: 'down',
};

export function roundingWords(rounding: { mode: string; places: number }): string {
  const mode = ROUNDING_WORDS[rounding.mode] ?? rounding.mode;
  return `rounded to ${count(rounding.places)} decimals, ${mode}`;
}

/** The engine's message and help (lower case, no full stop, `names` in backticks) as sentences. */
export function errorWords(error: TierwiseError): string {
  return [error.message, error.help].filter(Boolean).map(sentence).join(' ');
}

function sentence(text: string): string {
  const quoted = text.replace(/`([^`]*)`/g, '“$1”');
  const started = quoted.replace(/^[a-z]/, (letter) => letter.toUpperCase());
  return /[.!?]$/.test(started) ? started : `${started}.`;
}
