"""What is asked of the service and what it answers: typed dictionaries with the contract's keys.

Money stays text, exact as the service wrote it; times are ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict

if TYPE_CHECKING:
    from typing_extensions import NotRequired

__all__ = [
    "Account",
    "AccountAccess",
    "AccountPage",
    "AccountState",
    "AccountType",
    "Attachment",
    "AttachmentType",
    "Catalog",
    "CatalogFile",
    "CatalogTier",
    "ChangeReport",
    "Changed",
    "Chat",
    "ChatPage",
    "Compose",
    "Health",
    "Invoice",
    "InvoiceLine",
    "InvoicePage",
    "Message",
    "MessagePage",
    "MessageStatus",
    "Period",
    "PublicKey",
    "QueueCounts",
    "Recipient",
    "Scope",
    "Team",
    "TeamDetail",
    "TeamPage",
    "Unsent",
    "Usage",
]

AccountType: TypeAlias = Literal["wa", "mock"]
"""What an account is on: a network, or the built-in transport for trials and tests."""
AccountState: TypeAlias = Literal["open", "connecting", "close"]
"""Logged in, being connected, or neither."""
MessageStatus: TypeAlias = Literal[
    "note", "pending", "sent", "delivered", "read", "error", "cancelled"
]
"""Where a message stands; `note` is a remark, which is never sent."""
AttachmentType: TypeAlias = Literal[
    "image", "video", "contact", "sticker", "audio", "document", "location"
]
"""What is attached."""
Unsent: TypeAlias = Literal["pending", "error", "cancelled"]
"""What can be sent again, or cleared."""
Scope: TypeAlias = Literal[
    "TOKENS_READ",
    "TOKENS_DELETE",
    "TEAM_UPDATE",
    "ACCOUNT_CREATE",
    "ACCOUNT_READ",
    "ACCOUNT_DELETE",
    "ACCOUNT_PATCH",
    "TEAMMEMBERS_READ",
    "CHATS_ACCESS_ALL",
    "CHATS_ACCESS_ASSIGNED",
    "MESSAGES_SEND_TO_ASSIGNED",
    "MESSAGES_SEND_TO_ALL",
    "EDIT_NOTES",
    "MESSAGES_DELETE",
    "CREATE_NOTES",
    "DELETE_NOTES",
    "PAYMENTS_READ",
    "PAYMENTS_UPDATE",
    "MESSAGES_SEARCH",
]
"""What a token may be good for; section 2.3 of the contract says what each opens."""


class Health(TypedDict):
    """That the service can work, and what it is."""

    status: Literal["ok"]
    version: str
    catalogVersion: str


class Team(TypedDict):
    """A team that the user is in."""

    id: str
    name: str
    createdAt: str
    updatedAt: str
    region: str
    scopes: list[Scope]
    metadata: dict[str, Any]


class TeamPage(TypedDict):
    """A page of teams."""

    teams: list[Team]
    total: NotRequired[int]


class PublicKey(TypedDict):
    """A key that verifies access tokens."""

    kid: str
    alg: Literal["ES256"]
    pem: str
    active: bool


class AccountQueue(TypedDict):
    """An account's queue in numbers."""

    waiting: int
    out: int
    heldBecause: Literal["account_not_open", "quota_exhausted"] | None


class Account(TypedDict):
    """An account."""

    accountId: str
    ownerId: str
    nickname: str
    tier: str
    type: AccountType
    state: AccountState
    stateInfo: dict[str, Any]
    canLogin: bool
    settings: dict[str, Any]
    createdAt: str
    createdBy: NotRequired[str]
    updatedAt: str
    lastLoginAt: NotRequired[str | None]
    lastLogoutAt: NotRequired[str | None]
    lastClosedAt: NotRequired[str | None]
    archivedAt: NotRequired[str | None]
    error: NotRequired[dict[str, Any] | None]
    queue: NotRequired[AccountQueue]


class AccountPage(TypedDict):
    """A page of accounts."""

    accounts: list[Account]
    total: NotRequired[int]


class Changed(TypedDict):
    """A change that was made, and what it brought with it."""

    success: Literal[True]
    effects: list[str]


class ReportMoney(TypedDict):
    """What a change does to the account's next day, and to the team's bill of the period."""

    currency: str
    dayBefore: str
    dayAfter: str
    periodBefore: str
    periodAfter: str


class ReportLimit(TypedDict):
    """What a change does to the limit of messages."""

    used: int
    max: NotRequired[int | None]
    stoppedUntil: NotRequired[str | None]


# Not as a class: `from` is a word of Python.
_FromTier = TypedDict("_FromTier", {"from": str}, total=False)


