"""What a database lacks of a schema, as the statements that complete it.

Decided on what is really there, never on a revision id: one id of Asterisk's own migrations can stand for
different schemas. Columns get room, another kind or another name, and keep their values; what is there besides
stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from alembic import op
from sqlalchemy import Connection, Dialect, MetaData, Table
from sqlalchemy.dialects.postgresql import ENUM, CreateEnumType
from sqlalchemy.schema import CreateIndex, CreateTable, ExecutableDDLElement

from sorcery.errors import ConfigurationError
from sorcery.place import Place
from sorcery_migrations.altering import altering, counting, quoted
from sorcery_migrations.comparison import Differences, differences
from sorcery_migrations.copying import copying
from sorcery_migrations.history import FORMER_TYPES
from sorcery_migrations.kinds import MARIADB, enums
from sorcery_migrations.obstacles import obstacles
from sorcery_migrations.reflection import EMPTY, Present, described, present
from sorcery_migrations.views import lasting, over

__all__ = ["changes", "complete", "execute", "require_free", "script"]


def changes(metadata: MetaData, there: Present, dialect: Dialect) -> list[str]:
    """List what must be executed, in order, so that every table and column of the schema is there, and as it should.

    A view that stands where a table should is left alone.

    Raises:
        ConfigurationError: a table without a column that each of its rows needs, which cannot be Asterisk's.
    """
    tables = [table for table in metadata.tables.values() if table.name not in there.views]
    found = {table.name: _differences(table, there, dialect) for table in tables if table.name in there.tables}
    statements: list[str] = []
    readers = [view for view in over(there.readers, _retyped(found)) if view.made]
    statements += [f"DROP VIEW {view.name}" for view in reversed(readers)]
    if dialect.name == "postgresql":
        statements += _types(tables, there, dialect)
    for table in tables:
        statements += _table(table, there, found.get(table.name), dialect)
    if dialect.name == "postgresql":
        statements += _needless_types(found, there)
    statements += [statement for view in readers for statement in view.made]
    return statements


def complete(metadata: MetaData, before: MetaData | None = None) -> None:
    """Do what `changes` says, as a step of a role's revisions.

    A script that is written without a database starts from `before`, the schema of the revision before this one.
    """
    context = op.get_context()
    if context.as_sql:
        there = EMPTY if before is None else described(before)
        for statement in changes(metadata, there, context.dialect):
            context.impl.static_output(statement + context.impl.command_terminator)
        return
    connection = op.get_bind()
    execute(connection, changes(metadata, present(connection, metadata), connection.dialect))


def execute(connection: Connection, statements: Iterable[str]) -> None:
    """Execute statements as they are: nothing in them stands for a parameter."""
    plain = connection.execution_options(no_parameters=True)
    for statement in statements:
        plain.exec_driver_sql(statement)


def require_free(connection: Connection, metadata: MetaData, there: Present) -> None:
    """Look for rows that stand in the way of `changes`, before any of them is executed.

    Raises:
        ConfigurationError: there are some; it names the first fault, and its notes the others.
    """
    tables = [table for table in metadata.tables.values() if table.name in there.tables]
    differing = {table.name: _differences(table, there, connection.dialect) for table in tables}
    found = [*lasting(there.readers, _retyped(differing), _renamed(differing))]
    for table in tables:
        found += obstacles(connection, table, there.tables[table.name], differing[table.name])
    if not found:
        return
    first, *others = found
    error = ConfigurationError(first.message, place=first.place, remedy=first.remedy)
    for other in others:
        error.add_note(str(other))
    raise error


def script(statements: Iterable[str | ExecutableDDLElement], dialect: Dialect) -> list[str]:
    """Return the statements' texts, one line each."""
    texts = (each if isinstance(each, str) else _text(each, dialect) for each in statements)
    return [" ".join(text.split()) for text in texts]


def _differences(table: Table, there: Present, dialect: Dialect) -> Differences:
    found = differences(table, there.tables[table.name], dialect)
    for column in found.added:
        if not column.nullable:
            raise ConfigurationError(
                f"the table {table.name} has no column {column.name}, so it is not Asterisk's",
                place=Place(table.name),
                remedy="rename that table and start again",
            )
    return found


def _retyped(found: Mapping[str, Differences]) -> set[tuple[str, str]]:
    """Return the columns, as table and present name, that get another type."""
    return {(table, old.name) for table, each in found.items() for _, old in each.retyped}


def _renamed(found: Mapping[str, Differences]) -> set[tuple[str, str]]:
    return {(table, old.name) for table, each in found.items() for _, old in each.renamed}


def _types(tables: Iterable[Table], there: Present, dialect: Dialect) -> Iterator[str]:
    """Yield what makes the named types, and gives those that exist the values they lack, in their order."""
    for name, enum in sorted(enums(tables).items()):
        known = there.types.get(name)
        if known is None:
            yield _text(CreateEnumType(ENUM(*enum.enums, name=name)), dialect)
            continue
        for previous, value in zip([None, *enum.enums], enum.enums, strict=False):
            if value not in known:
                where = f" AFTER '{previous}'" if previous else f" BEFORE '{known[0]}'"
                yield f"ALTER TYPE {quoted(dialect, name)} ADD VALUE '{value}'{where}"


def _table(table: Table, there: Present, found: Differences | None, dialect: Dialect) -> Iterator[str]:
    if found is None:
        yield _text(CreateTable(table), dialect)
        yield from counting(table, dialect)
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
    else:
        old = there.tables[table.name]
        yield from altering(table, old, found, dialect)
        if dialect.name == "sqlite":
            if found.altered():
                yield from copying(old, found, dialect, there.attached.get(table.name, ()))
            yield from (_unique_index(table, [*key.columns.keys()], dialect) for key in found.unique)
        indexes = found.indexes
        on = f" ON {quoted(dialect, table.name)}" if dialect.name in MARIADB else ""
        yield from (f"DROP INDEX {quoted(dialect, name)}{on}" for name in found.needless)
    yield from (_text(CreateIndex(index), dialect) for index in indexes)


def _unique_index(table: Table, columns: list[str], dialect: Dialect) -> str:
    name = quoted(dialect, f"{table.name}_{'_'.join(columns)}_key")
    keys = ", ".join(quoted(dialect, column) for column in columns)
    return f"CREATE UNIQUE INDEX {name} ON {quoted(dialect, table.name)} ({keys})"


def _needless_types(found: Mapping[str, Differences], there: Present) -> Iterator[str]:
    """Yield what drops the types that no column is of any more."""
    retyped = _retyped(found)
    for name in sorted(FORMER_TYPES & there.types.keys()):
        if there.users.get(name, frozenset()) <= retyped:
            yield f"DROP TYPE {name}"


def _text(element: ExecutableDDLElement, dialect: Dialect) -> str:
    return str(element.compile(dialect=dialect)).strip().expandtabs(4)
