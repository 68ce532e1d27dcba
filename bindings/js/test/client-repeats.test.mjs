// The client of the service where the network fails: what is repeated, how often, and what is not.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Client, ServiceError } from 'tierwise/client';
import { breakOff, clientOf, json, listen, refused } from './loopback.mjs';

/** Calls that may be repeated when nobody knows whether they were carried out. */
const SAFE = {
  'accounts.get': ({ accounts }) => accounts.get('a'),
  'accounts.list': ({ accounts }) => accounts.list().page(),
  'accounts.create': ({ accounts }) => accounts.create({ type: 'mock' }),
  'accounts.report': ({ accounts }) => accounts.report('a', { end: 'delete' }),
  'accounts.change of a name': ({ accounts }) => accounts.change('a', { nickname: 'b' }),
  'accounts.open': ({ accounts }) => accounts.open('a'),
  'accounts.close': ({ accounts }) => accounts.close('a', { logout: true }),
  'messages.send': ({ messages }) => messages.send('a', 'c', { text: 'x' }),
  'messages.sendToMany': ({ messages }) =>
    messages.sendToMany('a', { compose: { text: 'x' }, recipients: [{ chatId: 'c' }] }),
  'messages.remove': ({ messages }) => messages.remove('a', 'c', 'm'),
  'auth.revoke': ({ auth }) => auth.revoke('r'),
  'payments.usage': ({ payments }) => payments.usage(),
  health: (client) => client.health(),
};

/** Calls that may not. */
const UNSAFE = {
  'accounts.change of a tier': ({ accounts }) => accounts.change('a', { tier: 't' }),
  'accounts.change, held to a report': ({ accounts }) =>
    accounts.change('a', { nickname: 'b' }, { expecting: { reportHash: 'h' } }),
  'accounts.archive': ({ accounts }) => accounts.archive('a'),
  'accounts.delete': ({ accounts }) => accounts.delete('a'),
  'messages.edit': ({ messages }) => messages.edit('a', 'c', 'm', { text: 'x' }),
  'messages.retry': ({ messages }) => messages.retry('error'),
  'messages.clear': ({ messages }) => messages.clear('error'),
};

const failure = (call) => call.then(() => assert.fail('it succeeds'), (error) => error);
const well = (response) => json(response, 200, [{}]);

for (const [name, call] of Object.entries({ ...SAFE, ...UNSAFE })) {
  test(`${name}: 429 and 503 are repeated, three times at most`, async (context) => {
    const statuses = [429, 503, 503];
    const { client, requests } = await clientOf(context, (response, before) =>
      before < 3 ? refused(response, statuses[before], 'rate_limited') : well(response),
    );
    await call(client);
    assert.equal(requests.length, 4);
    assert.equal(new Set(requests.map((request) => JSON.stringify(request))).size, 1);

    const busy = await clientOf(context, (response) => refused(response, 503, 'internal'));
    const error = await failure(call(busy.client));
    assert.equal(error instanceof ServiceError, true);
    assert.deepEqual([error.statusCode, error.code], [503, 'internal']);
    assert.equal(busy.requests.length, 4);
  });
}

for (const [name, call] of Object.entries(SAFE)) {
  test(`${name}: repeated after a broken connection, and what a proxy says of one`, async (t) => {
    const faults = [breakOff, (response) => response.writeHead(502).end('<html>')];
    faults.push((response) => response.writeHead(504).end());
    for (const fault of faults) {
      const { client, requests } = await clientOf(t, (response, before) =>
        before === 0 ? fault(response) : well(response),
      );
      await call(client);
      assert.equal(requests.length, 2);
      assert.deepEqual(requests[0], requests[1]);
    }
    const { client, requests } = await clientOf(t, breakOff, { retries: 1 });
    const error = await failure(call(client));
    assert.deepEqual([error.statusCode, error.code], [0, 'no_answer']);
    assert.equal(requests.length, 2);
  });
}

for (const [name, call] of Object.entries(UNSAFE)) {
  test(`${name}: not repeated after a broken connection; the outcome is unknown`, async (t) => {
    for (const [fault, status] of [[breakOff, 0], [(answer) => answer.writeHead(502).end(), 502]]) {
      const { client, requests } = await clientOf(t, fault);
      const error = await failure(call(client));
      assert.deepEqual([error.statusCode, error.code], [status, 'outcome_unknown']);
      assert.equal(error.message.endsWith(error.data.findOut), true);
      assert.equal(requests.length, 1);
    }
  });
}

test('without a connection nothing was sent: every call is repeated', async (context) => {
  const { origin, close } = await listen(context, well);
  await close();
  let attempts = 0;
  const counted = (...words) => {
    attempts += 1;
    return fetch(...words);
  };
  const client = new Client({ origin, token: 'given', pauseMs: 1, fetch: counted });
  for (const call of Object.values({ ...SAFE, ...UNSAFE })) {
    attempts = 0;
    const error = await failure(call(client));
    assert.deepEqual([error.statusCode, error.code, attempts], [0, 'no_answer', 4]);
    assert.equal(error.cause.cause.code, 'ECONNREFUSED');
  }
});

