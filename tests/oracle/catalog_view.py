"""The canonical form of a catalog, its fingerprint (F4) and its rate card."""

from __future__ import annotations

import hashlib
from typing import Any

from .catalog import Catalog
from .money import bands_of, days_price, month_price
from .tiers import Band, CreationCharge, Price, Tier
from .writing import canonical_json, decimal_text

_FINGERPRINTS: dict[int, tuple[Catalog, str]] = {}


def fingerprint(catalog: Catalog) -> str:
    """F4: SHA-256 of the canonical JSON of the canonical form."""
    known = _FINGERPRINTS.get(id(catalog))
    if known is None or known[0] is not catalog:
        text = canonical_json(canonical_form(catalog))
        known = (catalog, hashlib.sha256(text.encode("utf-8")).hexdigest())
        _FINGERPRINTS.clear()
        _FINGERPRINTS[id(catalog)] = known
    return known[1]


def canonical_form(catalog: Catalog) -> dict[str, Any]:
    """Every default filled in, bands in the `upTo` form, no keys that are null."""
    form: dict[str, Any] = {
        "tierwise": 1,
        "id": catalog.id,
        "version": catalog.version,
        "currency": catalog.currency,
        "period": _period(catalog),
        "display": _display(catalog),
        "rounding": {
            "mode": catalog.rounding.mode,
            "places": catalog.rounding.places,
            "apply": catalog.rounding.apply,
        },
        "rules": dict(catalog.rules),
        "meters": {meter: {"kind": kind} for meter, kind in catalog.meters.items()},
        "features": {},
        "defaultTier": catalog.default_tier,
        "tiers": [_tier(tier) for tier in catalog.tiers],
    }
    for name, feature in catalog.features.items():
        words: dict[str, Any] = {
            "onLoss": list(feature.on_loss), "onGain": list(feature.on_gain),
        }
        if feature.unit is not None:
            words["unit"] = feature.unit
        form["features"][name] = words
    if catalog.effective_from is not None:
        form["effectiveFrom"] = catalog.effective_from
    return form


def _period(catalog: Catalog) -> dict[str, Any]:
    period: dict[str, Any] = {
        "kind": catalog.calendar.kind,
        "utcOffsetMinutes": catalog.calendar.utc_offset_minutes,
    }
    if catalog.calendar.anchor_day is not None:
        period["anchorDay"] = catalog.calendar.anchor_day
    return period


def _display(catalog: Catalog) -> dict[str, Any]:
    return {"days": catalog.display_days, "step": decimal_text(catalog.display_step)}


def _creation(charge: CreationCharge) -> dict[str, Any]:
    if charge.amount is None:
        return {"mode": charge.mode}
    return {"mode": charge.mode, "amount": decimal_text(charge.amount)}


def _tier(tier: Tier) -> dict[str, Any]:
    form: dict[str, Any] = {
        "id": tier.id,
        "rank": tier.rank,
        "features": {
            name: {} if most is None else {"max": most} for name, most in tier.features.items()
        },
        "limits": {meter: {"max": most, "kind": "hard"} for meter, most in tier.limits.items()},
        "prices": [_price(price) for price in tier.prices],
    }
    if tier.name is not None:
        form["name"] = tier.name
    if tier.creation is not None:
        form["creationCharge"] = _creation(tier.creation)
    return form


def _price(price: Price) -> dict[str, Any]:
    form: dict[str, Any] = {"id": price.id, "meter": price.meter, "model": price.model}
    if price.model == "per_unit":
        form["unitPrice"] = decimal_text(price.bands[0].unit_price)
        return form
    form["feeAtZero"] = price.fee_at_zero
    if price.amount is not None:
        form["amount"] = decimal_text(price.amount)
    else:
        form["bands"] = [_band(band) for band in price.bands]
    return form


def _band(band: Band) -> dict[str, Any]:
    form: dict[str, Any] = {"upTo": band.last, "unitPrice": decimal_text(band.unit_price)}
    if band.flat_fee > 0:
        form["flatFee"] = decimal_text(band.flat_fee)
    return form


def rate_card(catalog: Catalog) -> dict[str, Any]:
    """semantics.md section 12, with the month price in each band."""
    return {
        "version": catalog.version,
        "currency": catalog.currency,
        "period": _period(catalog),
        "display": _display(catalog),
        "rounding": {"mode": catalog.rounding.mode, "places": catalog.rounding.places},
        "rules": dict(catalog.rules),
        "defaultTier": catalog.default_tier,
        "tiers": [_tier_card(catalog, tier) for tier in catalog.by_rank],
    }


def _tier_card(catalog: Catalog, tier: Tier) -> dict[str, Any]:
    price = days_price(catalog, tier)
    bands: list[dict[str, Any]] = []
    for band in bands_of(price) if price is not None else ():
        bands.append({
            "from": band.first,
            "to": band.last,
            "price": decimal_text(band.unit_price),
            "monthPrice": decimal_text(month_price(catalog, band.unit_price)[1]),
        })
    return {
        "id": tier.id,
        "rank": tier.rank,
        "messageLimit": tier.limits.get("message"),
        "historyLimit": tier.features.get("chat_history", 0),
        "bands": bands,
        "creationCharge": None if tier.creation is None else _creation(tier.creation),
    }
