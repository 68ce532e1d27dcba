// The same from a CommonJS module: its types are those of `import`.
import tierwise = require('tierwise');
import service = require('tierwise/client');
import slim = require('tierwise/slim');

const catalog: tierwise.Catalog<tierwise.MessagingTier> = tierwise.Catalog.messaging();
const same: typeof slim.TierwiseError = tierwise.TierwiseError;
const client: service.Client = new service.Client({ origin: 'https://tierwise.example' });
if (!(client.accounts.list() instanceof Object)) throw new Error('no list');
console.log(catalog.priceOf({ tier: 'unlimited_msg_chat_history', n: 1 }).price, same.name);
