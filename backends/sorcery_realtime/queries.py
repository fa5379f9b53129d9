"""A query as SQL conditions that spare rows; whether an object answers it is always decided in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnClause,
    ColumnElement,
    Enum,
    Integer,
    String,
    and_,
    collate,
    column,
    false,
    literal,
    or_,
)

from sorcery.kinds import Integer as Whole
from sorcery.kinds import Reference, SecretText, Text
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.posix import literal_head
from sorcery.query import NAMES, Criterion, Query
from sorcery_realtime.escape import BLANKS, Codec
from sorcery_realtime.tables import is_storable

__all__ = ["conditions", "exact", "prefix_texts"]

Condition = ColumnElement[bool]

ESCAPE: Final = "/"
"""Escapes in LIKE patterns: a backslash would mean different things to different servers."""
LAST: Final = "\U0010ffff"
ID: Final = column("id", String())
COMPARED: Final[Mapping[str, str]] = {"": "=", "=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
VERBATIM: Final = (Text, Reference, SecretText)
"""The kinds that keep a text as it is written; their subclasses do not."""
WHOLE: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)
"""The numbers that compare alike as floating point."""


def conditions(
    query: Query, object_type: ObjectType, columns: Mapping[str, Column[Any]], codec: Codec, kind: str
) -> Iterator[Condition]:
    """Yield conditions that every row which answers the query fulfils, and others may.

    A text that is stored in another form than the one we and Asterisk write is not found, as in Asterisk. Numbers are
    left to memory where a type has rules: those may mend a number that is out of bounds.
    """
    prefix = query.prefix or literal_head(query.regex)
    if not is_storable(prefix):
        yield false()
    elif prefix:
        yield _prefixed(codec.key(prefix), kind)
    for criterion in query.criteria:
        option = object_type.option(criterion.field)
        reflected = columns.get(criterion.field)
        if not is_storable(criterion.text):
            continue
        if criterion.field == "id" and criterion.is_equality:
            yield column("id", String()) == codec.key(criterion.text)
        elif option is not None and reflected is not None and not option.is_alias:
            stored: ColumnClause[Any] = column(reflected.name, reflected.type)
            is_number = isinstance(option.kind, Whole) and isinstance(stored.type, Integer) and not object_type.rules
            found = _compared(criterion, stored) if is_number else _spelled(criterion, option, stored, codec)
            if criterion.operator == NAMES:
                found = _naming(criterion.text, option, stored, codec)
            if found is not None:
                yield or_(found, _unset(stored)) if _default_matches(criterion, option) else found


def _prefixed(prefix: str, kind: str) -> Condition:
    """Return the condition that an id starts with a text, in the form that an index can serve.

    SQLite's LIKE ignores case, and so would not use it. PostgreSQL uses a plain index in a database with the
    collation C, else one with the operator class `varchar_pattern_ops`; without one it reads the whole table.
    """
    if kind == "sqlite":
        binary, (first, behind) = collate(ID, "BINARY"), prefix_texts(prefix, kind)
        return and_(binary >= first, binary < behind)
    (pattern,) = prefix_texts(prefix, kind)
    return ID.like(pattern, escape=ESCAPE)


def prefix_texts(prefix: str, kind: str) -> tuple[str, ...]:
    """Return the texts that an id is compared with where it is to start with one that stands so in the column."""
    return (prefix, prefix + LAST) if kind == "sqlite" else (_literally(prefix, "/_%") + "%",)


def exact(
    criterion: Criterion, object_type: ObjectType, columns: Mapping[str, Column[Any]], codec: Codec
) -> str | None:
    """Return the text that a column holds to the letter in every row that answers, or None where others may too."""
    if not (criterion.is_equality and is_storable(criterion.text)):
        return None
    if criterion.field == "id":
        return codec.key(criterion.text)
    option, reflected = object_type.option(criterion.field), columns.get(criterion.field)
    if option is None or reflected is None or option.is_alias or not _is_verbatim(option, reflected):
        return None
    if not criterion.text.strip() or _default_matches(criterion, option):
        return None
    return codec.encode(criterion.text)


def _is_verbatim(option: Option, stored: ColumnElement[Any]) -> bool:
    """Tell whether a column keeps an option's text as it is written."""
    return type(option.kind) in VERBATIM and isinstance(stored.type, String) and not isinstance(stored.type, Enum)


def _literally(text: str, special: str) -> str:
    return "".join(ESCAPE + char if char in special else char for char in text)


def _spelled(criterion: Criterion, option: Option, stored: ColumnClause[Any], codec: Codec) -> Condition | None:
    """Return the condition for a text that stands for itself, or None where a column cannot decide."""
    if not _is_verbatim(option, stored):
        return None
    if criterion.is_equality and criterion.text.strip():
        return stored == codec.encode(criterion.text)
    if criterion.operator == "like" and not any(char in BLANKS for char in criterion.text):  # these may be escaped
        return stored.like(_literally(codec.key(criterion.text), "/_"), escape=ESCAPE)
    return None


def _naming(id: str, option: Option, stored: ColumnClause[Any], codec: Codec) -> Condition | None:
    """Return the condition that a text may name an id, or None where a column cannot tell."""
    is_text = isinstance(stored.type, String) and not isinstance(stored.type, Enum)
    if not is_text or not id.strip() or codec.encode(id) != id:
        return None
    if type(option.kind) is Reference:
        return stored == id
    return stored.like(f"%{_literally(id, '/_%')}%", escape=ESCAPE)


def _compared(criterion: Criterion, stored: ColumnClause[Any]) -> Condition | None:
    """Return the condition for a whole number, or None where what is asked for is none."""
    operator = COMPARED.get(criterion.operator)
    if operator is None or WHOLE.fullmatch(criterion.text) is None:
        return None
    found: Condition = stored.op(operator, is_comparison=True)(literal(int(criterion.text), BigInteger()))
    return found


def _unset(stored: ColumnClause[Any]) -> Condition:
    return or_(stored.is_(None), stored == "") if isinstance(stored.type, String) else stored.is_(None)


def _default_matches(criterion: Criterion, option: Option) -> bool:
    """Tell whether a row that says nothing of the option may answer the criterion."""
    if criterion.operator == NAMES:
        return criterion.text in option.kind.names(option.start())
    printed = next(iter(option.kind.pairs(option.name, option.start())), None)
    return printed is not None and criterion.test()(printed[1])
