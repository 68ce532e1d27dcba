// The client against the real service, `tierwise serve --demo`: the guide's story and every call.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Catalog } from 'tierwise';
import { Client, ServiceError } from 'tierwise/client';
import { startService } from './started.mjs';

const HERE = new URL('../', import.meta.url);
const WITH_HISTORY = 'unlimited_msg_chat_history';
const WITHOUT = 'unlimited_msg_no_chat_history';
const LIMITED = 'limited_msg_no_chat_history';

let service;
let client;
before(async () => {
  service = await startService();
  client = new Client(service);
});
after(() => service?.close());

const failure = (call) => call.then(() => assert.fail('it succeeds'), (error) => error);

async function until(isSo) {
  for (let turns = 0; turns < 200; turns += 1) {
    if (await isSo()) return;
    await setTimeout(25);
  }
  assert.fail('it takes too long');
}

async function collect(items) {
  const all = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A new account without a login, so that its messages wait. */
const waiting = (tier = LIMITED) =>
  client.accounts.create({ type: 'mock', tier, nickname: 'of a test' });

test('the example says what happens', () => {
  const folder = new URL('pkg/examples/', HERE);
  mkdirSync(folder, { recursive: true });
  const path = fileURLToPath(new URL('lifecycle.mjs', folder));
  copyFileSync(new URL('../../docs/examples/lifecycle.mjs', HERE), path);
  const { environment: env } = service;
  const output = execFileSync(process.execPath, [path], { encoding: 'utf8', env });
  assert.deepEqual(output.trimEnd().split('\n'), [
    'open',
    'note: knows us',
    'sent: Hello',
    'delivered: history 3',
    'delivered: history 2',
    'delivered: history 1',
    `account-days: {"${WITH_HISTORY}":1}`,
    'open: true',
    'a day: 0.4 → 0.034',
    'removes: 3 of history',
    'downgrade: history_removed, limit_set',
    'archive: subscription_ended, logged_out, synced_data_removed',
    'delete: all_data_removed',
    '404 not_found',
  ]);
});

test('health, keys, teams', async () => {
  assert.equal((await client.health()).status, 'ok');
  assert.equal((await client.auth.publicKeys()).filter(({ active }) => active).length, 1);
  const teams = await collect(client.auth.teams());
  assert.deepEqual(teams.map(({ id }) => id), [service.teamId]);
  assert.equal((await client.auth.teams({ id: ['none'], includeTotal: true }).page()).total, 0);
});

test('the catalog of the service gives its answers in the engine', async () => {
  const { file, fingerprint, tiers } = await client.payments.catalogFile();
  const catalog = Catalog.load(file);
  assert.equal(catalog.fingerprint, fingerprint);
  assert.deepEqual((await client.payments.catalog()).tiers, tiers);
});

test('a creation with a key is one creation', async () => {
  const create = () => client.accounts.create({ type: 'mock' }, { idempotencyKey: 'once' });
  const [{ accountId }, again] = [await create(), await create()];
  assert.equal(again.accountId, accountId);
  assert.equal((await client.accounts.get(accountId)).tier, LIMITED);
});

test('accounts are listed page by page and whole, each once', async () => {
  const { accountId } = await waiting();
  const { accounts, total } = await client.accounts
    .list({ count: 3, page: 2, returnCount: true })
    .page();
  assert.equal(accounts.length, 3);
  assert.ok(total > 10);
  const all = await collect(client.accounts.list({ count: 4 }));
  assert.equal(new Set(all.map((account) => account.accountId)).size, all.length);
  assert.equal(all[0].accountId, accountId);
  const found = await collect(client.accounts.list({ q: 'OF A TEST', type: 'mock' }));
  assert.ok(found.some((account) => account.accountId === accountId));
});

test('a change is held to its report', async () => {
  const { accountId } = await waiting(WITH_HISTORY);
  const report = await client.accounts.report(accountId, { tier: LIMITED });
  assert.deepEqual(report.effects, ['history_removed', 'limit_set']);
  await client.accounts.change(accountId, { tier: WITHOUT });
  const stale = await failure(
    client.accounts.change(accountId, { tier: LIMITED }, { expecting: report }),
  );
  assert.deepEqual([stale.statusCode, stale.code], [409, 'report_stale']);
  const again = await client.accounts.report(accountId, { end: 'archive' });
  const { effects } = await client.accounts.archive(accountId, { expecting: again });
  assert.deepEqual(effects, again.effects);
  assert.equal((await client.accounts.get(accountId)).canLogin, false);
});

test('a message is sent once under its id, changed while it waits, withdrawn', async () => {
  const { accountId } = await waiting();
  const send = () => client.messages.send(accountId, 'c/1', { id: 'once', text: 'Hello' });
  const first = await send();
  assert.equal(first.status, 'pending');
  assert.equal((await send()).id, first.id);
  const reused = await failure(client.messages.send(accountId, 'c/1', { id: 'once', text: 'Bye' }));
  assert.deepEqual([reused.statusCode, reused.code], [409, 'id_reused']);
  const edited = await client.messages.edit(accountId, 'c/1', 'once', { text: 'Hi' });
  assert.deepEqual([edited.text, edited.revision], ['Hi', 1]);
  await client.messages.remove(accountId, 'c/1', 'once');
  const gone = await failure(client.messages.remove(accountId, 'c/1', 'once'));
  assert.equal(gone.code, 'not_found');
  assert.deepEqual(await collect(client.messages.read(accountId, 'c/1')), []);
});

test('notes are kept and resolved', async () => {
  const { accountId } = await waiting();
  const note = await client.messages.send(accountId, 'c', { status: 'note', text: 'look' });
  const resolved = await client.messages.edit(accountId, 'c', note.id, { resolved: true });
  assert.ok(resolved.resolvedAt);
  const notes = await collect(client.messages.read(accountId, 'c', { status: 'note' }));
  assert.deepEqual(notes.map(({ id }) => id), [note.id]);
});

test('many recipients, chats and lists over several pages', async () => {
  const { accountId } = await waiting();
  const recipients = Array.from({ length: 7 }, (_, index) => ({ chatId: `c${index % 3}` }));
  const sent = await client.messages.sendToMany(accountId, {
    compose: { text: 'Hello' },
    recipients,
  });
  assert.deepEqual(sent.map(({ chatId }) => chatId), recipients.map(({ chatId }) => chatId));
  const query = { accountId, status: ['pending', 'sent'], count: 3 };
  const listed = await collect(client.messages.all(query));
  const ids = (list) => list.map(({ id }) => id).sort();
  assert.deepEqual(ids(listed), ids(sent));
  const chat = await collect(client.messages.read(accountId, 'c0', { count: 2 }));
  assert.deepEqual(ids(chat), ids(sent.filter(({ chatId }) => chatId === 'c0')));
  const chats = await collect(client.accounts.chats(accountId, { count: 2 }));
  assert.deepEqual(chats.map(({ chatId }) => chatId).sort(), ['c0', 'c1', 'c2']);
  assert.ok((await client.accounts.queue()).waiting >= 7);
  assert.equal(await client.messages.clear('pending', { accountId }), 7);
});

test('what was refused is sent again', async () => {
  const settings = { mock: { delayMs: 1, refuse: ['no'] } };
  const { accountId } = await client.accounts.create({ type: 'mock', settings });
  await client.accounts.open(accountId);
  const { id } = await client.messages.send(accountId, 'c', { text: 'no' });
  const failed = () => collect(client.messages.read(accountId, 'c', { status: 'error' }));
  await until(async () => (await failed()).length === 1);
  assert.equal((await failed())[0].id, id);
  assert.ok((await client.messages.retry('error')) >= 1);
  await client.accounts.close(accountId, { logout: true });
  await until(async () => (await client.accounts.get(accountId)).state === 'close');
  const closed = await failure(
    client.messages.send(accountId, 'c', { text: 'x' }, { requireOpenAccount: true }),
  );
  assert.deepEqual([closed.statusCode, closed.code], [428, 'account_not_open']);
});

test('usage, access and invoices, money as text', async () => {
  const { accountId } = await waiting(WITH_HISTORY);
  const usage = await client.payments.usage();
  const text = /^\d+(\.\d*[1-9])?$/;
  assert.match(usage.total, text);
  const [own] = (await client.payments.usage({ accountId })).accounts;
  assert.deepEqual(own.accountDays, { [WITH_HISTORY]: 1 });
  const { access } = await client.payments.access(accountId);
  assert.ok(access.features.includes('chat-history-sync'));
  assert.equal((await client.payments.team()).id, service.teamId);
  const [invoice] = await collect(client.payments.invoices({ period: usage.period.id }));
  assert.equal(invoice.status, 'open');
  assert.match(invoice.amountDue, /^\d+\.\d\d$/);
  for (const { amount } of invoice.lines) assert.match(amount, text);
});

test('what the service refuses is an error with its code', async () => {
  const { origin } = service;
  const { accountId } = await waiting();
  const others = {
    revoked: new Client({ ...service, refreshToken: 'x' }),
    outside: new Client({ ...service, teamId: 'other' }),
    unsigned: new Client({ origin, token: 'x' }),
    narrow: new Client({ ...service, scopes: ['ACCOUNT_READ'] }),
  };
  const cases = [
    [() => client.accounts.get('none'), 404, 'not_found'],
    [() => client.accounts.create({ type: 'mock', tier: 'premium' }), 400, 'unknown_tier'],
    [() => client.messages.send(accountId, 'c', {}), 400, 'empty_message'],
    [() => others.revoked.accounts.get('a'), 401, 'bad_refresh_token'],
    [() => others.outside.accounts.get('a'), 403, 'not_a_member'],
    [() => others.unsigned.accounts.get('a'), 401, 'bad_token'],
    [() => others.narrow.payments.usage(), 403, 'missing_scope'],
  ];
  for (const [call, statusCode, code] of cases) {
    const error = await failure(call());
    assert.equal(error instanceof ServiceError, true);
    assert.deepEqual([error.statusCode, error.code], [statusCode, code]);
  }
});

test('a refresh token that nobody has is revoked without complaint', async () => {
  assert.equal(await client.auth.revoke('nobody’s'), undefined);
});
