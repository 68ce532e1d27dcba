// The client's requests as they go out: addresses, headers, bodies, pages, and errors as they come.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as imported from 'tierwise/client';
import { clientOf, json, listen, refused } from './loopback.mjs';

const { Client, ServiceError } = imported;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const failure = (call) => call.then(() => assert.fail('it succeeds'), (error) => error);

/** What calls ask, each answered with the same. */
async function asked(context, answer, ...calls) {
  const { client, requests } = await clientOf(context, (response) => json(response, 200, answer));
  for (const call of calls) await call(client);
  return requests;
}

test('import and require give the same classes; the page’s entry needs nothing', () => {
  const required = createRequire(import.meta.url)('tierwise/client');
  assert.deepEqual(Object.keys(imported).sort(), ['Client', 'ServiceError', 'tokenSource']);
  for (const [name, value] of Object.entries(imported)) assert.equal(required[name], value);
  const page = readFileSync(new URL('../dist/client.js', import.meta.url), 'utf8');
  assert.doesNotMatch(page, /\bimport\b|\brequire\(|wasm|process\.|node:/);
});

test('segments of a path are encoded, whatever they hold', async (context) => {
  const requests = await asked(
    context,
    [{}],
    ({ messages }) => messages.send('a', 'me@x/ü?#%2F ', { text: 'x' }),
    ({ messages }) => messages.remove('a', '+44 20', 'm:1'),
  );
  assert.deepEqual(
    requests.map(({ url }) => url),
    ['/im/messages/a/me%40x%2F%C3%BC%3F%23%252F%20', '/im/messages/a/%2B44%2020/m%3A1'],
  );
});

test('what cannot be a segment is refused before anything is sent', async (context) => {
  const { client, requests } = await clientOf(context, (response) => json(response, 200, {}));
  for (const name of ['', '.', '..', undefined]) {
    await assert.rejects(client.accounts.delete(name), TypeError);
    await assert.rejects(client.messages.send('a', name, { text: 'x' }), TypeError);
  }
  assert.equal(requests.length, 0);
});

test('lists of a query have an index, objects a name', async (context) => {
  const requests = await asked(
    context,
    { messages: [], accounts: [] },
    ({ messages }) =>
      messages
        .read('a', 'c', {
          count: 5,
          fromMe: false,
          status: undefined,
          attachmentType: ['image', 'video'],
          range: { start: '2026-04-01T09:00:00+02:00', end: new Date(0) },
        })
        .page(),
    ({ messages }) => messages.all({ status: ['pending', 'error'], before: 'a&b' }).page(),
    ({ accounts }) => accounts.list({ q: 'ö', all: true, returnCount: true }).page(),
    ({ accounts }) => accounts.close('a', { logout: true }),
    ({ messages }) => messages.clear('error', { chatId: 'c d' }),
  );
  assert.deepEqual(
    requests.map(({ url }) => url),
    [
      '/im/messages/a/c?count=5&fromMe=false&attachmentType[0]=image&attachmentType[1]=video' +
        '&range[start]=2026-04-01T09%3A00%3A00%2B02%3A00&range[end]=1970-01-01T00%3A00%3A00.000Z',
      '/im/messages?status[0]=pending&status[1]=error&before=a%26b',
      '/im/accounts?q=%C3%B6&all=true&returnCount=true',
      '/im/accounts/a/close?logout=true',
      '/im/messages/error/retry?chatId=c%20d',
    ],
  );
});

test('messages have an id and creations a key, of the caller or a UUID', async (context) => {
  const recipients = [{ chatId: 'c' }, { chatId: 'd', id: 'own' }, { chatId: 'e' }];
  const requests = await asked(
    context,
    [{}],
    ({ messages }) => messages.send('a', 'c', { text: 'x', timestamp: new Date(0) }),
    ({ messages }) =>
      messages.send('a', 'c', { text: 'x', id: 'own' }, { requireOpenAccount: true }),
    ({ messages }) => messages.sendToMany('a', { compose: { text: 'x' }, recipients }),
    ({ accounts }) => accounts.create({ type: 'wa' }),
    ({ accounts }) => accounts.create({ type: 'wa' }, { idempotencyKey: 'own' }),
  );
  const [one, own, many, created, named] = requests;
  assert.match(one.body.id, UUID);
  assert.equal(one.body.timestamp, '1970-01-01T00:00:00.000Z');
  assert.deepEqual(own.body, { text: 'x', id: 'own' });
  assert.equal(own.url, '/im/messages/a/c?requireOpenAccount=true');
  assert.equal(many.url, '/im/messages?accountId=a');
  const [first, second, third] = many.body.recipients.map(({ id }) => id);
  assert.match(first, UUID);
  assert.match(third, UUID);
  assert.deepEqual([second, first === third], ['own', false]);
  assert.match(created.headers['idempotency-key'], UUID);
  assert.equal(named.headers['idempotency-key'], 'own');
});

test('a change may be held to a report', async (context) => {
  const { client, requests } = await clientOf(context, (response, _, { url }) =>
    json(response, 200, url.endsWith('report') ? { reportHash: 'seen' } : { success: true }),
  );
  const report = await client.accounts.report('a', { tier: 't' });
  await client.accounts.change('a', { tier: 't' }, { expecting: report });
  await client.accounts.archive('a', { expecting: report });
  await client.accounts.delete('a', { expecting: report });
  await client.accounts.delete('a');
  assert.deepEqual(
    requests.map(({ method, headers }) => [method, headers['if-report-match']]),
    [
      ['POST', undefined],
      ['PATCH', 'seen'],
      ['POST', 'seen'],
      ['DELETE', 'seen'],
      ['DELETE', undefined],
    ],
  );
  assert.deepEqual(requests[0].body, { tier: 't' });
  assert.equal(requests[2].headers['content-type'], undefined);
});

test('the origin may have a path and a slash; what is no origin is refused', async (context) => {
  const { origin, requests } = await listen(context, (response) => json(response, 200, {}));
  await new Client({ origin: `${origin}/behind/a/proxy/` }).health();
  await new Client({ origin: new URL(origin) }).health();
  assert.deepEqual(requests.map(({ url }) => url), ['/behind/a/proxy/health', '/health']);
  for (const wrong of ['', 'tierwise', 'ftp://x', 'https://user:password@x']) {
    assert.throws(() => new Client({ origin: wrong }), TypeError);
  }
});

test('an error has the status, code, data and message of the envelope', async (context) => {
  const data = { code: 'quota_exhausted', limit: 1000, resetsAt: '2026-05-01T00:00:00.000Z' };
  const { client } = await clientOf(context, (response) =>
    json(response, 402, { statusCode: 402, message: '1000 of 1000', data }),
  );
  const error = await failure(client.messages.send('a', 'c', { text: 'x' }));
  assert.equal(error instanceof ServiceError && error instanceof Error, true);
  assert.deepEqual([error.statusCode, error.code, error.message], [402, data.code, '1000 of 1000']);
  assert.deepEqual(error.data, data);
  assert.equal(String(error), 'ServiceError: 1000 of 1000');
  const json402 = { statusCode: 402, message: '1000 of 1000', data };
  assert.deepEqual(JSON.parse(JSON.stringify(error)), json402);
});

test('what is no answer of the service is told from one', async (context) => {
  const faults = [
    [(response) => response.writeHead(404).end('<html>'), 404],
    [(response) => response.writeHead(200).end('<html>'), 200],
    [(response) => response.writeHead(200).end(), 200],
    [(response) => json(response, 500, { error: 'other' }), 500],
    [(response) => json(response, 400, null), 400],
  ];
  for (const [fault, status] of faults) {
    const { client, requests } = await clientOf(context, fault);
    const error = await failure(client.accounts.delete('a'));
    assert.deepEqual([error.statusCode, error.code], [status, 'not_an_answer']);
    assert.equal(requests.length, 1);
  }
});

test('a redirection is not followed, so a token goes nowhere else', async (context) => {
  const other = await listen(context, (response) => json(response, 200, {}));
  const { client } = await clientOf(context, (response) =>
    response.writeHead(307, { location: other.origin }).end(),
  );
  const error = await failure(client.accounts.delete('a'));
  assert.deepEqual([error.statusCode, error.code], [307, 'not_an_answer']);
  assert.match(error.message, /redirection/);
  assert.equal(other.requests.length, 0);
});

test('no token is in the text of an error', async (context) => {
  const refuse = (response) => refused(response, 403, 'missing_scope');
  const { client } = await clientOf(context, refuse, { token: 'very-secret' });
  const error = await failure(client.auth.revoke('very-secret'));
  assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /very-secret/);
});

