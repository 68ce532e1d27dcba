"""What the tests share: the built-in catalog, and a way to say which error is expected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from tierwise import Catalog, TierwiseError

Refused = Callable[[str, str], AbstractContextManager[None]]


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The catalog of the messaging service."""
    return Catalog.messaging()


@pytest.fixture
def refused() -> Refused:
    """Expects an error with a code and a path."""

    @contextmanager
    def expect(code: str, path: str) -> Iterator[None]:
        with pytest.raises(TierwiseError) as caught:
            yield
        assert (caught.value.code, caught.value.path) == (code, path)

    return expect
