"""Rows as objects."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import attrs

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.objects import Object, ObjectSet
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.resolving import Resolvers
from sorcery_realtime.escape import Codec
from sorcery_realtime.suspects import ignored, null, torn, unknown
from sorcery_realtime.tables import is_storable

__all__ = ["RowReader", "text_of"]


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

    def builder(
        self, columns: Sequence[str], findings: list[Finding] | None = None
    ) -> Callable[[Sequence[Any]], Object]:
        """Return the function that makes an object of a row with these columns; columns of others are skipped.

        It raises `InvalidObject`, with the row as the place; warnings are added to `findings`.
        """
        position = columns.index("id")
        shared = {option.attribute for option in self.object_type.options.values() if option.is_alias}
        fields = [
            (index, name, self._default(name, shared))
            for index, name in enumerate(columns)
            if name != "id" and self.object_type.has_field(name)
        ]

        def build(row: Sequence[Any]) -> Object:
            stored = text_of(row[position])
            pairs = self._pairs(row, fields)
            place = Place(self.table, row=stored)
            key = self._id(stored, place)
            if findings is not None:
                findings.extend(self._suspects(key, columns, row, place))
                return self._built(key, pairs, place, findings)
            try:
                return self.object_type.build(key, pairs, compat=self.compat, secrets=self.secrets)
            except InvalidObject:
                return self._built(key, pairs, place, [])  # raises it again, with the place

        return build

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

    def _built(self, key: str, pairs: ObjectSet, place: Place, findings: list[Finding]) -> Object:
        return self.object_type.build(
            key, pairs, place=place, compat=self.compat, findings=findings, secrets=self.secrets
        )

    def _id(self, stored: str, place: Place) -> str:
        """Decode a row's id; one that is not in its escaped form would never be found by it."""
        key = self.codec.plain(stored)
        if key and is_storable(key):
            if self.codec.key(key) == stored:
                return key
            remedy = f"write {self.codec.key(key)}"
        else:
            remedy = "give the row an id, in UTF-8, or delete it"
        raise InvalidObject(self.object_type.name, key, f"the id is stored as {stored!r}", remedy=remedy, place=place)

    def _default(self, name: str, shared: Container[str]) -> str:
        """Return the text that leaves an option as it is, so that rows which are written whole are read quickly.

        There is none for an option that shares its attribute with others: another column may have set it.
        """
        option = self.object_type.option(name)
        if option is None or option.attribute in shared:
            return ""
        try:
            return self.codec.join(option.kind.texts(option.start()))
        except ValueError:
            return ""

    def _pairs(self, row: Sequence[Any], fields: Iterable[tuple[int, str, str]]) -> ObjectSet:
        pairs: ObjectSet = []
        for index, name, default in fields:
            value = row[index]
            if value is None or value == "" or value == default:
                continue
            stored = value if value.__class__ is str else text_of(value)
            if stored == default:
                continue
            if self.codec.is_simple(stored):
                pairs.append((name, stored))
            elif name[0] == "@":
                pairs.append((name, self.codec.single(stored)))
            else:
                pairs.extend((name, text) for text in self.codec.split(stored))
        return pairs


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
