"""The one error that this package raises of its own."""

from __future__ import annotations

__all__ = ["TierwiseError"]


class TierwiseError(ValueError):
    """What is wrong with a catalog, a question or a column, as data.

    >>> import tierwise
    >>> try:
    ...     tierwise.Catalog.messaging().price_of(tier="premium", n=1)
    ... except tierwise.TierwiseError as error:
    ...     print(error.code, error.path)
    unknown_tier /tier

    The codes stand in `docs/errors.md`; they are the same on every host.
    """

    code: str
    """What kind of thing is wrong: a stable word for programs."""
    path: str
    """Where: a JSON pointer into the catalog, the question or the column."""
    message: str
    """What is wrong and what was expected, for people."""
    help: str
    """How to mend it; may be empty."""

    def __init__(self, code: str, path: str, message: str, help: str = "") -> None:
        """An error of these four fields."""
        # All four are arguments of the exception: so it can be pickled.
        super().__init__(code, path, message, help)
        self.code = code
        self.path = path
        self.message = message
        self.help = help

    def __str__(self) -> str:
        """Place, message, code, and on a second line how to mend it."""
        place = f"{self.path}: " if self.path else ""
        help = f"\n  help: {self.help}" if self.help else ""
        return f"{place}{self.message} [{self.code}]{help}"
