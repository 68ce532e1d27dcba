// Messages and notes: sent, read, changed, withdrawn.
import { pathOf, queryOf, uuid } from './address.js';
import type { Message, MessagePage, Time } from './answers.js';
import type { Connection } from './connection.js';
import type { CallOptions } from './options.js';
import { linked, type Pages } from './pages.js';
import type {
  ClearQuery,
  Compose,
  MessagePatch,
  MessageQuery,
  MultiCompose,
  SendOptions,
  TeamMessageQuery,
} from './requests.js';

/** What is done with messages. Errors of all of it: `ServiceError`. */
export class Messages {
  readonly #connection: Connection;

  /** @internal */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Sends a message, or keeps a note. It always has an `id`, so it can be repeated: the service
   * keeps it once.
   */
  async send(
    accountId: string,
    chatId: string,
    message: Compose,
    options: SendOptions = {},
  ): Promise<Message> {
    const { requireOpenAccount } = options;
    const path = pathOf`/im/messages/${accountId}/${chatId}` + queryOf({ requireOpenAccount });
    const { id = uuid() } = message;
    const request = { method: 'POST', path, body: { ...message, id }, names: { id } } as const;
    const [kept] = await this.#connection.ask<[Message]>(request, options);
    return kept;
  }

  /** Sends to several chats, all or none; one message for each recipient, in order. */
  async sendToMany(
    accountId: string,
    { compose, recipients }: MultiCompose,
    options: SendOptions = {},
  ): Promise<Message[]> {
    const { requireOpenAccount } = options;
    const path = `/im/messages${queryOf({ accountId, requireOpenAccount })}`;
    const named = recipients.map((recipient) => ({
      ...recipient,
      id: recipient.id ?? compose?.id ?? uuid(),
    }));
    const body = { compose, recipients: named };
    const names = { ids: named.map(({ id }) => id) };
    return this.#connection.ask({ method: 'POST', path, body, names }, options);
  }

  /** The messages and notes of a chat, newest first. */
  read(
    accountId: string,
    chatId: string,
    query: MessageQuery = {},
    options?: CallOptions,
  ): Pages<MessagePage, Message> {
    const path = pathOf`/im/messages/${accountId}/${chatId}`;
    // The message that a page begins after was on the page before.
    const follow = (beforeId: string) => ({ beforeId, includeCursorMessage: undefined });
    return this.#list(path, query, follow, options);
  }

  /** The messages and notes of the whole team, newest first. */
  all(query: TeamMessageQuery = {}, options?: CallOptions): Pages<MessagePage, Message> {
    return this.#list('/im/messages', query, (before) => ({ before }), options);
  }

  /**
   * Changes a note, or a message that waits. Not repeated after a broken connection, as the message
   * may have gone since: `outcome_unknown`.
   */
  async edit(
    accountId: string,
    chatId: string,
    id: string,
    change: MessagePatch,
    options?: CallOptions,
  ): Promise<Message> {
    const path = pathOf`/im/messages/${accountId}/${chatId}/${id}`;
    const findOut = 'read the chat: the `revision` of the message counts its changes';
    return this.#connection.ask({ method: 'PATCH', path, body: change, findOut }, options);
  }

  /**
   * Withdraws a message that waits, or removes one or a note here. Repeated after a broken
   * connection: ids are not used again, so if there is none any more, it is done.
   */
  async remove(
    accountId: string,
    chatId: string,
    id: string,
    options?: CallOptions,
  ): Promise<void> {
    const path = pathOf`/im/messages/${accountId}/${chatId}/${id}`;
    await this.#connection.ask({ method: 'DELETE', path, isRemoval: true }, options);
  }

  /**
   * Makes all messages in a status wait to be sent, from now or from `timestamp` on, and says how
   * many. Not repeated after a broken connection, as a repeat would send again what failed since:
   * `outcome_unknown`.
   */
  async retry(
    status: 'pending' | 'error' | 'cancelled',
    options: CallOptions & { timestamp?: Time | Date | undefined } = {},
  ): Promise<number> {
    const path = pathOf`/im/messages/${status}/retry`;
    const { timestamp } = options;
    const body = timestamp === undefined ? {} : { body: { timestamp } };
    const { changed } = await this.#connection.ask<{ changed: number }>(
      { method: 'PATCH', path, ...body, findOut: IN_NUMBERS },
      options,
    );
    return changed;
  }

  /**
   * Removes all messages in a status, and says how many. Not repeated after a broken connection, as
   * a repeat would remove those that came since: `outcome_unknown`.
   */
  async clear(
    status: 'pending' | 'error' | 'cancelled',
    query: ClearQuery = {},
    options?: CallOptions,
  ): Promise<number> {
    const path = pathOf`/im/messages/${status}/retry` + queryOf({ ...query });
    const { removed } = await this.#connection.ask<{ removed: number }>(
      { method: 'DELETE', path, findOut: IN_NUMBERS },
      options,
    );
    return removed;
  }

  #list<Query extends MessageQuery | TeamMessageQuery>(
    path: string,
    query: Query,
    follow: (nextPage: string) => Partial<Query>,
    options: CallOptions | undefined,
  ): Pages<MessagePage, Message> {
    const ask = (query: Query) => {
      const request = { method: 'GET', path: path + queryOf({ ...query }) } as const;
      return this.#connection.ask<MessagePage>(request, options);
    };
    return linked(ask, ({ messages }) => messages, follow, query);
  }
}

const IN_NUMBERS = 'look at `byStatus` of the queue in numbers';
