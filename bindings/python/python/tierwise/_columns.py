"""What a column of quantities may be, for type checkers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Protocol, SupportsIndex, TypeAlias


class ArrowArray(Protocol):
    """One Arrow array: `pyarrow.Array`, `arro3.core.Array`, …."""

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule interface."""


class ArrowStream(Protocol):
    """Arrow arrays in a row: a column of Polars, of pandas, `pyarrow.ChunkedArray`, …."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The Arrow PyCapsule interface."""


class ArrayLike(Protocol):
    """What NumPy can take."""

    def __array__(self) -> Any:
        """NumPy's own interface."""


Column: TypeAlias = Sequence[SupportsIndex | Decimal | None] | ArrowArray | ArrowStream | ArrayLike