test('a removal is done if there is nothing any more after its answer was lost', async (t) => {
  const gone = (response) => refused(response, 404, 'not_found');
  const lost = await clientOf(t, (response, before) =>
    before === 0 ? breakOff(response) : gone(response),
  );
  assert.equal(await lost.client.messages.remove('a', 'c', 'm'), undefined);
  const never = await clientOf(t, gone);
  const error = await failure(never.client.messages.remove('a', 'c', 'm'));
  assert.equal(error.code, 'not_found');
  // Refused once for being too quick is no reason to take it for removed.
  const later = await clientOf(t, (response, before) =>
    before === 0 ? refused(response, 429, 'rate_limited') : gone(response),
  );
  assert.equal((await failure(later.client.messages.remove('a', 'c', 'm'))).code, 'not_found');
});

test('an answer that breaks off or stalls is none', async (context) => {
  const half = (response) => response.writeHead(200, { 'content-length': 100 }).write('{"a":');
  const cut = (response) => {
    half(response);
    setImmediate(() => breakOff(response));
  };
  for (const fault of [cut, half]) {
    const { client, requests } = await clientOf(context, fault, { timeoutMs: 50, retries: 1 });
    assert.equal((await failure(client.accounts.get('a'))).code, 'no_answer');
    assert.equal((await failure(client.accounts.delete('a'))).code, 'outcome_unknown');
    assert.equal(requests.length, 3);
  }
});

test('a time-out is of the client or of the call, and counts as no answer', async (context) => {
  const { client, requests } = await clientOf(context, () => {}, { timeoutMs: 40, retries: 2 });
  const error = await failure(client.accounts.get('a'));
  assert.match(error.message, /no answer within 40 ms$/);
  assert.equal(requests.length, 3);
  const own = await failure(client.accounts.archive('a', { timeoutMs: 20 }));
  assert.equal(own.code, 'outcome_unknown');
  assert.match(own.message, /within 20 ms/);
});

test('the names of a request that got no answer are in its error', async (context) => {
  const { client, requests } = await clientOf(context, breakOff, { retries: 0 });
  const sent = await failure(client.messages.send('a', 'c', { text: 'x' }));
  assert.deepEqual(sent.data, { id: requests[0].body.id, code: 'no_answer' });
  const created = await failure(client.accounts.create({ type: 'wa' }, { idempotencyKey: 'mine' }));
  assert.deepEqual(created.data, { idempotencyKey: 'mine', code: 'no_answer' });
  const recipients = [{ chatId: 'c', id: 'first' }, { chatId: 'd' }];
  const many = await failure(client.messages.sendToMany('a', { recipients }));
  assert.deepEqual(many.data.ids, ['first', requests[2].body.recipients[1].id]);
});

/** The pauses of the client, which take no time here. */
function pauses(context) {
  const asked = [];
  const { setTimeout } = globalThis;
  context.mock.method(globalThis, 'setTimeout', (call, milliseconds, ...words) => {
    // Others have timers, too; its time-outs stay as they are.
    const isPause = new Error().stack.includes('client.cjs') && milliseconds !== 30_000;
    if (isPause) asked.push(milliseconds);
    return setTimeout(call, isPause ? 0 : milliseconds, ...words);
  });
  return asked;
}

test('pauses grow, and a half of each is up to chance', async (context) => {
  const asked = pauses(context);
  const busy = (response) => refused(response, 503, 'internal');
  const { client } = await clientOf(context, busy, { pauseMs: undefined });
  for (const [chance, expected] of [[0, [250, 500, 1000]], [0.5, [375, 750, 1500]]]) {
    asked.length = 0;
    context.mock.method(Math, 'random', () => chance);
    await failure(client.health());
    assert.deepEqual(asked, expected);
  }
});

test('Retry-After is waited for, in seconds or until a date; not for ever', async (context) => {
  const asked = pauses(context);
  context.mock.method(Math, 'random', () => 0);
  const now = Date.parse('2026-04-01T09:00:00Z');
  context.mock.method(Date, 'now', () => now);
  const cases = [
    ['7', 7_250],
    ['0', 250],
    ['Wed, 01 Apr 2026 09:00:09 GMT', 9_250],
    ['Wed, 01 Apr 2026 08:00:00 GMT', 250],
    ['soon', 250],
    ['60', 60_250],
  ];
  for (const [header, expected] of cases) {
    asked.length = 0;
    const { client, requests } = await clientOf(
      context,
      (response) => refused(response, 429, 'rate_limited', { 'retry-after': header }),
      { retries: 1, pauseMs: 500 },
    );
    await failure(client.health());
    assert.deepEqual([header, ...asked, requests.length], [header, expected, 2]);
  }
  const { client, requests } = await clientOf(context, (response) =>
    refused(response, 429, 'rate_limited', { 'retry-after': '61' }),
  );
  assert.equal((await failure(client.health())).code, 'rate_limited');
  assert.equal(requests.length, 1);
});

test('a signal ends a call while it waits for an answer, and in a pause', async (context) => {
  const reason = new Error('enough');
  const ending = new AbortController();
  const silent = await clientOf(context, () => ending.abort(reason));
  assert.equal(await failure(silent.client.health({ signal: ending.signal })), reason);
  assert.equal(await failure(silent.client.health({ signal: ending.signal })), reason);
  assert.equal(silent.requests.length, 1);

  const inPause = new AbortController();
  const busy = await clientOf(context, (response) => refused(response, 503, 'internal'), {
    pauseMs: 1_000_000,
  });
  const call = failure(busy.client.health({ signal: inPause.signal }));
  const { setTimeout } = globalThis;
  const waiting = mock.method(globalThis, 'setTimeout', (action, milliseconds) => {
    if (milliseconds > 30_000) queueMicrotask(() => inPause.abort(reason));
    return setTimeout(action, milliseconds);
  });
  assert.equal(await call, reason);
  waiting.mock.restore();
});
