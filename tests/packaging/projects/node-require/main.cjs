// Node, `require`; and what `import` gives beside it.
const tierwise = require('tierwise');
const client = require('tierwise/client');
const slim = require('tierwise/slim');

async function main() {
  const { check } = await import('./check.js');
  const imported = await import('tierwise');
  if (imported.TierwiseError !== tierwise.TierwiseError) throw new Error('two classes of errors');
  if (slim.Catalog !== tierwise.Catalog) throw new Error('two classes of catalogs');
  const { Client } = await import('tierwise/client');
  if (Client !== client.Client) throw new Error('two classes of clients');
  console.log(check(tierwise));
}

void main();
