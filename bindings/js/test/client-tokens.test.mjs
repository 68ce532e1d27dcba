// The client's access tokens: traded once, renewed in time, and once more if the service says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, ServiceError, tokenSource } from 'tierwise/client';
import { accessToken, breakOff, json, listen, refused } from './loopback.mjs';

/** A service that trades and takes the tokens of a list, the last of them for good. */
async function trading(context, tokens, { answer = json, takes = () => true } = {}) {
  let trades = 0;
  const server = await listen(context, (response, _, { url, headers }) => {
    if (url === '/auth/token') {
      const access_token = tokens[Math.min(trades, tokens.length - 1)];
      trades += 1;
      const refresh_token_expiry = '2026-04-15T09:00:00.000Z';
      return json(response, 200, { access_token, refresh_token_expiry });
    }
    const isGood = takes(headers.authorization?.replace('Bearer ', ''));
    return isGood ? answer(response, 200, {}) : refused(response, 401, 'bad_token');
  });
  const signed = { origin: server.origin, refreshToken: 'kept', teamId: 'acme', pauseMs: 1 };
  const seen = () => server.requests.map(({ url }) => url.split('?')[0].split('/').at(-1));
  return { ...server, signed, client: new Client(signed), trades: () => trades, seen };
}

const failure = (call) => call.then(() => assert.fail('it succeeds'), (error) => error);
const times = (count, call) => Promise.all(Array.from({ length: count }, call));

test('however many requests wait, there is one trade, with what was given', async (context) => {
  const { signed, requests, trades } = await trading(context, [accessToken()]);
  const metadata = { type: 'page', objectId: '7' };
  const client = new Client({ ...signed, scopes: ['ACCOUNT_READ'], metadata });
  await times(30, () => client.accounts.get('a'));
  assert.equal(trades(), 1);
  const [trade, ...others] = requests;
  const [refreshToken, teamId, scopes] = ['kept', 'acme', ['ACCOUNT_READ']];
  assert.deepEqual(trade.body, { refreshToken, teamId, scopes, metadata });
  assert.equal(trade.headers.authorization, undefined);
  const expected = `Bearer ${accessToken()}`;
  assert.equal(others.every(({ headers }) => headers.authorization === expected), true);
  assert.equal(others.length, 30);
});

test('clients may share a source', async (context) => {
  const { signed, origin, trades } = await trading(context, [accessToken()]);
  const token = tokenSource(signed);
  await times(2, () => new Client({ origin, token }).accounts.get('a'));
  assert.equal(trades(), 1);
});

test('a token is renewed two minutes before its end, by its own times', async (context) => {
  let now = Date.now();
  context.mock.method(Date, 'now', () => now);
  const { client, trades } = await trading(context, [accessToken(3600)]);
  const steps = [[0, 1], [3_479_999, 1], [1, 2], [3_479_999, 2], [1, 3], [-100_000, 3]];
  for (const [passedMs, expected] of steps) {
    now += passedMs;
    await client.accounts.get('a');
    assert.equal(trades(), expected);
  }
});

test('a token that cannot be read is used until the service refuses it', async (context) => {
  const tokens = ['opaque', 'a.b.c', `a.${Buffer.from('{}').toString('base64')}.c`, accessToken()];
  for (const token of tokens) {
    const { client, trades } = await trading(context, [token]);
    await client.accounts.get('a');
    await client.accounts.get('a');
    assert.equal(trades(), 1);
  }
});

test('a 401 renews the token once, for all that wait, and repeats every call', async (context) => {
  const tokens = [accessToken(3600, 'old'), accessToken(3600, 'new')];
  const takes = (token) => token === tokens[1];
  const { client, trades, seen } = await trading(context, tokens, { takes });
  const { accounts } = client;
  await times(10, (_, index) => (index % 2 ? accounts.get('a') : accounts.delete('a')));
  assert.equal(trades(), 2);
  assert.equal(seen().filter((what) => what === 'a').length, 20);
});

