"""Catalogs: the ways to load one, and what can be done with it."""

from __future__ import annotations

import copy
import json
import pickle
from collections import UserDict
from pathlib import Path
from types import MappingProxyType

import pytest
from conftest import Refused
from tierwise import MAX_DOCUMENT_BYTES, Catalog, TierwiseError

FILE = Path(__file__).resolve().parents[3] / "catalogs" / "messaging.json"


def test_all_ways_lead_to_the_same_catalog(catalog: Catalog) -> None:
    text = FILE.read_text("utf-8")
    document = json.loads(text)
    sources = [
        text,
        "\ufeff" + text,
        text.encode(),
        bytearray(text.encode()),
        FILE,
        document,
        MappingProxyType(document),
        UserDict(document),
    ]
    for source in sources:
        assert Catalog.load(source) == catalog


def test_a_catalog_loads_from_its_own_canonical_form(catalog: Catalog) -> None:
    assert Catalog.load(catalog.to_json()).fingerprint == catalog.fingerprint
    assert Catalog.load(catalog.to_dict()) == catalog
    assert Catalog.load(catalog.catalog().catalog.to_dict()) == catalog


def test_what_it_is(catalog: Catalog) -> None:
    assert (catalog.id, catalog.version, catalog.currency) == ("messaging-accounts", "1", "USD")
    assert catalog.tiers[-1] == "unlimited_msg_chat_history"
    assert repr(catalog) == (
        "<tierwise.Catalog messaging-accounts version 1: 3 tiers, USD, ec653052c7f0>"
    )
    assert "RateCard" in catalog._repr_html_()


def test_copies_and_pickles(catalog: Catalog) -> None:
    assert copy.copy(catalog) is catalog
    assert copy.deepcopy({"it": catalog})["it"] is catalog
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(catalog, protocol)) == catalog
    other = Catalog.load({**catalog.to_dict(), "version": "2"})
    assert other != catalog
    assert len({catalog, Catalog.messaging(), other}) == 2
    assert catalog != catalog.fingerprint


def test_a_catalog_of_ones_own_class(catalog: Catalog) -> None:
    class Mine(Catalog):
        """A catalog of one's own."""

    assert type(Mine.load(FILE)) is Mine
    assert Mine.load(FILE) == catalog


def test_it_is_loaded_not_made() -> None:
    with pytest.raises(TypeError, match=r"Catalog\.load"):
        Catalog()


def test_a_file_that_is_not_there_is_pythons_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Catalog.load(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("source", "code", "path"),
    [
        ("{", "bad_json", ""),
        ("", "bad_json", ""),
        ("messaging.json", "bad_json", ""),
        (b"\xff{}", "invalid_utf8", ""),
        ("\ud800", "invalid_utf8", ""),
        ("[]", "wrong_type", ""),
        (3, "wrong_type", ""),
        (None, "wrong_type", ""),
        ([], "wrong_type", ""),
        ({"tierwise": 2}, "unsupported_format", "/tierwise"),
        ('{"a":1,"a":2}', "duplicate_key", "/a"),
    ],
)
def test_what_is_no_catalog(refused: Refused, source: object, code: str, path: str) -> None:
    with refused(code, path):
        Catalog.load(source)  # type: ignore[arg-type]


def test_a_price_as_a_float_is_refused_at_its_place(catalog: Catalog, refused: Refused) -> None:
    document = catalog.to_dict()
    document["tiers"][0]["prices"][0]["bands"][0]["unitPrice"] = 0.034
    place = "/tiers/0/prices/0/bands/0/unitPrice"
    with pytest.raises(TierwiseError) as caught:
        Catalog.load(document)
    assert (caught.value.code, caught.value.path) == ("expected_decimal_string", place)
    assert "quotes" in caught.value.help


@pytest.mark.parametrize("source", ["catalogs/messaging.json", " /a.json", b"messaging.json"])
def test_a_path_as_text_is_told_how_to_be_one(source: str | bytes) -> None:
    with pytest.raises(TierwiseError) as caught:
        Catalog.load(source)
    assert caught.value.code == "bad_json"
    assert "pathlib.Path" in caught.value.help


@pytest.mark.parametrize("source", ["{", "", "[1", '{"a":1}}', "tierwise: 1\nid: a"])
def test_other_text_is_not_told_about_paths(source: str) -> None:
    with pytest.raises(TierwiseError) as caught:
        Catalog.load(source)
    assert "pathlib.Path" not in caught.value.help


def test_files_and_objects_have_the_same_bound(tmp_path: Path, refused: Refused) -> None:
    file = tmp_path / "large.json"
    file.write_text(" " * MAX_DOCUMENT_BYTES + "{}")
    with refused("too_large", ""):
        Catalog.load(file)
    with refused("too_large", ""):
        Catalog.load({"id": "x" * MAX_DOCUMENT_BYTES})
