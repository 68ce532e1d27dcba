"""Messages and notes: sent, read, changed, withdrawn."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from ._address import given, path_of, plain, query_of
from ._connection import Operations, Request
from ._pages import Pages, by_link
from .types import (
    Attachment,
    AttachmentType,
    Compose,
    Message,
    MessagePage,
    MessageStatus,
    Recipient,
    Unsent,
)

IN_NUMBERS = "look at `byStatus` of the queue in numbers"


class Messages(Operations):
    """What is done with messages. All of it raises `ServiceError`."""

    def send(
        self,
        account_id: str,
        chat_id: str,
        *,
        text: str | None = None,
        id: str | None = None,
        status: Literal["pending", "note"] | None = None,
        timestamp: datetime | str | None = None,
        attachments: Sequence[Attachment] | None = None,
        mentions: Sequence[str] | None = None,
        quoted: Mapping[str, Any] | None = None,
        misc_options: Mapping[str, Any] | None = None,
        require_open_account: bool | None = None,
    ) -> Message:
        """Sends a message, or keeps a note.

        It always has an `id`, by default a UUID, so it can be repeated: the service keeps it once.
        """
        id = id or str(uuid.uuid4())
        query = query_of(requireOpenAccount=require_open_account)
        body = given(
            id=id,
            status=status,
            timestamp=timestamp,
            text=text,
            attachments=attachments,
            mentions=mentions,
            quoted=quoted,
            miscOptions=misc_options,
        )
        path = path_of("im", "messages", account_id, chat_id) + query
        asked = Request[list[Message]]("POST", path, body, names={"id": id})
        return self._connection.ask(asked)[0]

    def send_to_many(
        self,
        account_id: str,
        recipients: Sequence[Recipient],
        *,
        compose: Compose | None = None,
        require_open_account: bool | None = None,
    ) -> list[Message]:
        """Sends to several chats, all or none; one message for each recipient, in order.

        The fields of a recipient come before those of `compose`.
        """
        query = query_of(accountId=account_id, requireOpenAccount=require_open_account)
        common = (compose or {}).get("id")
        ids = [each.get("id") or common or str(uuid.uuid4()) for each in recipients]
        named = [{**each, "id": id} for each, id in zip(recipients, ids, strict=True)]
        body = given(compose=plain(compose), recipients=named)
        return self._connection.ask(
            Request[list[Message]]("POST", f"/im/messages{query}", body, names={"ids": ids})
        )

    def read(
        self,
        account_id: str,
        chat_id: str,
        *,
        count: int | None = None,
        before_id: str | None = None,
        include_cursor_message: bool | None = None,
        status: Literal["note", "pending", "error"] | None = None,
        from_me: bool | None = None,
        between: tuple[datetime | str, datetime | str] | None = None,
        attachment_type: Sequence[AttachmentType] | None = None,
    ) -> Pages[MessagePage, Message]:
        """The messages and notes of a chat, newest first; `between` includes both its ends."""
        query = {
            "count": count,
            "beforeId": before_id,
            "includeCursorMessage": include_cursor_message,
            "status": status,
            "fromMe": from_me,
            "range": None if between is None else {"start": between[0], "end": between[1]},
            "attachmentType": attachment_type,
        }
        return Pages(
            self._connection,
            path_of("im", "messages", account_id, chat_id),
            query,
            key="messages",
            # The message that a page begins after was on the page before.
            next=by_link("beforeId", once="includeCursorMessage"),
        )

    def all(
        self,
        *,
        count: int | None = None,
        account_id: str | None = None,
        status: Sequence[MessageStatus] | None = None,
        before: str | None = None,
    ) -> Pages[MessagePage, Message]:
        """The messages and notes of the whole team, newest first."""
        query = {"count": count, "accountId": account_id, "status": status, "before": before}
        return Pages(
            self._connection, "/im/messages", query, key="messages", next=by_link("before")
        )

    def edit(
        self,
        account_id: str,
        chat_id: str,
        id: str,
        *,
        resolved: bool | None = None,
        timestamp: datetime | str | None = None,
        text: str | None = None,
        attachments: Sequence[Attachment] | None = None,
        mentions: Sequence[str] | None = None,
    ) -> Message:
        """Changes a note, or a message that waits.

        Not repeated after a broken connection, as the message may have gone since:
        `outcome_unknown`.
        """
        body = given(
            resolved=resolved,
            timestamp=timestamp,
            text=text,
            attachments=attachments,
            mentions=mentions,
        )
        path = path_of("im", "messages", account_id, chat_id, id)
        find_out = "read the chat: the `revision` of the message counts its changes"
        return self._connection.ask(Request[Message]("PATCH", path, body, find_out=find_out))

    def remove(self, account_id: str, chat_id: str, id: str) -> None:
        """Withdraws a message that waits, or removes one or a note here.

        Repeated after a broken connection: ids are not used again, so if there is none any more, it
        is done.
        """
        path = path_of("im", "messages", account_id, chat_id, id)
        self._connection.ask(Request[Any]("DELETE", path, is_removal=True))

    def retry(self, status: Unsent, *, timestamp: datetime | str | None = None) -> int:
        """Makes all messages in a status wait to be sent, and says how many.

        They are due now, or at `timestamp`. Not repeated after a broken connection, as a repeat
        would send again what failed since: `outcome_unknown`.
        """
        body = given(timestamp=timestamp) or None
        path = path_of("im", "messages", status, "retry")
        asked = Request[dict[str, int]]("PATCH", path, body, find_out=IN_NUMBERS)
        return self._connection.ask(asked)["changed"]

    def clear(
        self, status: Unsent, *, account_id: str | None = None, chat_id: str | None = None
    ) -> int:
        """Removes all messages in a status, and says how many.

        Not repeated after a broken connection, as a repeat would remove those that came since:
        `outcome_unknown`.
        """
        query = query_of(accountId=account_id, chatId=chat_id)
        path = path_of("im", "messages", status, "retry") + query
        asked = Request[dict[str, int]]("DELETE", path, find_out=IN_NUMBERS)
        return self._connection.ask(asked)["removed"]
