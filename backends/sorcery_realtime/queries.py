"""A query as SQL conditions that spare rows; whether an object answers it is always decided in memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnClause,
    ColumnElement,
    Enum,
    Integer,
    String,
    column,
    false,
    literal,
    or_,
)

from sorcery.kinds import Integer as Whole
from sorcery.kinds import Reference, SecretText, Text
from sorcery.objecttype import ObjectType
from sorcery.options import Option
from sorcery.pjsip.kinds.numbers import Timestamp
from sorcery.query import NAMES, Criterion, Query
from sorcery_realtime.escape import Codec
from sorcery_realtime.patterns import ESCAPE, having, in_ids, in_texts, literally, starting, without
from sorcery_realtime.shapes import Shapes, found_by, like
from sorcery_realtime.tables import is_storable

__all__ = ["conditions", "exact"]

Condition = ColumnElement[bool]

ID: Final = column("id", String())
COMPARED: Final[Mapping[str, str]] = {"": "=", "=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
VERBATIM: Final = (Text, Reference, SecretText)
"""The kinds that keep a text as it is written; their subclasses do not."""
COUNTED: Final = (Whole.parse, Timestamp.parse)
"""How the kinds read that keep a number as a column holds it."""
WHOLE: Final = re.compile(r"-?[0-9]{1,15}", re.ASCII)
"""The numbers that compare alike as floating point."""


def conditions(
    query: Query, object_type: ObjectType, columns: Mapping[str, Column[Any]], codec: Codec, kind: str
) -> Iterator[Condition]:
    """Yield conditions that every row which answers the query fulfils, and others may; `kind` is the database's.

    A text that is stored in another form than the one we and Asterisk write is not found, as in Asterisk. What rules
    of the type may set is left to memory. Raises `ValueError` for a regular expression that is none.
    """
    if not is_storable(query.prefix):
        yield false()
    elif query.prefix:
        yield starting(ID, codec.key(query.prefix), kind)
    if query.regex and (found := having(in_ids(found_by(query.regex), codec), ID, kind)) is not None:
        yield found
    for criterion in query.criteria:
        if not is_storable(criterion.text):
            continue
        if criterion.field == "id":
            found = _of_id(criterion, codec, kind)
        else:
            found = _of_field(criterion, object_type, columns.get(criterion.field), codec, kind)
        if found is not None:
            yield found


def exact(
    criterion: Criterion, object_type: ObjectType, columns: Mapping[str, Column[Any]], codec: Codec
) -> str | None:
    """Return the text that a column holds to the letter in every row that answers, or None where others may too."""
    if not (criterion.is_equality and is_storable(criterion.text)):
        return None
    if criterion.field == "id":
        return codec.key(criterion.text)
    option, reflected = object_type.option(criterion.field), columns.get(criterion.field)
    if option is None or reflected is None or not (_decides(option, object_type) and _is_verbatim(option, reflected)):
        return None
    if not criterion.text.strip() or _default_matches(criterion, option):
        return None
    return codec.encode(criterion.text)


def _of_id(criterion: Criterion, codec: Codec, kind: str) -> Condition | None:
    if criterion.is_equality:
        return column("id", String()) == codec.key(criterion.text)
    if (shapes := _shapes(criterion)) is not None:
        return having(in_ids(shapes, codec), ID, kind)
    return without(ID, [codec.key(criterion.text)], kind) if _is_excluded(criterion) else None


def _of_field(
    criterion: Criterion, object_type: ObjectType, reflected: Column[Any] | None, codec: Codec, kind: str
) -> Condition | None:
    """Return the condition that the column of a field sets, or None where it cannot decide."""
    option = object_type.option(criterion.field)
    if option is None or reflected is None or not _decides(option, object_type):
        return None
    stored: ColumnClause[Any] = column(reflected.name, reflected.type)
    if criterion.operator == NAMES:
        found = _naming(criterion.text, option, stored, codec)
    elif _is_verbatim(option, stored):
        found = _spelled(criterion, stored, codec, kind)
    elif object_type.mended is None:  # what rules set is not known
        found = None
    elif isinstance(stored.type, Integer) and type(option.kind).parse in COUNTED:
        found = _compared(criterion, stored)
    else:
        found = _meant(criterion, option, stored, codec, kind)
    return or_(found, _unset(stored)) if found is not None and _default_matches(criterion, option) else found


def _decides(option: Option, object_type: ObjectType) -> bool:
    """Tell whether an option's column alone says what the option is, as far as rules say what they set."""
    is_alone = not option.is_alias and len(object_type.writing.get(option.attribute, ())) == 1
    return is_alone and option.attribute not in (object_type.mended or ())


