"""Catalogs: loaded once, asked often."""

from __future__ import annotations

from os import PathLike

from ._engine import MAX_DOCUMENT_BYTES, Decimals, Engine
from ._operations import Operations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, TypeAlias

    from typing_extensions import Self

    from ._columns import Column

    _Source: TypeAlias = "str | bytes | bytearray | PathLike[str] | Mapping[str, Any]"


class Catalog(Operations):
    """The tiers, prices, limits and rules of a product; it answers questions about them.

    >>> from tierwise import Catalog
    >>> catalog = Catalog.messaging()
    >>> catalog.price_of(tier="unlimited_msg_chat_history", n=3001).price
    Decimal('0.33')

    A catalog never changes. It can be shared by threads, pickled, compared and hashed: two are
    equal if their canonical documents are.
    """

    __slots__ = ()

    def __init__(self) -> None:
        """Not called: a catalog is loaded."""
        raise TypeError("use `Catalog.load` or `Catalog.messaging`")

    @classmethod
    def load(cls, source: _Source) -> Self:
        """Loads a catalog.

        Args:
            source: JSON text (`str` or `bytes`), a path (`pathlib.Path`) of a file of it, or the
                document itself as a mapping.

        Raises:
            TierwiseError: what is wrong with the catalog, and where.
            OSError: the file cannot be read.
        """
        if isinstance(source, PathLike):
            with open(source, "rb") as file:
                # A byte more than is allowed is enough to be refused.
                source = file.read(MAX_DOCUMENT_BYTES + 1)
        return cls._of(Engine.load(source))

    @classmethod
    def messaging(cls) -> Self:
        """The built-in catalog of the messaging service."""
        return cls._of(Engine.messaging())

    @classmethod
    def _of(cls, engine: Engine) -> Self:
        catalog = cls.__new__(cls)
        catalog._engine = engine
        return catalog

    def ask(self, operation: str, request: str | bytes | bytearray | Mapping[str, Any]) -> str:
        """Answers any operation: the request as JSON text or a mapping, canonical JSON out.

        >>> Catalog.messaging().ask("price_of", '{"tier":"limited_msg_no_chat_history","n":1}')
        '{"price":"0.034"}'

        Raises:
            TierwiseError: what is wrong with the request, and where.
        """
        return self._engine.ask(operation, request)

    def totals(
        self,
        tier: str,
        quantities: Column,
        *,
        meter: str | None = None,
        nulls: Literal["keep", "refuse"] = "keep",
    ) -> Decimals:
        """The total price of each quantity of a column, exact.

        >>> Catalog.messaging().totals("unlimited_msg_chat_history", [1, 3030, None])
        <tierwise.Decimals Decimal128(38, 12), 3 rows: [0.4, 1209.9, None]>

        Args:
            tier: the tier whose price counts.
            quantities: whole numbers or decimals: a sequence, a NumPy array of one dimension, or
                anything with the Arrow PyCapsule interface (Polars, pyarrow, pandas, DuckDB).
            meter: the meter that the quantities are of; without it, account-days.
            nulls: `"keep"` gives a null for a null, `"refuse"` an error.

        Returns:
            An Arrow array of `Decimal128(38, 12)`, whatever the prices are.

        Raises:
            TierwiseError: `path` is `/tier`, `/meter`, or the row, like `/quantities/3`.
        """
        return self._engine.totals(tier, quantities, meter, nulls)

    @property
    def id(self) -> str:
        """The id of the catalog."""
        return self._engine.name[0]

    @property
    def version(self) -> str:
        """Its version."""
        return self._engine.name[1]

    @property
    def currency(self) -> str:
        """The currency of its prices, by ISO 4217."""
        return self._engine.name[2]

    @property
    def tiers(self) -> tuple[str, ...]:
        """The ids of its tiers, by rising rank."""
        return tuple(self._engine.tiers)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the canonical document, in hex: equal catalogs have the same."""
        return self._engine.fingerprint

    def to_json(self) -> str:
        """The canonical document, with every default written out."""
        return self._engine.canonical_json

    def to_dict(self) -> dict[str, Any]:
        """The same as plain Python values."""
        import json

        document: dict[str, Any] = json.loads(self._engine.canonical_json)
        return document

    def __eq__(self, other: object) -> bool:
        """Whether it is a catalog with the same fingerprint."""
        if not isinstance(other, Catalog):
            return NotImplemented
        return self.fingerprint == other.fingerprint

    def __hash__(self) -> int:
        """A hash of the fingerprint."""
        return hash(self.fingerprint)

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        """Pickles it as its canonical document."""
        return (type(self).load, (self.to_json(),))

    def __copy__(self) -> Self:
        """Itself: it never changes."""
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: it never changes."""
        return self

    def __repr__(self) -> str:
        """Its id, version, currency, number of tiers and the start of its fingerprint."""
        id, version, currency = self._engine.name
        count = len(self._engine.tiers)
        return (
            f"<tierwise.Catalog {id} version {version}: {count} tiers, {currency}, "
            f"{self.fingerprint[:12]}>"
        )

    def _repr_html_(self) -> str:
        """The rate card, for notebooks."""
        return self.catalog().rate_card._repr_html_()