class ChangeReport(_FromTier):
    """What a change, an archive or a deletion would do."""

    accountId: str
    to: NotRequired[str | None]
    direction: NotRequired[Literal["upgrade", "downgrade", "archive", "delete"]]
    effects: list[str]
    removes: dict[str, int]
    keeps: dict[str, int]
    money: ReportMoney
    limit: ReportLimit
    undo: NotRequired[list[dict[str, str | None]]]
    reportHash: str
    catalogFingerprint: str


class Chat(TypedDict):
    """A chat of an account."""

    chatId: str
    lastAt: str
    counts: dict[str, int]


class ChatPage(TypedDict):
    """A page of chats."""

    chats: list[Chat]
    nextPage: NotRequired[str]


class QueueCounts(TypedDict):
    """The team's queue in numbers."""

    waiting: int
    out: int
    held: dict[str, int]
    byStatus: dict[str, int]
    oldestWaitingAt: NotRequired[str | None]


class Attachment(TypedDict):
    """What is attached to a message."""

    type: AttachmentType
    mimetype: str
    url: str
    filename: NotRequired[str]


class Compose(TypedDict, total=False):
    """A message to send, or a note to keep."""

    id: str
    status: Literal["pending", "note"]
    timestamp: datetime | str
    text: str | None
    attachments: Sequence[Attachment]
    mentions: Sequence[str]
    quoted: dict[str, Any] | None
    miscOptions: dict[str, Any]


class Recipient(Compose):
    """One of several chats that a message goes to, with what is different there."""

    chatId: str


class Message(TypedDict):
    """A message, sent or received, or a note."""

    id: str
    accountId: str
    chatId: str
    fromMe: bool
    timestamp: str
    status: MessageStatus
    text: NotRequired[str | None]
    attachments: NotRequired[list[Attachment]]
    mentions: NotRequired[list[str]]
    quoted: NotRequired[dict[str, Any] | None]
    miscOptions: NotRequired[dict[str, Any]]
    sender: NotRequired[dict[str, Any] | None]
    error: NotRequired[dict[str, Any] | None]
    resolvedBy: NotRequired[str | None]
    resolvedAt: NotRequired[str | None]
    revision: int
    editedAt: NotRequired[str | None]


class MessagePage(TypedDict):
    """A page of messages, newest first."""

    messages: list[Message]
    nextPage: NotRequired[str]


class Period(TypedDict):
    """A billing period: its start is included, its end is not."""

    id: str
    start: str
    end: str


class TeamDetail(TypedDict):
    """The team's account-days in the running period, today included."""

    id: str
    access: dict[str, Any]
    usage: dict[str, int]
    createdAt: str
    updatedAt: str
    lastAccessComputedAt: str
    autoChargeItems: list[str]


class AccountAccess(TypedDict):
    """An account's features, its limit, and what counts against it."""

    access: dict[str, Any]
    usage: dict[str, int]


class CatalogTier(TypedDict):
    """A tier on the rate card."""

    id: str
    rank: int
    messageLimit: int | None
    historyLimit: int
    bands: list[dict[str, Any]]
    creationCharge: dict[str, str]


class Catalog(TypedDict):
    """The rate card in force."""

    version: str
    currency: str
    period: dict[str, Any]
    rounding: dict[str, Any]
    rules: dict[str, str]
    display: dict[str, Any]
    defaultTier: str
    tiers: list[CatalogTier]


class CatalogFile(Catalog):
    """The rate card and the file it is a view of, which `tierwise.Catalog.load` takes."""

    file: dict[str, Any]
    fingerprint: str


class UsageOfTier(TypedDict):
    """Account-days of one tier."""

    tier: str
    accountDays: int
    amount: str


class UsageOfAccount(TypedDict):
    """What one account used; its nickname is `None` once it is deleted."""

    accountId: str
    nickname: str | None
    accountDays: dict[str, int]
    messagesSent: int
    firstDay: str | None
    lastDay: str | None


class Usage(TypedDict):
    """Account-days and messages of a period."""

    period: Period
    asOf: str
    currency: str
    tiers: list[UsageOfTier]
    creationCharges: str
    total: str
    accounts: list[UsageOfAccount]


class InvoiceLine(TypedDict):
    """A line of an invoice."""

    kind: str
    tier: str
    bandFrom: int | None
    bandTo: int | None
    quantity: int
    unitPrice: str
    amount: str


class Invoice(TypedDict):
    """The bill of a period; a final one never changes."""

    id: str
    teamId: str
    period: Period
    status: Literal["open", "final"]
    currency: str
    lines: list[InvoiceLine]
    total: str
    amountDue: str
    issuedAt: str | None


class InvoicePage(TypedDict):
    """A page of invoices, newest first."""

    invoices: list[Invoice]
    nextPage: NotRequired[str]
