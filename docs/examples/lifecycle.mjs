// The life of an account over HTTP: created, used, billed, downgraded, archived and deleted.
//
// `tierwise serve --demo` prints what to put in the place of the dots; then, in a project that has
// the package `tierwise`:
//
//   TIERWISE_ORIGIN=… TIERWISE_TEAM=… TIERWISE_REFRESH_TOKEN=… node lifecycle.mjs
import { setTimeout } from 'node:timers/promises';
import { Client, ServiceError } from 'tierwise/client';

// Signing in: the client trades the refresh token when it first needs to, and renews what it got.
const client = new Client({
  origin: process.env.TIERWISE_ORIGIN,
  teamId: process.env.TIERWISE_TEAM,
  refreshToken: process.env.TIERWISE_REFRESH_TOKEN,
});
const { accounts, messages, payments } = client;

// An account on the tier with history. The type `mock` needs no phone; its login finds three
// messages.
const { accountId } = await accounts.create({
  type: 'mock',
  tier: 'unlimited_msg_chat_history',
  nickname: 'Support',
  settings: { mock: { delayMs: 1, history: { chatId: 'chat-1', count: 3 } } },
});
await accounts.open(accountId);
await until(async () => (await accounts.get(accountId)).state === 'open');
console.log('open');

// A message, and a note that stays here.
const { id } = await messages.send(accountId, 'chat-1', { text: 'Hello' });
await messages.send(accountId, 'chat-1', { text: 'knows us', status: 'note' });
await until(async () => (await messageOf(id)).status === 'sent');
for await (const { status, text } of messages.read(accountId, 'chat-1')) {
  console.log(`${status}: ${text}`);
}

// What it costs. Money is text, exact.
const { currency, accounts: used } = await payments.usage({ accountId });
console.log(`account-days: ${JSON.stringify(used[0].accountDays)}`);
for await (const invoice of payments.invoices({ count: 1 })) {
  console.log(`${invoice.status}: ${invoice.currency === currency}`);
  break;
}

// A downgrade: first what it would do, then exactly that.
const report = await accounts.report(accountId, { tier: 'limited_msg_no_chat_history' });
console.log(`a day: ${report.money.dayBefore} → ${report.money.dayAfter}`);
console.log(`removes: ${report.removes.history} of history`);
const downgrade = { tier: 'limited_msg_no_chat_history' };
const { effects } = await accounts.change(accountId, downgrade, { expecting: report });
console.log(`downgrade: ${effects.join(', ')}`);

// The end. An archived account can be read; a deleted one is not there any more.
const ending = await accounts.archive(accountId);
console.log(`archive: ${ending.effects.join(', ')}`);
const removal = await accounts.delete(accountId);
console.log(`delete: ${removal.effects.join(', ')}`);
try {
  await accounts.get(accountId);
} catch (error) {
  if (!(error instanceof ServiceError)) throw error;
  console.log(`${error.statusCode} ${error.code}`);
}

/** The one message of the chat with an id. */
async function messageOf(id) {
  for await (const message of messages.read(accountId, 'chat-1')) {
    if (message.id === id) return message;
  }
}

/** Asks until it is so, ten seconds at most. */
async function until(isSo) {
  for (let turns = 0; turns < 200; turns += 1) {
    if (await isSo()) return;
    await setTimeout(50);
  }
  throw new Error('it takes too long');
}