const collect = async (pages) => {
  const items = [];
  for await (const item of pages) items.push(item);
  return items;
};

test('numbered pages are read to the one that is not full, each item once', async (context) => {
  const account = (accountId) => ({ accountId });
  // Between both pages one was created: the list moved on by one.
  const lists = [['d', 'c'], ['c', 'b'], ['a']];
  const { client, requests } = await clientOf(context, (response, before) =>
    json(response, 200, { accounts: lists[before].map(account), total: 4 }),
  );
  const list = client.accounts.list({ count: 2, q: 'x' });
  assert.equal(requests.length, 0);
  assert.deepEqual(await collect(list), ['d', 'c', 'b', 'a'].map(account));
  assert.deepEqual(
    requests.map(({ url }) => url),
    ['', '&page=2', '&page=3'].map((page) => `/im/accounts?count=2&q=x${page}`),
  );
});

test('linked pages are read to the one without a next', async (context) => {
  const pages = [
    { messages: [{ id: '3' }, { id: '2' }], nextPage: '2' },
    { messages: [], nextPage: '1.5' },
    { messages: [{ id: '1' }] },
  ];
  const { client, requests } = await clientOf(context, (response, before) =>
    json(response, 200, pages[before % 3]),
  );
  const query = { beforeId: '4', includeCursorMessage: true, count: undefined };
  const list = client.messages.read('a', 'c', query);
  assert.deepEqual((await collect(list)).map(({ id }) => id), ['3', '2', '1']);
  const [first, ...others] = requests.map(({ url }) => url.split('?')[1]);
  assert.equal(first, 'beforeId=4&includeCursorMessage=true&count=100');
  assert.deepEqual(others, ['beforeId=2&count=100', 'beforeId=1.5&count=100']);
  const whole = [];
  for await (const page of list.pages()) whole.push(page);
  assert.deepEqual(whole, pages);
});

test('a single page is asked for as it is, and reading may end early', async (context) => {
  const { client, requests } = await clientOf(context, (response) =>
    json(response, 200, { invoices: [{ id: 'i' }], chats: [], messages: [], nextPage: 'n' }),
  );
  assert.equal((await client.payments.invoices({ period: '2026-04' }).page()).nextPage, 'n');
  assert.deepEqual(requests.map(({ url }) => url), ['/payments/invoices?period=2026-04']);
  for await (const invoice of client.payments.invoices()) {
    assert.equal(invoice.id, 'i');
    break;
  }
  for await (const _ of client.messages.all().pages()) break;
  for await (const _ of client.accounts.chats('a').pages()) break;
  assert.equal(requests.length, 4);
});

test('another `fetch` may be given', async () => {
  const asked = [];
  const client = new Client({
    origin: 'https://tierwise.example',
    token: 'given',
    async fetch(address, { method }) {
      asked.push(`${method} ${address}`);
      return new Response(null, { status: 204 });
    },
  });
  assert.equal(await client.accounts.open('a'), undefined);
  assert.deepEqual(asked, ['POST https://tierwise.example/im/accounts/a/open']);
});
