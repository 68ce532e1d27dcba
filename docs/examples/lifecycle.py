"""The life of an account over HTTP: created, used, billed, downgraded, archived and deleted.

`tierwise serve --demo` prints what to put in the place of the dots; then, where the package
`tierwise` is installed:

    TIERWISE_ORIGIN=… TIERWISE_TEAM=… TIERWISE_REFRESH_TOKEN=… python lifecycle.py
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from tierwise.client import Client, ServiceError

# Signing in: the client trades the refresh token when it first needs to, and renews what it got.
client = Client(
    os.environ["TIERWISE_ORIGIN"],
    team_id=os.environ["TIERWISE_TEAM"],
    refresh_token=os.environ["TIERWISE_REFRESH_TOKEN"],
)


def until(is_so: Callable[[], bool]) -> None:
    """Asks until it is so, ten seconds at most."""
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    raise TimeoutError("it takes too long")


# An account on the tier with history. The type `mock` needs no phone: its login finds three
# messages.
account = client.accounts.create(
    type="mock",
    tier="unlimited_msg_chat_history",
    nickname="Support",
    settings={"mock": {"delayMs": 1, "history": {"chatId": "chat-1", "count": 3}}},
)
account_id = account["accountId"]
client.accounts.open(account_id)
until(lambda: client.accounts.get(account_id)["state"] == "open")
print("open")

# A message, and a note that stays here.
sent = client.messages.send(account_id, "chat-1", text="Hello")
client.messages.send(account_id, "chat-1", text="knows us", status="note")
until(
    lambda: any(
        message["id"] == sent["id"] and message["status"] == "sent"
        for message in client.messages.read(account_id, "chat-1")
    )
)
for message in client.messages.read(account_id, "chat-1"):
    print(f"{message['status']}: {message.get('text')}")

# What it costs. Money is text, exact.
usage = client.payments.usage(account_id=account_id)
print("account-days:", usage["accounts"][0]["accountDays"])
invoice = next(iter(client.payments.invoices(count=1)))
print(f"{invoice['status']}: {invoice['currency'] == usage['currency']}")

# A downgrade: first what it would do, then exactly that.
limited = "limited_msg_no_chat_history"
report = client.accounts.report(account_id, tier=limited)
print("a day:", report["money"]["dayBefore"], "→", report["money"]["dayAfter"])
print("removes:", report["removes"]["history"], "of history")
changed = client.accounts.change(account_id, tier=limited, expecting=report)
print("downgrade:", ", ".join(changed["effects"]))

# The end. An archived account can be read; a deleted one is not there any more.
print("archive:", ", ".join(client.accounts.archive(account_id)["effects"]))
print("delete:", ", ".join(client.accounts.delete(account_id)["effects"]))
try:
    client.accounts.get(account_id)
except ServiceError as error:
    print(error.status_code, error.code)
client.close()
