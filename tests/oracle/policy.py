"""Limits (Q), tier changes (D), endings (L) and history (H)."""

from __future__ import annotations

from typing import Any

from .catalog import Catalog
from .reading import read_boolean, read_object, read_text, read_whole, read_word
from .tiers import Tier

KINDS = ("history", "live", "sent", "waiting", "notes", "contacts")


def message_limit(tier: Tier) -> int | None:
    """Q1: the limit on the meter `message`; None: no limit."""
    return tier.limits.get("message")


def quota(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    tier = catalog.read_tier(request["tier"], "/tier")
    sent = read_whole(request["sent"], "/sent")
    waiting = read_whole(request["waiting"], "/waiting")
    asked = read_whole(request["asked"], "/asked")
    kind = read_word(request["kind"], "/kind", ("message", "note"))
    limit = message_limit(tier)
    # Q4: what is left is never below 0.
    left = None if limit is None else max(0, limit - sent - waiting)
    # Q3, Q8: only messages are refused, and only where there is a limit.
    refused = kind == "message" and limit is not None and sent + waiting + asked > limit
    return {"accepted": not refused, "left": left, "status": 402 if refused else 200}


def dispatch(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    tier = catalog.read_tier(request["tier"], "/tier")
    sent = read_whole(request["sent"], "/sent")
    state = read_word(request["state"], "/state", ("close", "connecting", "open"))
    limit = message_limit(tier)
    held_because = None
    if state != "open":
        held_because = "account_not_open"  # Q11
    elif limit is not None and sent >= limit:
        held_because = "quota_exhausted"  # Q5
    return {"send": held_because is None, "held_because": held_because}


def tier_change(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    before = catalog.read_tier(request["from"], "/from")
    after = catalog.find_tier(read_text(request["to"], "/to"))
    sent = read_whole(request["sent"], "/sent")
    archived = read_boolean(request["archived"], "/archived")
    # D9: unknown tier, then archived, then same tier.
    if after is None:
        return {"status": 400, "code": "unknown_tier"}
    if archived:
        return {"status": 409, "code": "account_archived"}
    if after is before:
        return {"status": 400, "code": "same_tier"}
    effects = _feature_effects(catalog, before, after)
    effects += _limit_effects(message_limit(before), message_limit(after), sent)
    direction = "up" if after.rank > before.rank else "down"
    return {"status": 200, "direction": direction, "effects": effects}


def _feature_effects(catalog: Catalog, before: Tier, after: Tier) -> list[str]:
    """D3, D4: words of features lost, then of those gained, each word once."""
    words: list[str] = []
    for name in sorted(catalog.features):
        if name in before.features and name not in after.features:
            words += catalog.features[name].on_loss
    for name in sorted(catalog.features):
        if name not in before.features and name in after.features:
            words += catalog.features[name].on_gain
    return list(dict.fromkeys(words))


def _limit_effects(before: int | None, after: int | None, sent: int) -> list[str]:
    if before == after:
        return []
    if after is None:
        assert before is not None
        # D7
        return ["limit_lifted", "sending_resumed"] if sent >= before else ["limit_lifted"]
    if sent >= after:
        return ["limit_set", "sending_stopped"]  # D5, D6
    if before is not None and before <= sent:
        return ["limit_set", "sending_resumed"]
    return ["limit_set"]  # D5


def ending(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    do = read_word(request["do"], "/do", ("archive", "delete", "downgrade"))
    archived = read_boolean(request["archived"], "/archived")
    logged_in = read_boolean(request["logged_in"], "/logged_in")
    has = read_object(request["has"], "/has", KINDS)
    has = {kind: read_whole(has[kind], f"/has/{kind}") for kind in KINDS}
    # L4: an archived account can only be deleted.
    if archived and do != "delete":
        return {"status": 409, "code": "account_archived"}
    if do == "downgrade":
        feature = catalog.features.get("chat_history")
        effects = [] if feature is None else list(feature.on_loss)
        return {"status": 200, "effects": effects, "keeps": {**has, "history": 0}}
    # L3, L5: the effects in this order.
    effects = [] if archived else ["subscription_ended"]
    if logged_in:
        effects.append("logged_out")
    if has["waiting"] > 0:
        effects.append("queue_dropped")
    effects.append("synced_data_removed" if do == "archive" else "all_data_removed")
    # L2: archiving keeps notes and contacts; L5: deleting keeps nothing.
    kept = ("notes", "contacts") if do == "archive" else ()
    keeps = {kind: has[kind] if kind in kept else 0 for kind in KINDS}
    return {"status": 200, "effects": effects, "keeps": keeps}


def history(catalog: Catalog, request: dict[str, Any]) -> dict[str, Any]:
    tier = catalog.read_tier(request["tier"], "/tier")
    offered = read_whole(request["offered"], "/offered")
    enabled = read_boolean(request["enable_history_sync"], "/enable_history_sync")
    most = request["max_message_sync"]
    bounds = [offered]
    if most is not None:
        bounds.append(read_whole(most, "/max_message_sync"))
    # H1: only on a tier with history, and only if the account wants it.
    if "chat_history" not in tier.features or not enabled:
        return {"stored": 0}
    # H2: at most the feature's max, or the account's own if that is less.
    feature_max = tier.features["chat_history"]
    if feature_max is not None:
        bounds.append(feature_max)
    return {"stored": min(bounds)}
