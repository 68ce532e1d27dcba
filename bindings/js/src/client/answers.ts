// What the service answers: the schemas of its contract, field by field. Money stays text.

/** A moment: ISO 8601 in UTC with milliseconds, `2026-04-01T09:00:00.000Z`. */
export type Time = string;
/** An exact amount: a decimal without exponent and without trailing zeros, `1209.9`. */
export type Money = string;
/** An amount that is due: exactly two decimals, `1209.90`. */
export type Cents = string;
/** A billing period, `2026-04`. */
export type PeriodId = string;

/** A word of the contract, or one that a later version may add to it. */
export type OpenWord<Words extends string> = Words | (string & {});

/** A tier: one of those that the service comes with, or of a catalog of its operator's own. */
export type Tier = OpenWord<
  'limited_msg_no_chat_history' | 'unlimited_msg_no_chat_history' | 'unlimited_msg_chat_history'
>;
/** What an account is on: a network, or the built-in transport for trials and tests. */
export type AccountType = 'wa' | 'mock';
/** Logged in, being connected, or neither. */
export type AccountState = 'open' | 'connecting' | 'close';
/** What a change brings with it; section 3.4 of the contract says what each means. */
export type Effect = OpenWord<
  | 'history_removed'
  | 'rescan_needed'
  | 'limit_set'
  | 'sending_stopped'
  | 'limit_lifted'
  | 'sending_resumed'
  | 'subscription_ended'
  | 'logged_out'
  | 'queue_dropped'
  | 'synced_data_removed'
  | 'all_data_removed'
>;
/** Where a message stands; `note` is a remark, which is never sent. */
export type MessageStatus =
  | 'note'
  | 'pending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'error'
  | 'cancelled';
/** What is attached. */
export type AttachmentType =
  | 'image'
  | 'video'
  | 'contact'
  | 'sticker'
  | 'audio'
  | 'document'
  | 'location';
/** What a token may be good for; section 2.3 of the contract says what each opens. */
export type Scope =
  | 'TOKENS_READ'
  | 'TOKENS_DELETE'
  | 'TEAM_UPDATE'
  | 'ACCOUNT_CREATE'
  | 'ACCOUNT_READ'
  | 'ACCOUNT_DELETE'
  | 'ACCOUNT_PATCH'
  | 'TEAMMEMBERS_READ'
  | 'CHATS_ACCESS_ALL'
  | 'CHATS_ACCESS_ASSIGNED'
  | 'MESSAGES_SEND_TO_ASSIGNED'
  | 'MESSAGES_SEND_TO_ALL'
  | 'EDIT_NOTES'
  | 'MESSAGES_DELETE'
  | 'CREATE_NOTES'
  | 'DELETE_NOTES'
  | 'PAYMENTS_READ'
  | 'PAYMENTS_UPDATE'
  | 'MESSAGES_SEARCH';

/** That the service can work, and what it is. */
export interface Health {
  status: 'ok';
  version: string;
  catalogVersion: string;
}

/** A team that the user is in. */
export interface Team {
  id: string;
  name: string;
  createdAt: Time;
  updatedAt: Time;
  /** Two letters, `ZZ` if unset. */
  region: string;
  /** What the membership may have. */
  scopes: Scope[];
  metadata: Record<string, unknown>;
}

/** A page of teams. */
export interface TeamPage {
  teams: Team[];
  /** Only if it was asked for. */
  total?: number;
}

/** A key that verifies access tokens. */
export interface PublicKey {
  kid: string;
  alg: 'ES256';
  pem: string;
  /** Whether it is the one that signs. */
  active: boolean;
}

/** What an account is set to; keys that the service does not know are kept and returned. */
export interface AccountSettings {
  enableHistorySync?: boolean;
  maxMessageSync?: number;
  /** Read by accounts of type `mock`. */
  mock?: {
    /** How long a message is out. */
    delayMs?: number;
    /** What a login finds. */
    history?: { chatId: string; count: number };
    /** Messages of these texts are refused. */
    refuse?: string[];
  };
  [key: string]: unknown;
}