test('a second 401 is an error, and a token that stays the same is not tried twice', async (t) => {
  const takes = () => false;
  const { client, origin, seen } = await trading(t, ['1', '2', '3'], { takes });
  const error = await failure(client.accounts.get('a'));
  assert.deepEqual([error.statusCode, error.code], [401, 'bad_token']);
  assert.deepEqual(seen(), ['token', 'a', 'token', 'a']);
  const constant = new Client({ origin, token: 'given' });
  assert.equal((await failure(constant.accounts.get('b'))).statusCode, 401);
  assert.deepEqual(seen().slice(4), ['b']);
});

test('a source of the caller’s own gets the token that is spent', async (t) => {
  const asked = [];
  const { origin, seen } = await trading(t, [], { takes: (token) => token === 'second' });
  const token = async (spent) => {
    asked.push(spent);
    return spent === undefined ? 'first' : 'second';
  };
  await new Client({ origin, token }).accounts.get('a');
  assert.deepEqual(asked, [undefined, 'first']);
  assert.deepEqual(seen(), ['a', 'a']);
});

test('a refused trade is the error of all that wait; the next call tries again', async (t) => {
  const answers = [
    (response) => refused(response, 401, 'bad_refresh_token'),
    (response) => json(response, 200, { access_token: accessToken() }),
    (response) => json(response, 200, {}),
  ];
  const { origin, requests } = await listen(t, (response, before) => answers[before](response));
  const client = new Client({ origin, refreshToken: 'revoked', teamId: 'acme' });
  for (const error of await times(3, () => failure(client.accounts.get('a')))) {
    assert.equal(error instanceof ServiceError, true);
    assert.deepEqual([error.statusCode, error.code], [401, 'bad_refresh_token']);
  }
  assert.equal(requests.length, 1);
  await client.accounts.get('a');
  assert.equal(requests.length, 3);
});

test('a trade is repeated as any request is', async (context) => {
  const answers = [
    breakOff,
    (response) => refused(response, 503, 'internal'),
    (response) => json(response, 200, { access_token: accessToken() }),
    (response) => json(response, 200, {}),
  ];
  const { origin, requests } = await listen(context, (answer, before) => answers[before](answer));
  const client = new Client({ origin, refreshToken: 'kept', teamId: 'acme', pauseMs: 1 });
  await client.accounts.delete('a');
  assert.equal(requests.length, 4);
});

test('who ends a call does not end the trade that others wait for', async (context) => {
  let trade;
  const isAsked = new Promise((asked) => {
    trade = asked;
  });
  const server = await listen(context, (response, before) =>
    before === 0 ? trade(response) : json(response, 200, { accountId: 'a' }),
  );
  const client = new Client({ origin: server.origin, refreshToken: 'kept', teamId: 'acme' });
  const ending = new AbortController();
  const ended = failure(client.accounts.get('a', { signal: ending.signal }));
  const other = client.accounts.get('a');
  const response = await isAsked;
  ending.abort(new Error('enough'));
  assert.equal((await ended).message, 'enough');
  json(response, 200, { access_token: accessToken() });
  assert.deepEqual(await other, { accountId: 'a' });
  assert.equal(server.requests.length, 2);
});

test('what needs no token sends none; what needs one says so', async (context) => {
  const answer = (response) => json(response, 200, { keys: [] });
  const { origin, requests } = await listen(context, answer);
  const client = new Client({ origin });
  await client.health();
  await client.payments.catalog();
  await client.payments.catalogFile();
  await client.auth.publicKeys();
  assert.deepEqual(
    requests.map(({ url, headers }) => [url, headers.authorization]),
    ['/health', '/payments/catalog', '/payments/catalog?form=file', '/auth/public-key'].map(
      (url) => [url, undefined],
    ),
  );
  await assert.rejects(client.accounts.get('a'), { name: 'TypeError', message: /refreshToken/ });
});