def _is_verbatim(option: Option, stored: ColumnElement[Any]) -> bool:
    """Tell whether a column keeps an option's text as it is written."""
    return type(option.kind) in VERBATIM and isinstance(stored.type, String) and not isinstance(stored.type, Enum)


def _shapes(criterion: Criterion) -> Shapes | None:
    """Return the shapes of the texts that a pattern finds, or None for a criterion that is no pattern."""
    if criterion.operator == "like":
        return like(criterion.text)
    if criterion.operator == "regex":
        return found_by(criterion.text)
    return found_by(criterion.text[1:-1]) if criterion.operator == "" and not criterion.is_equality else None


def _is_excluded(criterion: Criterion) -> bool:
    """Tell whether the criterion's own text is one that does not answer: `nan` is not even like itself."""
    return criterion.operator == "!=" and bool(criterion.text.strip()) and not criterion.test()(criterion.text)


def _spelled(criterion: Criterion, stored: ColumnClause[Any], codec: Codec, kind: str) -> Condition | None:
    """Return the condition for a text that stands for itself, or None where a column cannot decide."""
    if criterion.is_equality and criterion.text.strip():
        return stored == codec.encode(criterion.text)
    if (shapes := _shapes(criterion)) is not None:
        found = having(in_texts(shapes, codec), stored, kind)
        return or_(found, stored == codec.encode("")) if found is not None and criterion.test()("") else found
    return without(stored, [codec.encode(criterion.text)], kind) if _is_excluded(criterion) else None


def _meant(
    criterion: Criterion, option: Option, stored: ColumnClause[Any], codec: Codec, kind: str
) -> Condition | None:
    """Return the condition that a column holds none of the few words that are known to mean something else."""
    if option.kind.looks_outside or not isinstance(stored.type, (String, Integer)):
        return None
    test = criterion.test()
    words = [word for word in option.kind.spellings() if word.strip() and not _answers(test, option, word)]
    if isinstance(stored.type, Integer):
        numbers = [int(word) for word in words if WHOLE.fullmatch(word)]
        return stored.not_in(numbers) if numbers else None
    if isinstance(stored.type, Enum):
        words = [word for word in words if word in stored.type.enums]
    return without(stored, map(codec.encode, words), kind) if words else None


def _answers(test: Callable[[str], bool], option: Option, word: str) -> bool:
    """Tell whether an object answers of which the option was written with a word."""
    printed = next(iter(option.kind.pairs(option.name, option.kind.parse(word, option.start(), _ignore))), None)
    return printed is not None and test(printed[1])


def _ignore(problem: str, outcome: str) -> None:
    """Take what a kind repairs."""


def _naming(id: str, option: Option, stored: ColumnClause[Any], codec: Codec) -> Condition | None:
    """Return the condition that a text may name an id, or None where a column cannot tell."""
    is_text = isinstance(stored.type, String) and not isinstance(stored.type, Enum)
    if not is_text or not id.strip() or codec.encode(id) != id:
        return None
    if type(option.kind) is Reference:
        return stored == id
    return stored.like(f"%{literally(id)}%", escape=ESCAPE)


def _compared(criterion: Criterion, stored: ColumnClause[Any]) -> Condition | None:
    """Return the condition for a whole number, or None where what is asked for is none."""
    operator = COMPARED.get(criterion.operator)
    if operator is None or WHOLE.fullmatch(criterion.text) is None:
        return None
    found: Condition = stored.op(operator, is_comparison=True)(literal(int(criterion.text), BigInteger()))
    return found


def _unset(stored: ColumnClause[Any]) -> Condition:
    is_text = isinstance(stored.type, String) and not isinstance(stored.type, Enum)  # those have no empty word
    return or_(stored.is_(None), stored == "") if is_text else stored.is_(None)


def _default_matches(criterion: Criterion, option: Option) -> bool:
    """Tell whether a row that says nothing of the option may answer the criterion."""
    if criterion.operator == NAMES:
        return criterion.text in option.kind.names(option.start())
    printed = next(iter(option.kind.pairs(option.name, option.start())), None)
    return printed is not None and criterion.test()(printed[1])
