"""The model against itself, its naive ways and the worked examples of docs/semantics.md."""

from __future__ import annotations

import unittest
from fractions import Fraction
from random import Random

from . import invoices, money
from .catalog import read_catalog
from .catalog_view import canonical_form, fingerprint
from .days import account_days, read_events
from .operations import answer
from .reading import Refusal
from .run import load_document
from .writing import decimal_text, ratio_text

LIMITED = "limited_msg_no_chat_history"
PLAIN = "unlimited_msg_no_chat_history"
FULL = "unlimited_msg_chat_history"


def built_in(**rules: str):
    document = load_document(None)
    document["rules"].update(rules)
    return read_catalog(document)


def small_bands(**rules: str):
    """The built-in catalog with bands so small that a few accounts cross them."""
    document = load_document(None)
    document["rules"].update(rules)
    for tier in document["tiers"]:
        tier["creationCharge"] = {"mode": "day_rate"}
        tier["prices"][0]["bands"] = [
            {"upTo": 2, "unitPrice": "5", "flatFee": "1.5"},
            {"upTo": 7, "unitPrice": "3.000001"},
            {"upTo": None, "unitPrice": "0.5"},
        ]
    return read_catalog(document)


def random_events(random: Random) -> list[dict]:
    events: list[dict] = []
    hours = sorted(random.choice([0, 0, 9, 24, 24, 48, 50, 71]) for _ in range(4))
    tier = None
    for place, hour in enumerate(hours):
        at = f"2026-04-{29 + hour // 24:02}T{hour % 24:02}:00:00Z"
        if hour >= 48:
            at = f"2026-05-01T{hour - 48:02}:00:00Z"
        others = [name for name in (LIMITED, PLAIN, FULL) if name != tier]
        do = "create" if place == 0 else random.choice(["tier", "tier", "delete"])
        event = {"at": at, "do": do}
        if do != "delete":
            tier = event["tier"] = random.choice(others)
        events.append(event)
        if do == "delete":
            break
    return events


class ShortCuts(unittest.TestCase):
    def test_prices_one_by_one_and_by_band(self) -> None:
        price = money.days_price(small_bands(), small_bands().tiers[0])
        for quantity in range(0, 30):
            self.assertEqual(
                money.amounts_one_by_one(price, quantity),
                money.amounts_by_band(price, Fraction(quantity)),
            )

    def test_charges_one_by_one_and_by_band(self) -> None:
        for rate in ("marginal", "first_band"):
            catalog = small_bands(creationRate=rate)
            for pool_before in range(0, 10):
                arguments = (catalog, catalog.tiers[0], pool_before, 60)
                self.assertEqual(
                    money.charges_one_by_one(*arguments), money.charges_of(*arguments)
                )

    def test_creations_one_by_one_and_by_group(self) -> None:
        random = Random(1)
        different = 0
        for _ in range(150):
            catalog = small_bands(
                endingDay=random.choice(["excluded", "included"]),
                mixedDay=random.choice(["highest", "first", "last"]),
            )
            groups = [
                invoices.Group(
                    random.randint(1, 3), read_events(catalog, random_events(random), "")
                )
                for _ in range(3)
            ]
            first, last = catalog.calendar.read_period("2026-05", "")
            first -= 2
            one_by_one = invoices.creations_one_by_one(catalog, groups, first, last)
            by_group = invoices.creations_by_group(catalog, groups, first, last)
            self.assertEqual(one_by_one, by_group)
            different += any(len(charges) > 1 for charges in one_by_one.values())
        self.assertGreater(different, 20, "the stories cross bands")


class BandForms(unittest.TestCase):
    def test_f1_both_forms_are_one_catalog(self) -> None:
        document = load_document(None)
        for tier in document["tiers"]:
            below = 0
            for band in tier["prices"][0]["bands"]:
                up_to = band.pop("upTo")
                band.update({"from": below + 1, "to": up_to, "price": band.pop("unitPrice")})
                below = up_to
        self.assertEqual(fingerprint(read_catalog(document)), fingerprint(built_in()))

    def test_canonical_form_is_its_own_canonical_form(self) -> None:
        form = canonical_form(small_bands())
        self.assertEqual(canonical_form(read_catalog(form)), form)

    def test_p1_a_gap_is_refused(self) -> None:
        document = load_document(None)
        document["tiers"][0]["prices"][0]["bands"] = [
            {"from": 1, "to": 5, "price": "1"}, {"from": 7, "to": None, "price": "1"},
        ]
        with self.assertRaises(Refusal) as caught:
            read_catalog(document)
        self.assertEqual(caught.exception.code, "band_gap")
        self.assertEqual(caught.exception.path, "/tiers/0/prices/0/bands/1/from")


class WorkedExamples(unittest.TestCase):
    def test_p3_totals_at_the_edges(self) -> None:
        for days, total in ((3001, "1200.33"), (150000, "38010"), (150001, "38010.2")):
            found = answer(built_in(), "total", {"tier": FULL, "account_days": days})
            self.assertEqual(found["total"], total)

    def test_c3_101_accounts_created_on_1_april(self) -> None:
        events = [{"at": "2026-04-01T09:00:00Z", "do": "create", "tier": FULL}]
        request = {"period": "2026-04", "groups": [{"count": 101, "events": events}]}
        self.assertEqual(answer(built_in(), "invoice", request)["total"], "1250.3")
        first_day = built_in(creationRelation="first_day")
        self.assertEqual(answer(first_day, "invoice", request)["total"], "1209.9")

    def test_a2_a4_days_of_a_mixed_story(self) -> None:
        events = [
            {"at": "2026-03-01T00:00:00Z", "do": "create", "tier": LIMITED},
            {"at": "2026-04-10T12:00:00Z", "do": "tier", "tier": FULL},
            {"at": "2026-04-12T12:00:00Z", "do": "tier", "tier": LIMITED},
        ]
        for mixed_day, days in (("highest", 3), ("first", 2), ("last", 2)):
            catalog = built_in(mixedDay=mixed_day)
            first, last = catalog.calendar.read_period("2026-04", "")
            found = account_days(catalog, read_events(catalog, events, ""), first, last)
            self.assertEqual(found, {LIMITED: 30 - days, FULL: days})

    def test_m_graduated_with_flat_fees(self) -> None:
        price = money.days_price(small_bands(), small_bands().tiers[0])
        amounts = [line.amount for line in money.lines_of(price, Fraction(15, 2))]
        self.assertEqual(amounts, [10, Fraction(3, 2), 5 * Fraction("3.000001"), Fraction(1, 4)])

    def test_g3_money_as_text(self) -> None:
        self.assertEqual(decimal_text(Fraction("1209.90")), "1209.9")
        self.assertEqual(decimal_text(Fraction(38010)), "38010")
        self.assertEqual(ratio_text(Fraction("1209.9") / 3030), "4033/10100")


if __name__ == "__main__":
    unittest.main()
