// Node, `import`; and what `require` gives beside it.
import { createRequire } from 'node:module';
import * as tierwise from 'tierwise';
import * as client from 'tierwise/client';
import * as slim from 'tierwise/slim';
import { check } from './check.js';

const required = createRequire(import.meta.url)('tierwise');
if (required.TierwiseError !== tierwise.TierwiseError) throw new Error('two classes of errors');
if (slim.Catalog !== tierwise.Catalog) throw new Error('two classes of catalogs');
const { Client } = createRequire(import.meta.url)('tierwise/client');
if (Client !== client.Client) throw new Error('two classes of clients');
await tierwise.init();
console.log(check(tierwise));
