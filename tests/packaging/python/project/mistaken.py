"""What type checkers find in a user's module: each line that is marked."""

from __future__ import annotations

from tierwise import Catalog, PriceOfAnswer

catalog = Catalog.messaging()
answer = catalog.price_of(tier="unlimited_msg_chat_history", n=1)

catalog.price_of(tier="unlimited_msg_chat_history")  # wrong
catalog.price_of(tier="unlimited_msg_chat_history", n="1")  # wrong
catalog.price_of("unlimited_msg_chat_history", 1)  # wrong
catalog.round(total=0.5)  # wrong
catalog.quote(items=[{"tier": "unlimited_msg_chat_history", "acounts": 1}])  # wrong
catalog.dispatch(tier="unlimited_msg_chat_history", sent=0, state="opened")  # wrong
catalog.prize_of(tier="unlimited_msg_chat_history", n=1)  # wrong
answer.price = answer.price  # wrong
prize = answer.prize  # wrong
PriceOfAnswer(prize=answer.price)  # wrong
Catalog.load(7)  # wrong
catalog.totals("unlimited_msg_chat_history", [1.5])  # wrong
number: float = answer.price  # wrong
