// The question asked of the engine: as typed, as it stands in the address, as digits.

/** What the controls hold. Accounts and days are kept as typed, right or wrong. */
export interface Question {
  /** A tier's id; empty means the catalog's default tier. */
  readonly tier: string;
  readonly accounts: string;
  readonly days: string;
  /** The accounts are created in this period, so each costs its creation charge. */
  readonly newAccounts: boolean;
}

/** ASCII digits without leading zeros: a whole number of any size, as JSON writes it. */
export type Digits = `${number}` & { readonly digits: unique symbol };

export type Field = 'tier' | 'accounts' | 'days' | 'newAccounts';

/** What is wrong with a question: beside a field, or with the question as a whole. */
export type Problems = Readonly<Partial<Record<Field | 'whole', string>>>;

const START: Question = { tier: '', accounts: '100', days: '30', newAccounts: false };

export function questionFromSearch(search: string): Question {
  const query = new URLSearchParams(search);
  return {
    tier: query.get('tier') ?? START.tier,
    accounts: query.get('accounts') ?? START.accounts,
    days: query.get('days') ?? START.days,
    newAccounts: query.get('new') === '1',
  };
}

export function searchFromQuestion(question: Question): string {
  const { tier, accounts, days, newAccounts } = question;
  const query = new URLSearchParams({ tier, accounts, days });
  if (newAccounts) query.set('new', '1');
  return `?${query}`;
}

/** The digits of a typed whole number, none of them lost; null if it is anything else. */
export function digitsOf(typed: string): Digits | null {
  const text = typed.trim();
  return /^\d+$/.test(text) ? (text.replace(/^0+(?=\d)/, '') as Digits) : null;
}

/** Why a typed text is no whole number, for the person who typed it. */
export function digitsProblem(typed: string, what: string): string {
  return typed.trim() === ''
    ? `Enter the number of ${what}, for example 30.`
    : `Enter the number of ${what} with digits only, for example 3000.`;
}
