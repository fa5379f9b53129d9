"""A view, a trigger and a statement as Kamailio's tables need them, and what a kind of database has to say for it.

What a row means is said once, in `subscriber`, `mirror` and `lookup`, in the SQL that PostgreSQL and MariaDB share:
`concat` (of what is never NULL), `coalesce`, `md5`, `position`, `OLD`, `NEW`, `IF … THEN … END IF`; and a trigger has
a variable `known`. For the rest there is `Kind`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import attrs
from sqlalchemy import Connection

__all__ = ["MARK", "Insert", "Kind", "View", "Way", "escaped", "quoted", "unescaped"]

MARK: Final = "pysorcery"
"""Begins the comment of what is ours, and describes the rows that are."""


@attrs.frozen(slots=True)
class View:
    """A view as it should be."""

    name: str
    columns: Mapping[str, str]
    """Expressions by name."""
    source: str
    """What stands behind the columns."""


@attrs.frozen(slots=True)
class Way:
    """What a trigger of that name makes of the rows of one table in another; what others make it leaves alone."""

    name: str
    table: str
    there: Sequence[str]
    """What is done for a NEW row, and for one that has changed."""
    gone: Sequence[str]
    """What is done for an OLD row."""
    moved: str
    """Whether a changed row is another one, so that the OLD is gone."""
    counts: str = "1 = 1"
    """Which rows are NEW when they come."""
    fill: Sequence[str] = ()
    """What makes up for the rows that were there before the trigger."""
    clear: Sequence[str] = ()
    """What takes away again whatever the trigger made."""


@attrs.frozen(slots=True)
class Insert:
    """A row to be made, or more."""

    table: str
    key: str
    """The column by which it is known whether a row is there."""
    values: Mapping[str, str]
    """Expressions by column."""
    source: str = ""
    """What stands behind the expressions."""
    updated: Sequence[str] = ()
    """What becomes new in a row that is there; else it stays as it is."""


class Kind(Protocol):
    """What one kind of database needs. Statements end without a semicolon."""

    @property
    def now(self) -> str:
        """The time in seconds since the epoch."""

    def text(self, expression: str) -> str:
        """Return an expression for a text whose cases differ, and whose digest is that of its UTF-8."""

    def column(self, table: str, column: str) -> str:
        """Return the same for the column of a table by which rows are found, as it is if that does: for its index."""

    def literal(self, value: str) -> str:
        """Return the same for a text that is known."""

    def same(self, table: str, column: str, value: str) -> str:
        """Return the condition that a column is that text, character for character; an index of it finds it."""

    def differ(self, one: str, other: str) -> str:
        """Return the condition that two texts, either of which may be NULL, are not the same."""

    def sha256(self, expression: str) -> str:
        """Return the digest of a text in hexadecimal digits."""

    def digest(self, algorithm: str, digits: int) -> str:
        """Return the digest that the list `password_digest` holds for an algorithm, a pattern; NULL if it has none."""

    def matches(self, expression: str, pattern: str) -> str:
        """Return the condition that a pattern, whose cases differ, is found in a text."""

    def joined(self, column: str) -> str:
        """Return the texts of a group in order, with commas between them."""

    def delete(self, table: str, condition: str) -> str:
        """Return what deletes rows within a trigger."""

    def insert(self, wanted: Insert) -> str:
        """Return what makes rows."""

    def refusal(self, message: str) -> str:
        """Return what makes the statement fail that a trigger works for."""

    def table(self, name: str, made: str, comment: str) -> Sequence[str]:
        """Return what makes a table, of the statement that does so without a comment."""

    def view(self, view: View, comment: str) -> Sequence[str]:
        """Return what makes a view, or makes it anew; what was broken off has another comment."""

    def way(self, way: Way, comment: str) -> Sequence[str]:
        """Return what makes a trigger, or makes it anew, and fills; what was broken off has another comment."""

    def removal(self, way: Way) -> Sequence[str]:
        """Return what takes a trigger away, and what it made; what was broken off still has a comment."""

    def comment(self, connection: Connection, name: str) -> str:
        """Return the comment of a table, a view or a trigger of the schema in use; empty if there is none."""


def escaped(expression: str) -> str:
    """Return an expression for a text as Asterisk's drivers store it."""
    return f"replace(replace({expression}, '^', '^5E'), ';', '^3B')"


def unescaped(expression: str) -> str:
    """Return an expression for a text as it was before Asterisk's drivers stored it."""
    return f"replace(replace({expression}, '^3B', ';'), '^5E', '^')"


def quoted(value: str) -> str:
    """Return a text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"
