"""MariaDB: three triggers per way, each statement for itself, and texts that are compared in many ways.

No run is all or nothing here, so what tells of an edition is made last: it stands in a column of a view, and in the
trigger on updates, as neither keeps a comment. A trigger may not write to the table that the statement is about which
it works for, as one of `lookup` would where `mirror` writes a contact. So a trigger leaves the statement's time in a
variable of the session while it works, and one that finds it there does nothing: that of another statement, which
failed and was never taken away, is another time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Self
from urllib.parse import quote, unquote

import attrs
from sqlalchemy import Connection, text

from sorcery_migrations.kamailio.kind import MARK, Insert, View, Way, quoted

__all__ = ["MariaDB"]

EVENTS: Final = ("delete", "insert", "update")
"""In the order in which the triggers are made; the last one tells of the edition."""
UNFINISHED: Final = f"{MARK}: unfinished"

_OWN: Final = ("utf8mb4", "utf8mb4_bin")
_FOUND: Final = re.compile(rf"'({MARK}: [^']*)'")
_COLLATIONS: Final = text(
    "SELECT table_name AS name, character_set_name AS charset, collation_name AS collation"
    " FROM information_schema.columns WHERE table_schema = DATABASE() AND collation_name IS NOT NULL"
    " AND (table_name, column_name) IN (('location', 'ruid'), ('ps_aors', 'id'), ('ps_auths', 'username'),"
    " ('ps_contacts', 'id'), ('ps_endpoints', 'id'))"
)
_TRIGGERS: Final = text(
    "SELECT trigger_name AS name, action_statement AS body FROM information_schema.triggers"
    " WHERE trigger_schema = DATABASE() AND trigger_name IN (:delete, :insert, :update)"
    " AND action_statement LIKE '%@sorcery_kamailio%'"  # others may call one location_insert
)
_VIEW: Final = text(
    "SELECT view_definition FROM information_schema.views WHERE table_schema = DATABASE() AND table_name = :name"
)
_TABLE: Final = text(
    "SELECT table_comment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = :name"
    " AND table_type = 'BASE TABLE'"
)


@attrs.frozen(slots=True)
class MariaDB:
    """What MariaDB needs: each table may have a collation of its own, and an index finds a text only in that."""

    collations: Mapping[str, tuple[str, str]]
    """Character set and collation of the columns by which rows are found, by table."""
    default: tuple[str, str]
    """Those that Asterisk's tables will have where they are not there yet."""
    replaces: bool = True
    """Whether a trigger can take the place of another one, without a moment in which neither is there."""
    now: str = "UNIX_TIMESTAMP()"

    @classmethod
    def of(cls, connection: Connection) -> Self:
        """Return what a database needs."""
        default = connection.execute(text("SELECT @@character_set_database, @@collation_database")).one()
        return cls(
            {row.name: (row.charset, row.collation) for row in connection.execute(_COLLATIONS)},
            (default[0], default[1]),
            replaces=bool(getattr(connection.dialect, "is_mariadb", False)),
        )

    def text(self, expression: str) -> str:
        """Return an expression for a text whose cases differ, and whose digest is that of its UTF-8."""
        return f"CONVERT({expression} USING {_OWN[0]}) COLLATE {_OWN[1]}"

    def column(self, table: str, column: str) -> str:
        """Return the same for the column of a table by which rows are found, as it is if that does: for its index."""
        return column if self._collation(table) == _OWN else self.text(column)

    def literal(self, value: str) -> str:
        """Return the same for a text that is known; a backslash means one thing or another, its byte does not."""
        return self.text(f"_{_OWN[0]} X'{value.encode().hex()}'" if "\\" in value else quoted(value))

    def same(self, table: str, column: str, value: str) -> str:
        """Return the condition that a column is that text: found by its own collation, and then compared exactly."""
        charset, collation = self._collation(table)
        if (charset, collation) == _OWN:
            return f"{column} = {value}"
        return f"{column} = CONVERT({value} USING {charset}) COLLATE {collation} AND {self.text(column)} = {value}"

    def differ(self, one: str, other: str) -> str:
        """Return the condition that two texts are not the same."""
        return f"NOT ({self.text(one)} <=> {self.text(other)})"

    def sha256(self, expression: str) -> str:
        """Return the digest of a text in hexadecimal digits."""
        return f"sha2({expression}, 256)"

    def digest(self, algorithm: str, digits: int) -> str:
        """Return the digest that the list `password_digest` holds for an algorithm."""
        value = f"[0-9a-f]{{{digits}}}"
        item = f"(?i)(^|,)[[:space:]]*({algorithm})[[:space:]]*{value}[[:space:]]*(,|$)"
        found = f"regexp_substr({self.text('password_digest')}, {quoted(item)})"
        return f"nullif(regexp_substr({found}, '(?i){value}'), '')"

    def matches(self, expression: str, pattern: str) -> str:
        """Return the condition that a pattern is found in a text."""
        return f"{self.text(expression)} REGEXP {quoted(pattern)}"

    def joined(self, column: str) -> str:
        """Return the texts of a group in order, with commas between them."""
        return f"group_concat({column} ORDER BY {column} SEPARATOR ', ')"

    def delete(self, table: str, condition: str) -> str:
        """Return what deletes rows within a trigger.

        A DELETE that finds none would lock the gap where they belong, and there others could insert none of theirs;
        so would the condition of an IF. A SELECT locks nothing.
        """
        return (
            f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {condition}) INTO known;"
            f" IF known THEN DELETE FROM {table} WHERE {condition}; END IF"
        )

    def insert(self, wanted: Insert) -> str:
        """Return what makes rows."""
        verb, update = ("INSERT", "") if wanted.updated else ("INSERT IGNORE", "")
        if wanted.updated:
            columns = ", ".join(f"{column} = VALUES({column})" for column in wanted.updated)
            update = f" ON DUPLICATE KEY UPDATE {columns}"
        source = wanted.source or "FROM DUAL"
        return (
            f"{verb} INTO {wanted.table} ({', '.join(wanted.values)}) SELECT {', '.join(wanted.values.values())}"
            f" {source}{update}"
        )

    def refusal(self, message: str) -> str:
        """Return what makes the statement fail that a trigger works for."""
        return f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = {quoted(message)}"

    def table(self, name: str, made: str, comment: str) -> Sequence[str]:
        """Return what makes a table, of the statement that does so; its texts are compared as PostgreSQL's are."""
        return [f"{made} ENGINE=InnoDB DEFAULT CHARSET={_OWN[0]} COLLATE={_OWN[1]} COMMENT={quoted(comment)}"]

    def view(self, view: View, comment: str) -> Sequence[str]:
        """Return what makes a view, or makes it anew; it is read with the rights of whoever reads it."""
        named = {**view.columns, "made_by": _marked(comment)}
        columns = ",\n    ".join(f"{expression} AS {name}" for name, expression in named.items())
        return [f"CREATE OR REPLACE SQL SECURITY INVOKER VIEW {view.name} AS\nSELECT\n    {columns}\n{view.source}"]

    def way(self, way: Way, comment: str) -> Sequence[str]:
        """Return what makes the triggers, or makes them anew, and fills."""
        if not (way.clear or way.fill):
            return [each for event in EVENTS for each in self._trigger(way, event, comment)]
        return [
            *(each for event in EVENTS for each in self._trigger(way, event, UNFINISHED)),
            *way.clear,
            *way.fill,
            *self._trigger(way, EVENTS[-1], comment),
        ]

    def removal(self, way: Way) -> Sequence[str]:
        """Return what takes the triggers away, and what they made."""
        first, *others = (f"DROP TRIGGER IF EXISTS {way.name}_{event}" for event in EVENTS)
        return [*others, *way.clear, first]

    def comment(self, connection: Connection, name: str) -> str:
        """Return the comment of a table, a view or the triggers of a way of the schema in use; empty if none."""
        names = {event: f"{name}_{event}" for event in EVENTS}
        bodies = {row.name: row.body for row in connection.execute(_TRIGGERS, names)}
        if bodies:
            last = bodies.get(names[EVENTS[-1]], "")
            return _mark_in(last) if len(bodies) == len(EVENTS) else UNFINISHED
        view = connection.scalar(_VIEW, {"name": name})
        return _mark_in(view) if view else connection.scalar(_TABLE, {"name": name}) or ""

    def _collation(self, table: str) -> tuple[str, str]:
        return self.collations.get(table, _OWN if table == "location" else self.default)

    def _trigger(self, way: Way, event: str, comment: str) -> Sequence[str]:
        name = f"{way.name}_{event}"
        made = f"TRIGGER {name} AFTER {event.upper()} ON {way.table} FOR EACH ROW\n{_body(way, event, comment)}"
        return [f"CREATE OR REPLACE {made}"] if self.replaces else [f"DROP TRIGGER IF EXISTS {name}", f"CREATE {made}"]


def _body(way: Way, event: str, comment: str) -> str:
    gone, there = (";\n        ".join(statements) for statements in (way.gone, way.there))
    made = {
        "delete": gone,
        "insert": f"IF {way.counts} THEN\n        {there};\n        END IF",
        "update": f"IF {way.moved} THEN\n        {gone};\n        END IF;\n        {there}",
    }
    edition = f"    DECLARE made_by varchar(1000) DEFAULT {_marked(comment)};\n" if event == EVENTS[-1] else ""
    return f"""\
BEGIN
    DECLARE known boolean;
{edition}    IF NOT (@sorcery_kamailio <=> NOW(6)) THEN
        SET @sorcery_kamailio = NOW(6);
        {made[event]};
        SET @sorcery_kamailio = NULL;
    END IF;
END"""


def _marked(comment: str) -> str:
    """Return a comment as a literal that looks alike wherever it is shown: of a realm, quotation marks do not."""
    return f"'{quote(comment, safe=' :,')}'"


def _mark_in(definition: str) -> str:
    found = _FOUND.search(definition)
    return unquote(found[1]) if found else ""
