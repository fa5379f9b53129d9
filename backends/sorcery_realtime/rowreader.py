"""Rows as objects."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeVar

import attrs

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds.base import Refused
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.options import MISSING, Option
from sorcery.place import Place
from sorcery.resolving import Resolvers
from sorcery_realtime.escape import Codec
from sorcery_realtime.suspects import ignored, null, torn, unknown
from sorcery_realtime.tables import is_storable

__all__ = ["RowReader", "good", "text_of"]

log = logging.getLogger("sorcery.realtime")

R = TypeVar("R")

REMEMBERED: Final = 256
"""The texts of a column whose meaning is remembered, at most."""


class Meanings(dict[str, Any]):
    """What the texts of one column mean: a column of many rows holds few.

    Raises `Refused` for a text that has no meaning.
    """

    def __init__(self, option: Option, start: Any, codec: Codec) -> None:
        """Take the value, too, that the texts are applied to."""
        self._kind, self._start, self._codec = option.kind, start, codec
        self._is_settled = not (option.secret or option.kind.looks_outside)

    def __missing__(self, stored: str) -> Any:
        value = self._start
        for text in self._codec.texts(stored):
            value = self._kind.parse(text, self._kind.zero if value is MISSING else value, _unheard)
        if self._is_settled:
            if len(self) >= REMEMBERED:
                self.clear()
            self[stored] = value
        return value


@attrs.frozen(slots=True, eq=False)
class Field:
    """A column that is an option of the type."""

    name: str
    default: str = ""
    """The text that leaves the option as it is, so that rows which are written whole are read quickly."""
    attribute: str = ""
    """The attribute that this column alone decides, by its text alone; empty where more goes into it."""
    meanings: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    """The values of that attribute by text."""


Told = list[tuple[Field, Any]]
"""What a row says: its fields that are neither NULL nor at their default, in the order of the columns."""


class Fields(dict[str, Field | None]):
    """The fields of a type by column, found out when they are first asked for; None for a column that is no option."""

    def __init__(self, object_type: ObjectType, codec: Codec) -> None:
        self._object_type, self._codec = object_type, codec
        options = object_type.options.values()
        self._shared = {each.attribute for each in options if each.is_alias and each.is_field}

    def __missing__(self, name: str) -> Field | None:
        is_known = name != "id" and self._object_type.has_field(name)
        self[name] = self._declared(name) if is_known else None
        return self[name]

    def _declared(self, name: str) -> Field:
        """Return the field of a column that is an option, or an extended field.

        Of one that shares its attribute with others nothing is known beforehand: another column may have set it.
        """
        option = self._object_type.option(name)
        if option is None or option.is_family or option.attribute in self._shared:
            return Field(name)
        start = self._object_type.start[option.attribute]
        return Field(name, self._default(option), option.attribute, Meanings(option, start, self._codec))

    def _default(self, option: Option) -> str:
        try:
            return self._codec.join(option.kind.texts(option.start()))
        except ValueError:
            return ""


@attrs.frozen(slots=True)
class RowReader:
    """Builds objects of one type from rows as the driver returns them."""

    object_type: ObjectType
    codec: Codec
    table: str
    compat: bool = False
    secrets: Resolvers | None = None
    tells_of_null: bool = False
    """Whether an Asterisk reads the table by the driver for which NULL is an empty text in lists."""
    fields: Fields = attrs.field(init=False, repr=False, eq=False)

    @fields.default
    def _all_fields(self) -> Fields:
        return Fields(self.object_type, self.codec)

    def builder(
        self, columns: Sequence[str], findings: list[Finding] | None = None
    ) -> Callable[[Sequence[Any]], Object]:
        """Return the function that makes an object of a row with these columns; columns of others are skipped.

        It raises `InvalidObject`, with the row as the place; warnings are added to `findings`.
        """
        position = columns.index("id")
        fields = tuple([self.fields[name] for name in columns])
        defaults = tuple([field.default if field else "" for field in fields])

        def build(row: Sequence[Any]) -> Object:
            told = [
                (field, value)
                for field, default, value in zip(fields, defaults, row, strict=True)
                if value is not None and field is not None and value != default
            ]
            if findings is None:
                return self.read(row[position], told)
            stored = text_of(row[position])
            place = Place(self.table, row=stored)
            key = self._id(stored, place)
            findings.extend(self._suspects(key, columns, row, place))
            # a number as the driver gives it, which nobody set, would be warned of
            told = [(field, value) for field, value in told if text_of(value) != field.default]
            return self._built(key, told, place, findings)

        return build

    def read(self, id: Any, told: Told) -> Object:
        """Return the object of an id as the driver gives it, and of what its row tells.

        Raises `InvalidObject`, with the row as the place: one that holds no object is read again, to say where it is.
        """
        stored = id if id.__class__ is str else text_of(id)
        key = self._known_id(stored)
        if key is not None:
            draft = self.object_type.draft(key, compat=self.compat, secrets=self.secrets)
            changes = draft.changes
            try:
                for field, value in told:
                    text = value if value.__class__ is str else text_of(value)
                    if field.attribute:
                        changes[field.attribute] = field.meanings[text]
                    elif text:
                        for each in self._texts(field.name, text):
                            draft.apply(field.name, each)
                return draft.finish()
            except (InvalidObject, Refused):
                pass
        place = Place(self.table, row=stored)
        return self._built(self._id(stored, place), told, place, [])

    def _suspects(self, key: str, columns: Sequence[str], row: Sequence[Any], place: Place) -> Iterator[Finding]:
        """Yield what the row says and probably does not mean."""
        if self.tells_of_null:
            nulls = [name for name, value in zip(columns, row, strict=True) if value is None]
            yield from null(self.object_type, key, list(filter(self.object_type.has_field, nulls)), place)
        for name, value in zip(columns, row, strict=True):
            if name in self.object_type.newer and value is not None and value != "":
                yield from unknown(self.object_type, key, name, self.codec.split(text_of(value)), place)
            if value.__class__ is not str or name == "id":
                continue
            if self.object_type.has_field(name):
                if ";" in value:
                    yield from torn(self.object_type, key, name, value, self.codec, place)
            else:
                yield from ignored(self.object_type, key, name, value, place)

    def remains(self, columns: Sequence[str], row: Sequence[Any]) -> Object | None:
        """Return what a row that holds no object is without the columns that are to blame; None for no object."""
        key = self._known_id(text_of(row[columns.index("id")]))
        fields = (self.fields[name] for name in columns)
        told = [(field, value) for field, value in zip(fields, row, strict=True) if field and value is not None]
        if key is None:
            return None
        return self.object_type.remains(key, self._pairs(told), compat=self.compat, secrets=self.secrets)

    def _pairs(self, told: Told) -> list[tuple[str, str]]:
        texts = ((field.name, text_of(value)) for field, value in told)
        return [(name, text) for name, stored in texts if stored for text in self._texts(name, stored)]

    def _built(self, key: str, told: Told, place: Place, findings: list[Finding]) -> Object:
        pairs = self._pairs(told)
        return self.object_type.build(
            key, pairs, place=place, compat=self.compat, findings=findings, secrets=self.secrets
        )

    def _texts(self, name: str, stored: str) -> Sequence[str]:
        """Return the values of a non-empty column."""
        if name[0] == "@":
            return (self.codec.single(stored),)
        return self.codec.texts(stored)

    def _known_id(self, stored: str) -> str | None:
        """Return the id that is stored so, or None for a text that is not how an id is stored."""
        key = self.codec.plain(stored)
        return key if key and is_storable(key) and self.codec.key(key) == stored else None

    def _id(self, stored: str, place: Place) -> str:
        """Decode a row's id; one that is not in its escaped form would never be found by it."""
        known = self._known_id(stored)
        if known is not None:
            return known
        key = self.codec.plain(stored)
        if key and is_storable(key):
            remedy = f"write {self.codec.key(key)}"
        else:
            remedy = "give the row an id, in UTF-8, or delete it"
        raise InvalidObject(self.object_type.name, key, f"the id is stored as {stored!r}", remedy=remedy, place=place)


def good(rows: Iterable[R], build: Callable[[R], Object], matches: Callable[[Object], bool]) -> dict[str, Object]:
    """Return the objects of rows that match, each id once; a row that holds none is logged."""
    found: dict[str, Object] = {}
    for row in rows:
        try:
            obj = build(row)
        except InvalidObject as error:
            log.warning("row skipped: %s", error)
            continue
        if matches(obj):
            found.setdefault(obj.id, obj)
    return found


def text_of(value: Any) -> str:
    """Return a driver's value as the text of an option."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))  # a number without a fraction suits options of either kind
        case Decimal():
            return format(value.normalize(), "f")
        case bytes() | bytearray() | memoryview():
            return bytes(value).decode("utf-8", "surrogateescape")
    return str(value)


def _unheard(problem: str, outcome: str) -> None:
    """Take no notice of a repair: whoever tells of rows reads them once more."""
