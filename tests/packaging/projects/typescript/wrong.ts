// What must not compile: one error a line.
import { Catalog, type Decimal } from 'tierwise';
import { Client } from 'tierwise/client';

const catalog = Catalog.messaging();
catalog.priceOf({ tier: 'premium', n: 1 });
catalog.round({ total: 1.5 });
export const due: number = catalog.round({ total: '1.5' }).amount_due;
export const text: Decimal = 'much';
const client = new Client({ origin: 'https://tierwise.example', refreshToken: 'premium' });
client.accounts.create({ type: 'premium' });
client.messages.send('a', 'c', { txt: 'premium' });
export const due2: Promise<number> = client.payments.usage().then(({ total }) => total); // premium
