"""PostgreSQL's views over the tables: it changes no column that one reads, so they go before, and come back after."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

import attrs
from sqlalchemy import Connection

from sorcery.findings import Finding, Severity
from sorcery.place import Place

__all__ = ["View", "lasting", "over", "views"]

VIEWS: Final = r"""
WITH RECURSIVE reads (view, table_name, column_name, depth) AS (
    SELECT rule.ev_class, class.relname, attribute.attname, 1
    FROM pg_depend AS depend
    JOIN pg_rewrite AS rule ON depend.classid = 'pg_rewrite'::regclass AND rule.oid = depend.objid
    JOIN pg_class AS class ON depend.refclassid = 'pg_class'::regclass AND class.oid = depend.refobjid
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace AND namespace.nspname = current_schema()
    JOIN pg_attribute AS attribute ON attribute.attrelid = class.oid AND attribute.attnum = depend.refobjsubid
    WHERE class.relkind IN ('r', 'p', 'f') AND rule.ev_class <> class.oid
    UNION
    SELECT rule.ev_class, reads.table_name, reads.column_name, reads.depth + 1
    FROM reads
    JOIN pg_depend AS depend ON depend.refclassid = 'pg_class'::regclass AND depend.refobjid = reads.view
    JOIN pg_rewrite AS rule ON depend.classid = 'pg_rewrite'::regclass AND rule.oid = depend.objid
    WHERE rule.ev_class <> reads.view AND reads.depth < 50
)
SELECT
    class.oid::regclass::text AS name,
    array_agg(ARRAY[reads.table_name::text, reads.column_name::text]) AS columns,
    class.relkind = 'v'
        AND NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = class.oid)
        AND NOT EXISTS (SELECT FROM pg_rewrite WHERE ev_class = class.oid AND rulename <> '_RETURN')
        AND NOT EXISTS (SELECT FROM pg_attrdef WHERE adrelid = class.oid)
        AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = class.oid AND attacl IS NOT NULL)
        AND NOT EXISTS (SELECT FROM pg_description WHERE classoid = 'pg_class'::regclass AND objoid = class.oid
            AND objsubid > 0) AS is_plain,
    format('CREATE VIEW %s%s AS %s', class.oid::regclass, ' WITH (' || array_to_string(class.reloptions, ', ') || ')',
        rtrim(pg_get_viewdef(class.oid), ';')) AS made,
    'COMMENT ON VIEW ' || class.oid::regclass || ' IS ' || quote_literal(obj_description(class.oid, 'pg_class'))
        AS comment,
    ARRAY(
        SELECT format('GRANT %s ON %s TO %s%s', privilege_type, class.oid::regclass,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
            CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
        FROM aclexplode(class.relacl) WHERE grantee <> class.relowner
    ) AS grants,
    CASE WHEN pg_get_userbyid(class.relowner) <> current_user THEN
        format('ALTER VIEW %s OWNER TO %I', class.oid::regclass, pg_get_userbyid(class.relowner)) END AS owner
FROM reads
JOIN pg_class AS class ON class.oid = reads.view AND class.relkind IN ('v', 'm')
GROUP BY class.oid, class.relkind, class.reloptions, class.relacl, class.relowner
ORDER BY max(reads.depth), class.oid
"""
"""Each view that reads a table of the schema in use, itself or by way of others: those first that others read."""


@attrs.frozen
class View:
    """A view, and what makes it again."""

    name: str
    """As a statement names it."""
    columns: frozenset[tuple[str, str]]
    """What it reads, as table and column."""
    made: tuple[str, ...]
    """With its comment, owner and privileges; nothing for one that has more to it, such as triggers or rows."""


def views(connection: Connection) -> tuple[View, ...]:
    """Return the views over the tables of a PostgreSQL schema, in the order in which they can be made."""
    rows = connection.exec_driver_sql(VIEWS, execution_options={"no_parameters": True})
    return tuple(
        View(
            name=row.name,
            columns=frozenset((table, column) for table, column in row.columns),
            made=tuple(filter(None, (row.made, row.comment, *row.grants, row.owner))) if row.is_plain else (),
        )
        for row in rows
    )


def over(known: Iterable[View], columns: Collection[tuple[str, str]]) -> Iterator[View]:
    """Yield those of the views that read one of the columns."""
    return (view for view in known if not view.columns.isdisjoint(columns))


def lasting(
    known: Iterable[View], retyped: Collection[tuple[str, str]], renamed: Collection[tuple[str, str]]
) -> Iterator[Finding]:
    """Yield a finding for each view that is in the way of columns' new types, and cannot be made again as it was."""
    for view in over(known, retyped):
        if not view.made or not view.columns.isdisjoint(renamed):
            columns = ", ".join(sorted(".".join(column) for column in view.columns & set(retyped)))
            yield Finding(
                severity=Severity.ERROR,
                rule="wrong-kind",
                message=f"the view {view.name} reads {columns}, and keeps PostgreSQL from changing the type",
                remedy="drop the view, start again, and make it anew",
                place=Place(view.name),
            )
