// What must not compile: one error a line.
import { Catalog, type Decimal } from 'tierwise';

const catalog = Catalog.messaging();
catalog.priceOf({ tier: 'premium', n: 1 });
catalog.round({ total: 1.5 });
export const due: number = catalog.round({ total: '1.5' }).amount_due;
export const text: Decimal = 'much';
