// A row of a quote in words.
import type { Decimal, QuoteRow } from './wire.js';

/** The equation of a row (X1), as the engine writes it: `30 × 0.33 = 9.9`. */
export function equation(
  kind: QuoteRow['kind'],
  quantity: Decimal,
  unitPrice: Decimal,
  amount: Decimal,
): string {
  // What creations pay of the usage is taken away from it (C3).
  return kind === 'first_day'
    ? `-(${quantity} × ${unitPrice}) = ${amount}`
    : `${quantity} × ${unitPrice} = ${amount}`;
}
