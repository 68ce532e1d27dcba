// The client against the contract's own file: every operation has its call, every field its name.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { accessToken, clientOf, json } from './loopback.mjs';

const text = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const CONTRACT = text('../../../docs/api/openapi.yaml');
const TYPES = ['answers', 'error', 'requests', 'tokens']
  .map((name) => text(`../src/client/${name}.ts`))
  .join('\n');

/** Of the file: method and path of every operation, names in the path left out. */
function operations() {
  const found = [];
  let path = '';
  for (const line of CONTRACT.split('\n')) {
    path = /^ {2}(\/\S*):$/.exec(line)?.[1] ?? path;
    const method = /^ {4}(get|post|patch|delete):$/.exec(line)?.[1];
    if (method === undefined) continue;
    found.push(`${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '*')}`);
  }
  return found.sort();
}

const NOTHING = { accounts: [], chats: [], messages: [], teams: [], invoices: [], keys: [] };
/** Every call of the client; what the contract has in braces is called `*`. */
const CALLS = [
  (client) => client.health(),
  ({ auth }) => auth.publicKeys(),
  ({ auth }) => auth.revoke(),
  ({ auth }) => auth.teams().page(),
  ({ accounts }) => accounts.create({ type: 'mock' }),
  ({ accounts }) => accounts.list().page(),
  ({ accounts }) => accounts.get('*'),
  ({ accounts }) => accounts.report('*', { end: 'archive' }),
  ({ accounts }) => accounts.change('*', {}),
  ({ accounts }) => accounts.archive('*'),
  ({ accounts }) => accounts.delete('*'),
  ({ accounts }) => accounts.open('*'),
  ({ accounts }) => accounts.close('*'),
  ({ accounts }) => accounts.chats('*').page(),
  ({ accounts }) => accounts.queue(),
  ({ messages }) => messages.send('*', '*', {}),
  ({ messages }) => messages.sendToMany('*', { recipients: [] }),
  ({ messages }) => messages.read('*', '*').page(),
  ({ messages }) => messages.all().page(),
  ({ messages }) => messages.edit('*', '*', '*', {}),
  ({ messages }) => messages.remove('*', '*', '*'),
  ({ messages }) => messages.retry('*'),
  ({ messages }) => messages.clear('*'),
  ({ payments }) => payments.catalog(),
  ({ payments }) => payments.team(),
  ({ payments }) => payments.access('*'),
  ({ payments }) => payments.usage(),
  ({ payments }) => payments.invoices().page(),
];

test('every operation of the contract has a call, and there is no other', async (context) => {
  const { client, requests } = await clientOf(
    context,
    (response, _, { url, method }) => {
      const isSent = method === 'POST' && url.startsWith('/im/messages');
      const answer = isSent ? [{}] : { ...NOTHING, access_token: accessToken() };
      json(response, 200, answer);
    },
    { token: undefined, refreshToken: 'kept', teamId: 'acme' },
  );
  for (const call of CALLS) await call(client);
  const asked = requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`);
  assert.deepEqual(asked.sort(), operations());
});

/** Of tokens, which the client reads itself; and how days are counted, which is any text here. */
const UNNAMED = new Set(
  'access_token refresh_token_expiry scope iat user '
    .concat('excluded included highest first last additional first_day marginal first_band')
    .split(' '),
);

test('every field and every word of the contract’s schemas is in the types', () => {
  const schemas = CONTRACT.slice(CONTRACT.indexOf('\n  schemas:'));
  const listed = (key) =>
    [...schemas.matchAll(new RegExp(`${key}: \\[([^\\]]*)\\]`, 'g'))].flatMap(([, list]) =>
      list.split(', '),
    );
  const below = [...schemas.matchAll(/^ {8}- ([A-Z_]+|[a-z_]+)$/gm)].map(([, word]) => word);
  const wanted = [...listed('required'), ...listed('enum'), ...below];
  assert.ok(wanted.length > 250, `${wanted.length} words were found`);
  const isMissing = (word) => !UNNAMED.has(word) && !new RegExp(`\\b${word}\\b`).test(TYPES);
  assert.deepEqual(wanted.filter(isMissing), []);
});
