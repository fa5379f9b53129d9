"""A row's value: the object set as one compact JSON object of texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sorcery.errors import InvalidObject, StoreRefused
from sorcery.kinds.base import Refused, refuse_repair
from sorcery.objects import Object, ObjectSet
from sorcery.objecttype import ObjectType
from sorcery.options import MISSING, Option
from sorcery.place import Place
from sorcery.resolving import Resolvers

__all__ = ["SOURCE", "is_unicode", "object_from_row", "pairs_of", "row_value"]

SOURCE = "astdb"


def row_value(obj: Object, label: str, object_type: ObjectType | None = None) -> str:
    """Return the JSON for an object: every option that has a text, printed as Asterisk prints it where that is read.

    All options, because Asterisk searches the stored texts and knows no defaults there. A name repeats where an
    option takes several lines; of these Asterisk's reader keeps the last. `object_type` says what options there are,
    instead of the object's own. Raises `StoreRefused` for texts that Asterisk would refuse.
    """
    pairs = _stored(obj, object_type or obj.__sorcery__)
    for name, text in (("id", obj.id), *pairs):
        _check(obj, label, name, text)
    members = (f"{_quoted(name)}:{_quoted(text)}" for name, text in pairs)
    return "{" + ",".join(members) + "}"


def object_from_row(
    object_type: ObjectType, id: str, key: str, value: Any, *, compat: bool, secrets: Resolvers | None = None
) -> Object:
    """Return the object of a row; names that the type does not know are dropped.

    Raises `InvalidObject` for a value that is no JSON object of texts, or that the type refuses.
    """
    pairs = pairs_of(object_type, id, key, value, compat=compat)
    return object_type.build(id, pairs, place=Place(SOURCE, row=key), compat=compat, secrets=secrets)


def pairs_of(object_type: ObjectType, id: str, key: str, value: Any, *, compat: bool) -> list[tuple[str, str]]:
    """Return what a row holds for the type; raises `InvalidObject` for a value that is no JSON object of texts."""
    place = Place(SOURCE, row=key)
    try:
        members = _members(key, value)
    except (ValueError, RecursionError) as error:
        reason = f"the stored value cannot be read: {error}"
        raise InvalidObject(
            object_type.name, id, reason, remedy="delete the row, or store the object anew", place=place
        ) from None  # its cause holds the row, passwords and all
    pairs = [(name, text) for name, text in members if object_type.has_field(name)]
    if compat:
        pairs = list(dict(pairs).items())  # of a repeated name Asterisk keeps the last text
    return pairs


def _members(key: str, value: Any) -> Sequence[tuple[str, str]]:
    """Return the members of a JSON object in order, repeated names included; raises `ValueError`."""
    if not isinstance(value, str) or not is_unicode(key + value):
        raise ValueError("it is no UTF-8 text")
    members = json.loads(value, object_pairs_hook=tuple)
    if not isinstance(members, tuple):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - one error for all that is wrong with a value
    for name, text in members:
        if not isinstance(text, str):
            raise ValueError(f"{name} is no text")  # noqa: TRY004
    return members


def _stored(obj: Object, object_type: ObjectType) -> ObjectSet:
    """Return the pairs that a row holds."""
    fields = tuple(object_type.fields())
    divided = {option.attribute for option in fields if option.is_alias}
    pairs: ObjectSet = []
    for option in fields:
        value, start = getattr(obj, option.attribute), obj.__sorcery__.start[option.attribute]
        if option.successor is not None and value == start:
            continue  # Asterisk warns at each read of a deprecated option
        if option.is_family:
            pairs.extend(option.kind.lines(option.name, value))
            continue
        printed = [] if option.attribute in divided else _printed(option, value)
        texts = printed if printed and _is_read_as(option, printed, start, value) else option.kind.texts(value)
        pairs.extend((option.name, text) for text in texts)
    pairs.extend(obj.extended)
    return pairs


def _printed(option: Option, value: Any) -> list[str]:
    return [text for _, text in option.kind.pairs(option.name, value)] if option.is_printed else []


def _is_read_as(option: Option, texts: Iterable[str], start: Any, value: Any) -> bool:
    read = option.kind.zero if start is MISSING else start
    try:
        for text in texts:
            read = option.kind.parse(text, read, refuse_repair)
    except Refused:
        return False
    return bool(read == value)


def _check(obj: Object, label: str, name: str, text: str) -> None:
    if "\0" in text or not is_unicode(text):
        what = "the id" if name == "id" else f"option {name}"
        reason = f"{what} holds a zero byte or what is no Unicode text"
        raise StoreRefused(label, obj.__sorcery__.name, obj.id, reason, "Asterisk could not read the row")


def is_unicode(text: str) -> bool:
    """Tell whether UTF-8 can hold the text: lone surrogates stand for bytes that were no UTF-8."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
