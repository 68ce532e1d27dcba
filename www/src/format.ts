// Figures as people read them. The engine's decimal strings go to `Intl` as they are, never through
// a number, so no digit is lost and nothing is rounded here.
import type { Decimal } from './engine.ts';

/** The language that the page is written in, so that figures and words agree. */
const LANGUAGE = 'en';
/** More than any figure has, so that `Intl` never rounds. */
const MAX_DECIMALS = 20;

const counts = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: MAX_DECIMALS });

/** `"3030"` → `3,030`. */
export function count(quantity: Decimal | number): string {
  return counts.format(quantity);
}

/** `1 account`, `101 accounts`. */
export function counted(quantity: Decimal, one: string, many: string): string {
  return `${count(quantity)} ${quantity === '1' ? one : many}`;
}

export type Money = (amount: Decimal) => string;

/** For `USD`: `"1209.9"` → `$1,209.90`, `"0.034"` → `$0.034`. */
export function moneyIn(currency: string): Money {
  const format = new Intl.NumberFormat(LANGUAGE, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: MAX_DECIMALS,
  });
  return (amount) => format.format(amount);
}

/** For display prices: `"12"` → `$12`, `"4.5"` → `$4.50`. */
export function shortMoneyIn(currency: string): Money {
  const format = new Intl.NumberFormat(LANGUAGE, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    maximumFractionDigits: MAX_DECIMALS,
    trailingZeroDisplay: 'stripIfInteger',
  });
  return (amount) => format.format(amount);
}
