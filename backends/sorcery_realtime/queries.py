"""A query as SQL conditions that spare rows; whether an object answers it is always decided in memory."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Column, ColumnClause, ColumnElement, Integer, String, and_, collate, column, or_

from sorcery.kinds import SecretText, Text
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.query import Criterion, Query
from sorcery_realtime.escape import Codec
from sorcery_realtime.tables import is_number

__all__ = ["conditions"]

Condition = ColumnElement[bool]

ESCAPE: Final = "/"
"""Escapes in LIKE patterns: a backslash would mean different things to different servers."""
LAST: Final = "\U0010ffff"
ID: Final = column("id", String())
COMPARED: Final[Mapping[str, str]] = {"": "=", "=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
PLAIN: Final = re.compile(r"\^([^\\.?*+{}\[\]()|^$]*)")
"""The piece of an expression at its start in which each character stands for itself."""


def conditions(
    query: Query, object_type: ObjectType, columns: Mapping[str, Column[Any]], codec: Codec, kind: str
) -> Iterator[Condition]:
    """Yield conditions that every row which answers the query fulfils, and others may.

    A text that is stored in another form than the one we and Asterisk write is not found, as in Asterisk.
    """
    prefix = query.prefix or _start(query.regex)
    if prefix:
        yield _prefixed(codec.key(prefix), kind)
    for criterion in query.criteria:
        option = object_type.option(criterion.field)
        reflected = columns.get(criterion.field)
        if criterion.field == "id":
            if criterion.is_equality:
                yield column("id", String()) == codec.key(criterion.text)
        elif option is not None and reflected is not None:
            stored: ColumnClause[Any] = column(reflected.name, reflected.type)
            found = _criterion(criterion, option, stored, codec)
            if found is not None:
                yield or_(found, _unset(stored)) if _default_matches(criterion, option) else found


def _start(regex: str) -> str:
    """Return what every match of an expression starts with, as far as it is plain to see."""
    match = None if "|" in regex else PLAIN.match(regex)
    if match is None:
        return ""
    may_repeat = regex[match.end() : match.end() + 1] in ("*", "?", "{")
    return match[1][:-1] if may_repeat else match[1]


def _prefixed(prefix: str, kind: str) -> Condition:
    """Return the condition that an id starts with a text, in the form that an index can serve.

    SQLite's LIKE ignores case, and so would not use it. PostgreSQL uses a plain index in a database with the
    collation C, else one with the operator class `varchar_pattern_ops`; without one it reads the whole table.
    """
    if kind == "sqlite":
        binary = collate(ID, "BINARY")
        return and_(binary >= prefix, binary < prefix + LAST)
    return _like(ID, prefix + "%")


def _like(stored: ColumnElement[Any], pattern: str) -> Condition:
    escaped = re.sub("[/_]", lambda match: ESCAPE + match[0], pattern)
    return stored.like(escaped, escape=ESCAPE)


def _criterion(criterion: Criterion, option: Option, stored: ColumnClause[Any], codec: Codec) -> Condition | None:
    """Return the condition for a field that is set, or None where a column cannot decide.

    A column can where texts stand for themselves, or numbers are stored as numbers.
    """
    if is_number(stored):
        return _compared(criterion, stored)
    if not isinstance(stored.type, String) or not isinstance(option.kind, (Text, SecretText)):
        return None
    if criterion.is_equality and criterion.text.strip():
        return stored == codec.encode(criterion.text)
    if criterion.operator == "like":
        return _like(stored, codec.key(criterion.text))
    return None


def _compared(criterion: Criterion, stored: ColumnClause[Any]) -> Condition | None:
    operator = COMPARED.get(criterion.operator)
    try:
        number = float(criterion.text)
    except ValueError:
        return None
    if operator is None or not math.isfinite(number):
        return None
    whole = number.is_integer() and isinstance(stored.type, Integer)
    found: Condition = stored.op(operator, is_comparison=True)(int(number) if whole else number)
    return found


def _unset(stored: ColumnClause[Any]) -> Condition:
    empty: list[Condition] = [] if is_number(stored) else [stored == ""]
    return or_(stored.is_(None), *empty)


def _default_matches(criterion: Criterion, option: Option) -> bool:
    """Tell whether a row that says nothing of the option may answer the criterion."""
    printed = next(iter(option.kind.pairs(option.name, option.start())), None)
    return printed is not None and criterion.test()(printed[1])
