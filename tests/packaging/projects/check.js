// What every project computes with the package, as one line of text.
export function check({ Catalog, TierwiseError }) {
  const tier = 'unlimited_msg_chat_history';
  const catalog = Catalog.messaging();
  const quote = catalog.quote({ items: [{ tier, accounts: 101, days: 30 }] });
  const price = catalog.price(tier);
  const column = price.totals(new Uint32Array([30, 3030]));
  const codeOf = (call) => {
    try {
      call();
    } catch (error) {
      return `${error.code} ${error.path}${error instanceof TierwiseError ? '' : ' no class'}`;
    }
  };
  return [
    `${quote.amountDue} = ${quote.rows.map(({ amount }) => amount).join(' + ')}`,
    price.total(3030),
    `${column.at(0)},${column.at(1)}`,
    codeOf(() => catalog.priceOf({ tier: 'premium', n: 1 })),
    codeOf(() => catalog.quote({ items: [{ tier: undefined }] })),
  ].join('; ');
}