/** How far one kind of history has come in. */
export type SyncPart = { total: number; lastRecvAt: Time } | { error: string };

/** An account. */
export interface Account {
  accountId: string;
  /** The team. */
  ownerId: string;
  nickname: string;
  tier: Tier;
  type: AccountType;
  state: AccountState;
  stateInfo: {
    /** What a person has to scan for the login. */
    qr?: string;
    isSyncingHistory?: boolean;
    sync?: { chats?: SyncPart; contacts?: SyncPart; messages?: SyncPart };
  };
  /** False once it is archived. */
  canLogin: boolean;
  settings: AccountSettings;
  createdAt: Time;
  createdBy?: string;
  updatedAt: Time;
  lastLoginAt?: Time | null;
  lastLogoutAt?: Time | null;
  lastClosedAt?: Time | null;
  archivedAt?: Time | null;
  /** Why the connection failed. */
  error?: { statusCode: number; message: string; data?: Record<string, unknown> } | null;
  queue?: {
    waiting: number;
    /** With the transport at this moment: 0 or 1. */
    out: number;
    heldBecause: 'account_not_open' | 'quota_exhausted' | null;
  };
}

/** A page of accounts. */
export interface AccountPage {
  accounts: Account[];
  /** Only if it was asked for. */
  total?: number;
}

/** A change that was made, and what it brought with it. */
export interface Changed {
  success: true;
  effects: Effect[];
}

/** What a change, an archive or a deletion would do. */
export interface ChangeReport {
  accountId: string;
  from?: Tier;
  to?: Tier | null;
  direction?: 'upgrade' | 'downgrade' | 'archive' | 'delete';
  /** Exactly those that the change would answer with. */
  effects: Effect[];
  /** How many of each kind go: history, live, sent, waiting, notes, contacts. */
  removes: Record<string, number>;
  /** How many of each kind stay. */
  keeps: Record<string, number>;
  money: {
    currency: string;
    /** What the account's next day costs as it is. */
    dayBefore: Money;
    dayAfter: Money;
    /** The team's bill for the period if all goes on as it is. */
    periodBefore: Money;
    periodAfter: Money;
  };
  limit: { used: number; max?: number | null; stoppedUntil?: Time | null };
  /** What each effect can be undone by; null where it cannot. */
  undo?: { effect: Effect; by: string | null }[];
  /** What holds a change to this report. */
  reportHash: string;
  catalogFingerprint: string;
}

/** A chat of an account. */
export interface Chat {
  chatId: string;
  lastAt: Time;
  /** How many messages, by status; and `received`. */
  counts: Record<string, number>;
}

/** A page of chats. */
export interface ChatPage {
  chats: Chat[];
  /** Absent on the last page. */
  nextPage?: string;
}

/** The team's queue in numbers. */
export interface QueueCounts {
  waiting: number;
  out: number;
  /** Waiting messages of held accounts, by reason. */
  held: Record<string, number>;
  byStatus: Record<string, number>;
  oldestWaitingAt?: Time | null;
}

/** What is attached to a message. */
export interface Attachment {
  type: AttachmentType;
  mimetype: string;
  url: string;
  filename?: string;
  [key: string]: unknown;
}

/** A message, sent or received, or a note. */
export interface Message {
  id: string;
  accountId: string;
  chatId: string;
  /** False: received. */
  fromMe: boolean;
  /** When it is due; once sent, when it was sent. */
  timestamp: Time;
  status: MessageStatus;
  text?: string | null;
  attachments?: Attachment[];
  mentions?: string[];
  quoted?: { chatId?: string; id?: string; [key: string]: unknown } | null;
  miscOptions?: { cancelIfReplyReceived?: boolean; [key: string]: unknown };
  /** Who asked for it. */
  sender?: { userId: string; createdAt?: Time } | null;
  /** For the status `error`. */
  error?: {
    statusCode: number;
    message: string;
    data?: Record<string, unknown>;
    retries: number;
  } | null;
  resolvedBy?: string | null;
  resolvedAt?: Time | null;
  /** 0, then one more for each change. */
  revision: number;
  editedAt?: Time | null;
}

