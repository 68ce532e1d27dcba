"""The one error: its fields, its text, its copies."""

from __future__ import annotations

import copy
import pickle

import pytest
from tierwise import Catalog, TierwiseError


def test_an_error_is_data(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="premium") as caught:
        catalog.price_of(tier="premium", n=1)
    error = caught.value
    assert isinstance(error, TierwiseError)
    assert (error.code, error.path) == ("unknown_tier", "/tier")
    assert error.message == "`premium` is not a tier"
    assert error.help.startswith("known are")


def test_its_text_says_where_what_and_how_to_mend_it() -> None:
    error = TierwiseError("negative", "/n", "`-1` is below zero", "count from 1")
    assert str(error) == "/n: `-1` is below zero [negative]\n  help: count from 1"
    assert str(TierwiseError("bad_json", "", "no JSON")) == "no JSON [bad_json]"


def test_it_can_be_copied_and_pickled() -> None:
    error = TierwiseError("negative", "/n", "`-1` is below zero", "count from 1")
    for same in (copy.copy(error), pickle.loads(pickle.dumps(error))):
        assert type(same) is TierwiseError
        assert same.args == error.args
        assert (same.code, same.path, same.message, same.help) == error.args
