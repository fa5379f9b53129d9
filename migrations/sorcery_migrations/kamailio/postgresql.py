"""PostgreSQL: one trigger per way, with a function, and comments on everything. A run is all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

from sorcery_migrations.kamailio.kind import Insert, View, Way, quoted

__all__ = ["PostgreSQL"]

_COMMENT: Final = text(
    "SELECT obj_description(coalesce(to_regclass(:name)::oid, to_regproc(:name)::oid), CASE WHEN to_regclass(:name)"
    " IS NULL THEN 'pg_proc' ELSE 'pg_class' END)"
)


class PostgreSQL:
    """What PostgreSQL needs. Its texts are what they seem, so most is said in a word."""

    now = "extract(epoch FROM now())::bigint"

    def text(self, expression: str) -> str:
        """Return an expression for a text whose cases differ, and whose digest is that of its UTF-8."""
        return expression

    def column(self, table: str, column: str) -> str:
        """Return the same for the column of a table by which rows are found."""
        return column

    def literal(self, value: str) -> str:
        """Return the same for a text that is known."""
        return f"{quoted(value)}::text"

    def same(self, table: str, column: str, value: str) -> str:
        """Return the condition that a column is that text."""
        return f"{column} = {value}"

    def differ(self, one: str, other: str) -> str:
        """Return the condition that two texts are not the same."""
        return f"{one} IS DISTINCT FROM {other}"

    def sha256(self, expression: str) -> str:
        """Return the digest of a text in hexadecimal digits."""
        return f"encode(sha256(convert_to({expression}, 'UTF8')), 'hex')"

    def digest(self, algorithm: str, digits: int) -> str:
        """Return the digest that the list `password_digest` holds for an algorithm."""
        return rf"substring(password_digest from '(?i)(?:^|,)\s*(?:{algorithm})\s*([0-9a-f]{{{digits}}})\s*(?:,|$)')"

    def matches(self, expression: str, pattern: str) -> str:
        """Return the condition that a pattern is found in a text."""
        return f"{expression} ~ {quoted(pattern)}"

    def joined(self, column: str) -> str:
        """Return the texts of a group in order, with commas between them."""
        return f"string_agg({column}, ', ' ORDER BY {column})"

    def delete(self, table: str, condition: str) -> str:
        """Return what deletes rows within a trigger."""
        return f"DELETE FROM {table} WHERE {condition}"

    def insert(self, wanted: Insert) -> str:
        """Return what makes rows."""
        update = ", ".join(f"{column} = excluded.{column}" for column in wanted.updated)
        return (
            f"INSERT INTO {wanted.table} ({', '.join(wanted.values)}) SELECT {', '.join(wanted.values.values())}"
            f" {wanted.source} ON CONFLICT ({wanted.key}) DO {f'UPDATE SET {update}' if update else 'NOTHING'}"
        )

    def refusal(self, message: str) -> str:
        """Return what makes the statement fail that a trigger works for."""
        return f"RAISE EXCEPTION USING MESSAGE = {quoted(message)}"

    def table(self, name: str, made: str, comment: str) -> Sequence[str]:
        """Return what makes a table, of the statement that does so without a comment."""
        return [made, f"COMMENT ON TABLE {name} IS {quoted(comment)}"]

    def view(self, view: View, comment: str) -> Sequence[str]:
        """Return what makes a view, or makes it anew."""
        columns = ",\n    ".join(f"{expression} AS {name}" for name, expression in view.columns.items())
        return [
            f"CREATE OR REPLACE VIEW {view.name} AS\nSELECT\n    {columns}\n{view.source}",
            f"COMMENT ON VIEW {view.name} IS {quoted(comment)}",
        ]

    def way(self, way: Way, comment: str) -> Sequence[str]:
        """Return what makes a trigger, or makes it anew, and fills; one does not fire for what another does."""
        return [
            f"CREATE OR REPLACE FUNCTION {way.name}() RETURNS trigger LANGUAGE plpgsql AS $body$\n{_body(way)}\n$body$",
            f"DROP TRIGGER IF EXISTS {way.name} ON {way.table}",
            f"CREATE TRIGGER {way.name} AFTER INSERT OR UPDATE OR DELETE ON {way.table}\n"
            f"FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION {way.name}()",
            *way.clear,
            *way.fill,
            f"COMMENT ON FUNCTION {way.name}() IS {quoted(comment)}",
        ]

    def removal(self, way: Way) -> Sequence[str]:
        """Return what takes a trigger away, and what it made."""
        return [
            f"DROP TRIGGER IF EXISTS {way.name} ON {way.table}",
            f"DROP FUNCTION IF EXISTS {way.name}()",
            *way.clear,
        ]

    def comment(self, connection: Connection, name: str) -> str:
        """Return the comment of a table, a view or a trigger's function of the schema in use; empty if none."""
        return connection.scalar(_COMMENT, {"name": name}) or ""


def _body(way: Way) -> str:
    gone, there = (";\n        ".join(statements) for statements in (way.gone, way.there))
    return f"""\
DECLARE
    known boolean;
BEGIN
    IF TG_OP = 'DELETE' THEN
        {gone};
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND ({way.moved}) THEN
        {gone};
    END IF;
    IF TG_OP = 'UPDATE' OR ({way.counts}) THEN
        {there};
    END IF;
    RETURN NEW;
END"""
