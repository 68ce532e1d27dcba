// A strict project: tier ids are words, money is `Decimal`, errors have fields.
import { Catalog, type Decimal, type QuoteAnswer, TierwiseError } from 'tierwise';
import { type AccountPage, type Client, type Money, ServiceError } from 'tierwise/client';

const catalog = Catalog.load({
  tierwise: 1,
  id: 'mine',
  version: '1',
  currency: 'EUR',
  meters: { day: { kind: 'active_days' } },
  tiers: [
    { id: 'free', rank: 1 },
    {
      id: 'paid',
      rank: 2,
      prices: [{ id: 'days', meter: 'day', model: 'per_unit', unitPrice: '0.4' }],
    },
  ],
});
const answer: QuoteAnswer<'free' | 'paid'> = catalog.quote({
  items: [{ tier: 'paid', accounts: 2, days: 30n }],
});
const due: Decimal = answer.amountDue;
try {
  catalog.priceOf({ tier: 'free', n: 1 });
} catch (error) {
  if (!(error instanceof TierwiseError)) throw error;
  const code: string = error.code;
  console.log(due, code, error.path);
}

// The client of the service: its answers are those of the contract.
export async function amounts(client: Client): Promise<Money[]> {
  const found: Money[] = [];
  try {
    for await (const { lines } of client.payments.invoices({ count: 1 })) {
      found.push(...lines.map(({ amount }) => amount));
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const status: number = error.statusCode;
    console.log(status, error.code);
  }
  const { accounts }: AccountPage = await client.accounts.list({ count: 1 }).page();
  const page: string | undefined = accounts[0]?.nickname;
  return page === undefined ? [] : found;
}
