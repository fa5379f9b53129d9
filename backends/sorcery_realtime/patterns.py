"""Shapes as conditions on a column, in what each database knows: lists, prefixes, GLOB, or regular expressions.

Each holds for every row whose text has one of the shapes. SQLite and PostgreSQL take any of them; the expressions of
MariaDB give up silently where they have to try too much, so it gets none that could make it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, LargeBinary, Text, and_, cast, collate, func, or_

from sorcery_realtime.escape import BLANKS, Codec
from sorcery_realtime.shapes import ANY, ASCII, ENDLESS, Run, Shape, Shapes, literal, settled
from sorcery_realtime.tables import is_storable

__all__ = ["ESCAPE", "having", "in_ids", "in_texts", "literally", "prefix_texts", "starting", "without"]

Condition = ColumnElement[bool]

ESCAPE: Final = "/"
"""Escapes in LIKE patterns: a backslash would mean different things to different servers."""
LAST: Final = "\U0010ffff"
ESCAPES: Final = frozenset("^0123456789ABCDEF")
"""What an escaped character is written with, in three of them."""
ESCAPED: Final = frozenset(";^")
UNITS: Final = 4
"""The bytes of a character, at most: what a database that keeps no characters, only bytes, takes for as many."""
LONG: Final = 1000
"""MariaDB is asked for expressions in texts up to this length, and for longer texts whatever they say."""
VARIABLE: Final = 2
"""Runs of no certain length in an expression, at most, so that what MariaDB tries grows with their square alone."""


def in_ids(shapes: Shapes, codec: Codec) -> Shapes:
    """Return the shapes that ids have in their column."""
    return settled(_stored(shape, codec, frozenset()) for shape in shapes)


def in_texts(shapes: Shapes, codec: Codec) -> Shapes:
    """Return the shapes that values have in a column, as we and Asterisk write them; the empty text has none."""
    return settled(_stored(shape, codec, frozenset(BLANKS)) for shape in shapes)


def _stored(shape: Shape, codec: Codec, blanks: frozenset[str]) -> Shape:
    """Return a shape with its characters as they are stored; `blanks` may be escaped, if they stand at an end."""
    runs = itertools.chain.from_iterable(_stored_run(run, codec, blanks) for run in shape.runs)
    return Shape(tuple(runs), shape.begins, shape.ends)


def _stored_run(run: Run, codec: Codec, blanks: frozenset[str]) -> Iterator[Run]:
    is_escaped = codec.splits and bool(run.chars & (ESCAPED | blanks))
    if run.text is not None and not is_storable(run.text):
        yield Run(ANY, 0, ENDLESS)  # it cannot be sent; SQLite may hold such a text
    elif run.text is not None and not (is_escaped and run.chars & blanks):
        yield from literal(codec.key(run.text))
    elif not blanks:
        yield Run(run.chars | ESCAPES, run.least, min(3 * run.most, ENDLESS)) if is_escaped else run
    elif is_escaped or run.has_others:  # SQLite counts otherwise where a text is no UTF-8
        yield Run(run.chars | ESCAPES if is_escaped else run.chars, min(run.least, 1), ENDLESS)
    else:
        yield run


def having(shapes: Shapes, stored: ColumnElement[Any], kind: str) -> Condition | None:
    """Return the condition that a text has one of the shapes; None where every text has."""
    if any(shape.is_every for shape in shapes):
        return None
    texts = [shape.text for shape in shapes if shape.text is not None]
    if len(texts) == len(shapes):
        return stored.in_(texts) if len(texts) > 1 else stored == texts[0]
    heads = dict.fromkeys(shape.head for shape in shapes)
    parts = [or_(*(starting(stored, head, kind) for head in heads))] if all(heads) else []
    if not all(shape.is_head for shape in shapes):
        parts.append(_matching(shapes, stored, kind))
    return and_(*parts)


def starting(stored: ColumnElement[Any], prefix: str, kind: str) -> Condition:
    """Return the condition that a text starts with another one, in the form that an index can serve.

    SQLite's LIKE ignores case, and so would not use it. PostgreSQL uses a plain index in a database with the
    collation C, else one with the operator class `varchar_pattern_ops`; without one it reads the whole table.
    """
    if kind == "sqlite":
        binary, (first, behind) = collate(stored, "BINARY"), prefix_texts(prefix, kind)
        return and_(binary >= first, binary < behind)
    (pattern,) = prefix_texts(prefix, kind)
    return stored.like(pattern, escape=ESCAPE)


def prefix_texts(prefix: str, kind: str) -> tuple[str, ...]:
    """Return the texts that a column is compared with where it is to start with one that stands so in it."""
    return (prefix, prefix + LAST) if kind == "sqlite" else (literally(prefix) + "%",)


def literally(text: str) -> str:
    """Return a text for LIKE in which nothing stands for anything else."""
    return re.sub("[/_%]", rf"{ESCAPE}\g<0>", text)


def without(stored: ColumnElement[Any], texts: Iterable[str], kind: str) -> Condition:
    """Return the condition that a column holds something, and none of the texts, to the letter."""
    left_out = [*texts, ""]
    if kind == "sqlite":
        return collate(stored, "BINARY").not_in(left_out)
    if kind == "postgresql":
        return collate(cast(stored, Text), "C").not_in(left_out)
    return cast(_in_utf8(stored), LargeBinary).not_in([text.encode() for text in left_out])


def _in_utf8(stored: ColumnElement[Any]) -> ColumnElement[str]:
    """Return a column as texts in UTF-8, whatever MariaDB keeps them in."""
    from sqlalchemy.dialects.mysql import CHAR  # only where it is used

    return cast(stored, CHAR(charset="utf8mb4"))


def _matching(shapes: Shapes, stored: ColumnElement[Any], kind: str) -> Condition:
    if kind == "sqlite":
        return or_(*(stored.op("GLOB", is_comparison=True)(_glob(shape)) for shape in shapes))
    expression = "|".join(map(_expression, shapes))
    if kind == "postgresql":
        return collate(cast(stored, Text), "C").regexp_match(expression)
    if any(_variable(shape) > VARIABLE for shape in shapes):
        return or_(*(stored.like(_like(shape), escape=ESCAPE) for shape in shapes))
    text = collate(_in_utf8(stored), "utf8mb4_bin")
    return or_(func.char_length(stored) > LONG, text.regexp_match(f"(?s){expression}"))


def _variable(shape: Shape) -> int:
    """Count what an expression may try to lengthen."""
    return (not shape.begins) + sum(run.least != run.most or run.has_others for run in shape.runs if not run.text)


def _like(shape: Shape) -> str:
    pieces = (_any(run, "_", "%") if run.text is None else literally(run.text) for run in shape.runs)
    return f"{'' if shape.begins else '%'}{''.join(pieces)}{'' if shape.ends else '%'}"


def _any(run: Run, one: str, more: str) -> str:
    return one * run.least + ("" if run.least == run.most else more)


def _expression(shape: Shape) -> str:
    """Return the regular expression for a shape, in what PostgreSQL and PCRE understand alike."""
    return f"{'^' if shape.begins else ''}{''.join(map(_repeats, shape.runs))}{'$' if shape.ends else ''}"


def _repeats(run: Run) -> str:
    if run.text is not None:
        return _quoted(run.text)
    most = min(run.most * UNITS, ENDLESS) if run.has_others else run.most
    if run.least == most:
        return _set(run) + (f"{{{most}}}" if most > 1 else "")
    return f"{_set(run)}{{{run.least},{most if most < ENDLESS else ''}}}"


def _quoted(text: str) -> str:
    return re.sub(r"[\x01-/:-@\[-`{-\x7f]", r"\\\g<0>", text)


def _set(run: Run) -> str:
    members, is_negated = _members(run)
    ranges = "".join(_quoted(first) + (f"-{_quoted(last)}" if last else "") for first, last in _ranges(members))
    return f"[{'^' if is_negated else ''}{ranges}]" if ranges else "."


def _members(run: Run) -> tuple[frozenset[str], bool]:
    """Return what a set is written with, and whether that is what it does not hold. No text holds NUL."""
    return (ASCII - run.chars if run.has_others else run.chars) - {"\0"}, run.has_others


def _ranges(chars: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the first and the last of characters that follow each other, the last only where there are three."""
    for _, group in itertools.groupby(enumerate(sorted(chars)), lambda each: ord(each[1]) - each[0]):
        row = [char for _, char in group]
        yield from [(row[0], row[-1])] if len(row) > 2 else [(char, "") for char in row]


def _glob(shape: Shape) -> str:
    pieces = (
        _any(run, _glob_set(run), "*") if run.text is None else re.sub(r"[*?[]", r"[\g<0>]", run.text)
        for run in shape.runs
    )
    return f"{'' if shape.begins else '*'}{''.join(pieces)}{'' if shape.ends else '*'}"


def _glob_set(run: Run) -> str:
    """Return a set for GLOB, which has no escapes: `]` stands first, `^` never does, and `-` is no range at an end."""
    members, is_negated = _members(run)
    if members == {"^"} and not is_negated:
        return "^"
    ranges = "".join(first + (f"-{last}" if last else "") for first, last in _ranges(members - set("]^-")))
    special = "".join(char for char in "^-" if char in members)
    inner = ("]" if "]" in members else "") + ranges + special
    if inner == "^-":
        inner = "-^"
    return f"[{'^' if is_negated else ''}{inner}]" if inner else "?"
