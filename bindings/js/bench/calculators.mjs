// The calculator of one graduated price as one would write it with a decimal library: bands made
// once, no more operations than needed, the same rows, texts and totals.

/** The account-day price of the tier that is measured, as its owner would copy it. */
const BANDS = [
  { upTo: 3000, unitPrice: '0.4' },
  { upTo: 15000, unitPrice: '0.33' },
  { upTo: 30000, unitPrice: '0.27' },
  { upTo: 150000, unitPrice: '0.24' },
  { upTo: null, unitPrice: '0.2' },
];

/** `Decimal` is the class of decimal.js or of big.js: what is used here, both have. */
export function calculator(Decimal, roundHalfUp) {
  const zero = new Decimal(0);
  let from = 1;
  const bands = BANDS.map(({ upTo, unitPrice }, index) => {
    const band = { number: index + 1, from, upTo: upTo ?? Infinity, price: new Decimal(unitPrice) };
    from = (upTo ?? 0) + 1;
    return band;
  });

  /** The total, with as little work as the rule asks for. */
  function total(quantity) {
    let sum = zero;
    for (const band of bands) {
      if (quantity < band.from) break;
      const units = Math.min(quantity, band.upTo) - band.from + 1;
      sum = sum.plus(band.price.times(units));
    }
    return sum;
  }

  /** The rows with their texts, the total, the amount due. */
  function quote(tier, accounts, days) {
    const quantity = accounts * days;
    const rows = [];
    let sum = zero;
    for (const band of bands) {
      if (quantity < band.from) break;
      const units = Math.min(quantity, band.upTo) - band.from + 1;
      const amount = band.price.times(units);
      sum = sum.plus(amount);
      const [unitPrice, text] = [band.price.toString(), amount.toString()];
      rows.push({
        rule: 'P5',
        tier,
        price: 'account_days',
        kind: 'units',
        band: band.number,
        from: String(band.from),
        to: band.upTo === Infinity ? null : String(band.upTo),
        quantity: String(units),
        unitPrice,
        amount: text,
        text: `${units} × ${unitPrice} = ${text}`,
      });
    }
    return { rows, total: sum.toString(), amountDue: sum.toFixed(2, roundHalfUp) };
  }

  return { total, quote };
}
