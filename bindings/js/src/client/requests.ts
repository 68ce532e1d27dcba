// What is asked of the service: the bodies and queries of its contract.
import type {
  AccountSettings,
  AccountState,
  AccountType,
  Attachment,
  AttachmentType,
  MessageStatus,
  PeriodId,
  Tier,
  Time,
} from './answers.js';
import type { CallOptions } from './options.js';

/** A new account. */
export interface AccountCreate {
  type: AccountType;
  /** By default that of the catalog. */
  tier?: Tier | undefined;
  nickname?: string | undefined;
  settings?: AccountSettings | undefined;
}

/** How an account is created. */
export interface CreateOptions extends CallOptions {
  /**
   * A name for this creation: the service makes one account of all requests that have it within a
   * day. By default a UUID, so that the client can repeat its own; yours outlives your process.
   */
  idempotencyKey?: string | undefined;
}

/** What is changed; settings that are not named stay. */
export interface AccountPatch {
  nickname?: string | undefined;
  tier?: Tier | undefined;
  settings?: AccountSettings | undefined;
}

/** How a change, an archive or a deletion is made. */
export interface ChangeOptions extends CallOptions {
  /** A report: if the change would not do that any more, it is refused with `report_stale`. */
  expecting?: { readonly reportHash: string } | undefined;
}

/** The change that a report is asked for. */
export type ChangeReportRequest = { tier: Tier } | { end: 'archive' | 'delete' };

/** Which accounts. */
export interface AccountQuery {
  /** From 1. */
  page?: number | undefined;
  /** Of a page; at most 100. */
  count?: number | undefined;
  /** Part of the nickname, ignoring case. */
  q?: string | undefined;
  type?: AccountType | undefined;
  state?: AccountState | undefined;
  /** Archived ones, too. */
  all?: boolean | undefined;
  /** Adds `total`. */
  returnCount?: boolean | undefined;
  teamId?: string | undefined;
}

/** Which teams. */
export interface TeamQuery {
  /** From 1. */
  page?: number | undefined;
  /** Of a page; at most 100. */
  count?: number | undefined;
  /** Only these. */
  id?: readonly string[] | undefined;
  /** Adds `total`. */
  includeTotal?: boolean | undefined;
}

/** Which chats. */
export interface ChatQuery {
  /** Of a page; at most 100. */
  count?: number | undefined;
  /** Only those after this one in the list. */
  beforeId?: string | undefined;
}

/** Which messages of a chat. */
export interface MessageQuery {
  /** Of a page; at most 100. */
  count?: number | undefined;
  /** Only older ones than this. */
  beforeId?: string | undefined;
  /** That one, too. */
  includeCursorMessage?: boolean | undefined;
  status?: 'note' | 'pending' | 'error' | undefined;
  fromMe?: boolean | undefined;
  /** Both ends included. */
  range?: { start: Time | Date; end: Time | Date } | undefined;
  attachmentType?: readonly AttachmentType[] | undefined;
}

/** Which messages of the team. */
export interface TeamMessageQuery {
  /** Of a page; at most 100. */
  count?: number | undefined;
  accountId?: string | undefined;
  status?: readonly MessageStatus[] | undefined;
  /** The `nextPage` of the answer before. */
  before?: string | undefined;
}

/** A message to send, or a note to keep. */
export interface Compose {
  /**
   * A name for this message, unique in the account: sent again with the same content, it gives the
   * message that is there. By default a UUID, so that the client can repeat its own requests.
   */
  id?: string | undefined;
  status?: 'pending' | 'note' | undefined;
  /** Not before. */
  timestamp?: Time | Date | undefined;
  text?: string | null | undefined;
  attachments?: readonly Attachment[] | undefined;
  mentions?: readonly string[] | undefined;
  quoted?: { chatId?: string; id?: string; [key: string]: unknown } | null | undefined;
  miscOptions?: { cancelIfReplyReceived?: boolean; [key: string]: unknown } | undefined;
}

/** Messages to several chats: the fields of a recipient come before those of `compose`. */
export interface MultiCompose {
  compose?: Compose | undefined;
  /** 1 to 1000. */
  recipients: readonly (Compose & { chatId: string })[];
}

/** How a message is sent. */
export interface SendOptions extends CallOptions {
  /** Refused with `account_not_open` if the account is not open; otherwise the message waits. */
  requireOpenAccount?: boolean | undefined;
}

/** What is changed of a note or of a waiting message. */
export interface MessagePatch {
  /** Notes only. */
  resolved?: boolean | undefined;
  /** Messages only. */
  timestamp?: Time | Date | undefined;
  text?: string | undefined;
  attachments?: readonly Attachment[] | undefined;
  mentions?: readonly string[] | undefined;
}

/** Which messages are removed together. */
export interface ClearQuery {
  accountId?: string | undefined;
  chatId?: string | undefined;
}

/** Which usage. */
export interface UsageQuery {
  /** By default the running one. */
  period?: PeriodId | undefined;
  accountId?: string | undefined;
}

/** Which invoices. */
export interface InvoiceQuery {
  /** By default all. */
  period?: PeriodId | undefined;
  /** Of a page; at most 100. */
  count?: number | undefined;
  /** Only older ones than this. */
  beforeId?: string | undefined;
}