/** A page of messages, newest first. */
export interface MessagePage {
  messages: Message[];
  /** Absent on the last page. */
  nextPage?: string;
}

/** A billing period. */
export interface Period {
  id: PeriodId;
  /** Included. */
  start: Time;
  /** Not included. */
  end: Time;
}

/** The team's account-days in the running period, today included. */
export interface TeamDetail {
  id: string;
  access: { features: string[]; limits: Record<string, unknown> };
  usage: {
    limitedMsgNoHistoryAccountDay: number;
    unlimitedMsgNoHistoryAccountDay: number;
    unlimitedMsgHistoryAccountDay: number;
    messages: number;
  };
  createdAt: Time;
  updatedAt: Time;
  lastAccessComputedAt: Time;
  autoChargeItems: string[];
}

/** An account's features, its limit, and what counts against it. */
export interface AccountAccess {
  access: {
    features: OpenWord<'team-inbox' | 'chat-history-sync'>[];
    /** Without `messages`: no limit. */
    limits: { messages?: number };
  };
  usage: { messages: number };
}

/** A range of account-day numbers with one price. */
export interface Band {
  from: number;
  /** Null in the last. */
  to: number | null;
  price: Money;
  /** For display only. */
  monthPrice: Money;
}

/** A tier on the rate card. */
export interface CatalogTier {
  id: Tier;
  rank: number;
  /** Null: no limit. */
  messageLimit: number | null;
  /** 0: no history. */
  historyLimit: number;
  bands: Band[];
  creationCharge: { mode: 'fixed'; amount: Money } | { mode: 'day_rate' };
}

/** The rate card in force. */
export interface Catalog {
  version: string;
  currency: string;
  period: {
    kind: OpenWord<'calendar_month' | 'anchored_month'>;
    anchorDay?: number;
    utcOffsetMinutes: number;
  };
  rounding: { mode: OpenWord<'half_up'>; places: number };
  rules: Record<'endingDay' | 'mixedDay' | 'creationRelation' | 'creationRate', string>;
  display: { days: number; step: Money };
  defaultTier: Tier;
  tiers: CatalogTier[];
}

/** The rate card and the file that it is a view of: `Catalog.load(file)` of `tierwise` takes it. */
export interface CatalogFile extends Catalog {
  file: Record<string, unknown>;
  fingerprint: string;
}

/** Account-days and messages of a period. */
export interface Usage {
  period: Period;
  asOf: Time;
  currency: string;
  tiers: { tier: Tier; accountDays: number; amount: Money }[];
  creationCharges: Money;
  total: Money;
  accounts: {
    accountId: string;
    /** Null once the account is deleted. */
    nickname: string | null;
    /** By tier. */
    accountDays: Record<string, number>;
    messagesSent: number;
    /** A day, `2026-04-01`. */
    firstDay: string | null;
    lastDay: string | null;
  }[];
}

/** A line of an invoice. */
export interface InvoiceLine {
  kind: OpenWord<'account_days' | 'creation'>;
  tier: Tier;
  bandFrom: number | null;
  bandTo: number | null;
  quantity: number;
  unitPrice: Money;
  amount: Money;
}

/** The bill of a period. */
export interface Invoice {
  id: string;
  teamId: string;
  period: Period;
  /** A final one never changes. */
  status: 'open' | 'final';
  currency: string;
  lines: InvoiceLine[];
  /** Exact. */
  total: Money;
  amountDue: Cents;
  issuedAt: Time | null;
}

/** A page of invoices, newest first. */
export interface InvoicePage {
  invoices: Invoice[];
  /** Absent on the last page. */
  nextPage?: string;
}
