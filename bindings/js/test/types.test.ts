// What the types allow and refuse: compiled, never run. An expected error that is none fails.
import {
  type AmountColumn,
  Catalog,
  type Decimal,
  type MessagingTier,
  type Price,
  type QuoteAnswer,
  TierwiseError,
} from 'tierwise';

/** Compiles only if both types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;
function same<One, Other>(_proof: Same<One, Other>): void {}

const document = {
  tierwise: 1,
  id: 'mine',
  version: '1',
  currency: 'EUR',
  meters: { day: { kind: 'active_days' } },
  tiers: [
    { id: 'free', rank: 1, prices: [] },
    {
      id: 'paid',
      rank: 2,
      prices: [{ id: 'days', meter: 'day', model: 'per_unit', unitPrice: '0.4' }],
    },
  ],
} as const;

// Ids are words, from a constant and from an object written in place.
const mine = Catalog.load(document);
same<typeof mine, Catalog<'free' | 'paid'>>(true);
const inPlace = Catalog.load({
  tierwise: 1,
  id: 'mine',
  version: '1',
  currency: 'EUR',
  tiers: [{ id: 'only', rank: 1 }],
});
same<typeof inPlace, Catalog<'only'>>(true);
const byText = Catalog.load('{}');
same<typeof byText, Catalog<string>>(true);
const messaging = Catalog.messaging();
same<typeof messaging, Catalog<MessagingTier>>(true);

// A wrong id, a wrong key, a float for money: none compiles.
mine.priceOf({ tier: 'paid', n: 1 });
// @ts-expect-error: no such tier
mine.priceOf({ tier: 'premium', n: 1 });
// @ts-expect-error: no such tier
mine.price('premium');
// @ts-expect-error: `n` is missing
mine.priceOf({ tier: 'paid' });
// @ts-expect-error: no such key
mine.priceOf({ tier: 'paid', n: 1, more: 1 });
// @ts-expect-error: money is text
mine.round({ total: 1.5 });
// @ts-expect-error: two of three forms
mine.quote({ items: [{ tier: 'paid', accounts: 1, days: 1, accountDays: 1 }] });
// @ts-expect-error: no such word
mine.quota({ tier: 'paid', sent: 0, waiting: 0, asked: 1, kind: 'chat' });
// @ts-expect-error: a catalog has tiers
Catalog.load({ tierwise: 1, id: 'mine', version: '1', currency: 'EUR' });
// @ts-expect-error: handles are loaded, not made
new Catalog();

// Answers: exact text for money, ids of the catalog's own tiers.
const quote = mine.quote({ items: [{ tier: 'paid', accounts: 101n, days: 30 }] });
same<typeof quote, QuoteAnswer<'free' | 'paid'>>(true);
same<(typeof quote)['amountDue'], Decimal>(true);
same<(typeof quote)['rows'][number]['tier'], 'free' | 'paid'>(true);
// @ts-expect-error: answers are read, not written
quote.total = '0';
const text: string = quote.total;
// @ts-expect-error: money is no number
const number: number = quote.total;

// Errors.
function codeOf(error: unknown): string {
  return error instanceof TierwiseError ? `${error.code} ${error.path} ${error.help}` : '';
}

// Prices and columns.
using price: Price = mine.price('paid', 'day');
const amount: Decimal = price.total(3030n);
const column: AmountColumn = price.totals(new Float64Array(3));
const row: Decimal | undefined = column.at(0);
same<(typeof column)['scale'], 6>(true);
// @ts-expect-error: quantities are numbers
price.totals(['1']);

export { amount, codeOf, number, row, text };
