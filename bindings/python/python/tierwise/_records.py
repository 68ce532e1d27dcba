"""Records: what answers are made of. A record is a tuple whose values have names, too.

The classes themselves are generated from the engine's tables (`_operations.py`). They are made by
`__init_subclass__` rather than by `dataclasses`, which takes a millisecond a class to import.
"""

from __future__ import annotations

from operator import itemgetter
from types import MappingProxyType

from ._engine import Shape, canonical

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, ClassVar, TypeAlias, TypeVar

    from typing_extensions import Self, dataclass_transform

    _Kind: TypeAlias = "str | type[Record] | tuple[str, _Kind]"
    _T = TypeVar("_T")
else:

    def dataclass_transform(**_: object) -> Callable[[_T], _T]:
        """What type checkers know of the decorated class, they know without it being called."""
        return lambda record_class: record_class


PLAIN = "plain"
"""A string, a whole number or a truth value."""
DECIMAL = "decimal"
"""Money or a quantity: a `Decimal`."""
DAY = "day"
"""A day: a `datetime.date`."""


def list_of(kind: _Kind) -> _Kind:
    """A list of values of a kind: a tuple."""
    return ("list", kind)


def map_of(kind: _Kind) -> _Kind:
    """Values of a kind by names: a read-only mapping."""
    return ("map", kind)


class Field:
    """What a class says of one of its fields."""

    __slots__ = ("doc", "is_optional", "key", "kind")

    def __init__(self, key: str, kind: _Kind, doc: str, is_optional: bool) -> None:
        """A field as its class writes it."""
        self.key = key
        self.kind = kind
        self.doc = doc
        self.is_optional = is_optional


def field(key: str, kind: _Kind, doc: str) -> Any:
    """A field that is always there; it may be `None` where its type says so."""
    return Field(key, kind, doc, is_optional=False)


def optional(key: str, kind: _Kind, doc: str, *, default: None) -> Any:
    """A field whose key may be absent in JSON; it is `None` then."""
    return Field(key, kind, doc, is_optional=True)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field, optional))
class Record(tuple[object, ...]):
    """An answer, or a part of one: its fields by name, none of which can be changed.

    It is a tuple, and can be unpacked, matched, compared and hashed. It has `_fields`, `_asdict`
    and `_replace` as a `collections.namedtuple` has them (it is made by name, so there is no
    `_make`): pandas and Polars take lists of it as they are.
    """

    __slots__ = ()

    # The names by which libraries know a named tuple.
    _fields: ClassVar[tuple[str, ...]] = ()
    _field_defaults: ClassVar[Mapping[str, None]] = MappingProxyType({})
    _shape: ClassVar[Shape]

    def __init_subclass__(cls) -> None:
        """Makes the fields of a class read-only attributes."""
        fields = {name: value for name, value in vars(cls).items() if isinstance(value, Field)}
        cls._fields = tuple(fields)
        # Set by its name: type checkers work it out for themselves.
        setattr(cls, "__init__", _initializer(cls, fields))  # noqa: B010
        specs = [(spec.key, spec.kind, spec.is_optional) for spec in fields.values()]
        cls._shape = Shape(cls, specs)
        for place, (name, spec) in enumerate(fields.items()):
            setattr(cls, name, property(itemgetter(place), doc=spec.doc))

    def __new__(cls, **values: object) -> Self:
        """A record of these values, which `__init__` holds against its fields."""
        return tuple.__new__(cls, [values.get(name) for name in cls._fields])

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The record that its canonical JSON is."""
        record: Self = cls._shape.read(text)
        return record

    def to_json(self) -> str:
        """Canonical JSON, byte for byte what the engine answers on every host."""
        return canonical(self)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain Python values, with the keys of JSON and money as strings."""
        import json

        answer: dict[str, Any] = json.loads(canonical(self))
        return answer

    def _asdict(self) -> dict[str, object]:
        """The fields by their names in Python, as named tuples give them."""
        return dict(zip(self._fields, self, strict=True))

    def _replace(self, **changes: object) -> Self:
        """The same with other values for some fields, as named tuples do it."""
        return type(self)(**{**self._asdict(), **changes})

    def __eq__(self, other: object) -> bool:
        """Whether it is a record of the same class with equal values."""
        return type(self) is type(other) and tuple.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        """The opposite of `==`."""
        return not self == other

    def __hash__(self) -> int:
        """A hash of the class and the values."""
        values = (
            frozenset(value.items()) if isinstance(value, MappingProxyType) else value
            for value in self
        )
        return hash((type(self), *values))

    def __reduce__(self) -> tuple[Callable[[str], Self], tuple[str]]:
        """Pickles it as its canonical JSON."""
        return (type(self).from_json, (canonical(self),))

    def __repr__(self) -> str:
        """Its fields; of lists of records only how many there are."""
        shown = ", ".join(
            f"{name}={_shown(value)}"
            for name, value in zip(self._fields, self, strict=True)
            if value is not None
        )
        return f"{type(self).__name__}({shown})"

    def _repr_html_(self) -> str:
        """Tables, for notebooks."""
        from ._html import record_html

        return record_html(self)


def _initializer(record_class: type[Record], fields: dict[str, Field]) -> Callable[..., None]:
    """What holds the values that a record is made of against its fields.

    Written out, so that `help` and editors show the parameters, and Python says which is missing.
    """
    parameters = [f"{name}=None" if spec.is_optional else name for name, spec in fields.items()]
    # The names come from the class itself, whose body Python has read as code already.
    made: Callable[..., None] = eval(f"lambda self, *, {', '.join(parameters)}: None")
    made.__name__, made.__module__ = "__init__", record_class.__module__
    made.__qualname__ = f"{record_class.__qualname__}.__init__"
    made.__doc__ = "A record of these values; those of optional fields may be left out."
    return made


def _shown(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Record):
        if isinstance(value, Record):
            return repr(value)
        return f"({len(value)} × {type(value[0]).__name__})"
    if isinstance(value, MappingProxyType):
        return repr(dict(value))
    return repr(value)
