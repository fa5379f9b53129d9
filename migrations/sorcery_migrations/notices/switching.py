"""Switching notices on and off, and what stands of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import uuid4

import attrs
from sqlalchemy import URL, Connection, Engine, inspect, text

from sorcery.errors import ConfigurationError
from sorcery_database.outbox import CHANGES, NOW, STATE
from sorcery_migrations.engine import MARIADB, reading, require_triggers, writing
from sorcery_migrations.notices.choice import BESIDE, Choice
from sorcery_migrations.notices.mysql import MySQL
from sorcery_migrations.notices.postgresql import PostgreSQL
from sorcery_migrations.notices.sqlite import SQLite
from sorcery_migrations.notices.trigger import Kind, Standing, Trigger, keeps

__all__ = ["Status", "Switched", "TableStatus", "install", "remove", "renew", "status"]


@attrs.frozen(slots=True)
class Switched:
    """What switching came to."""

    statements: tuple[str, ...]
    """What was executed; nothing where all was as it should be."""
    tables: tuple[str, ...] = ()
    """Those that are told of now."""
    skipped: Mapping[str, str] = attrs.field(factory=dict)
    """Those that cannot be, and why."""


@attrs.frozen(slots=True)
class TableStatus:
    """One table."""

    name: str
    state: str
    """`on`; `off`: not chosen; `outdated`: run `sorcery db notify on` again; or `missing`, `a view`, `no column id`."""


@attrs.frozen(slots=True)
class Status:
    """What stands of notices in a database."""

    is_on: bool
    tables: tuple[TableStatus, ...]
    entries: int = 0
    age: float | None = None
    """Seconds since the oldest entry was made."""

    @property
    def is_current(self) -> bool:
        """Tell whether every chosen table that can be told of is."""
        return self.is_on and all(table.state != "outdated" for table in self.tables)


def install(target: str | URL | Engine, tables: Choice | Iterable[str] | None = None) -> Switched:
    """Let the chosen tables tell of their changes, by default all that objects can lie in, and no others.

    Safe to repeat: without a choice the one made before stays in force. All or nothing, except on MariaDB, where
    running it again completes it. On PostgreSQL each table is locked for a moment; waits 5 s for that.

    Raises:
        Unavailable: the database cannot be reached, or a table is in use for too long.
        ConfigurationError: the database refused a statement, for example for want of a privilege.
    """
    choice = tables if tables is None or isinstance(tables, Choice) else Choice.only(tables)
    with writing(target, makes_file=False) as connection:
        return _switch_on(connection, choice)


def renew(connection: Connection) -> Switched:
    """Where notices are on, let triggers know of tables and columns that were added; for the end of a migration."""
    return _switch_on(connection, None) if keeps(connection, STATE) else Switched(())


def remove(target: str | URL | Engine) -> Switched:
    """Take away triggers, functions and the outbox; nothing is left of them.

    Raises:
        Unavailable: the database cannot be reached, or a table is in use for too long.
        ConfigurationError: the database refused a statement.
    """
    with writing(target, makes_file=False) as connection:
        kind = _kind(connection)
        standing = kind.standing(connection)
        is_there = any(keeps(connection, name) for name in (CHANGES, STATE))
        statements = [kind.drop(connection, table, name) for table, names in standing.items() for name in names]
        if statements or is_there:
            statements += kind.removal(connection)
        _execute(connection, statements)
        return Switched(tuple(statements))


def status(target: str | URL | Engine, choice: Choice | None = None) -> Status:
    """Tell what stands, also of the tables of a choice to be made; change nothing. Raises `Unavailable`."""
    with reading(target) as connection:
        kind, inspector = _kind(connection), inspect(connection)
        is_on = keeps(connection, CHANGES) and keeps(connection, STATE)
        choice = _chosen(connection) if is_on else Choice()
        standing = kind.standing(connection)
        chosen = set(choice.of(connection.dialect.name))
        asked = choice.of(connection.dialect.name) if choice else ()
        names = dict.fromkeys([*Choice().of(connection.dialect.name), *chosen, *asked, *standing])
        views = _views(connection)
        tables = tuple(
            TableStatus(name, _state(connection, kind, standing, name, views, is_chosen=is_on and name in chosen))
            for name in names
            if name not in BESIDE or name in standing or inspector.has_table(name)
        )
        entries, age = _contents(connection) if is_on else (0, None)
        return Status(is_on, tables, entries, age)


def _state(
    connection: Connection, kind: Kind, standing: Standing, name: str, views: frozenset[str], *, is_chosen: bool
) -> str:
    columns = _columns(connection, name, views)
    if isinstance(columns, str):
        return columns
    there = standing.get(name, {})
    if not is_chosen:
        return "outdated" if there else "off"
    return "outdated" if _lacking(kind.triggers(connection, name, columns), there) else "on"


def _contents(connection: Connection) -> tuple[int, float | None]:
    age = f"({NOW[connection.dialect.name]} - min(at)) / 1000000.0"
    count, seconds = connection.execute(text(f"SELECT count(*), {age} FROM {CHANGES}")).one()
    return count, None if seconds is None else float(seconds)


def _switch_on(connection: Connection, choice: Choice | None) -> Switched:
    kind, statements = _kind(connection), list[str]()
    if outbox := kind.outbox(connection):
        require_triggers(connection)
    _run(connection, statements, outbox)
    choice = _kept(connection, statements, choice)
    chosen, standing, views = choice.of(connection.dialect.name), kind.standing(connection), _views(connection)
    told, skipped = list[str](), dict[str, str]()
    for table in chosen:
        columns = _columns(connection, table, views)
        if isinstance(columns, str):
            if table not in BESIDE:
                skipped[table] = columns
        else:
            told.append(table)
            triggers = kind.triggers(connection, table, columns)
            _run(connection, statements, _corrections(connection, kind, table, triggers, standing.get(table, {})))
    _run(
        connection,
        statements,
        [kind.drop(connection, t, name) for t, names in standing.items() if t not in chosen for name in names],
    )
    return Switched(tuple(statements), tuple(told), skipped)


def _kept(connection: Connection, statements: list[str], choice: Choice | None) -> Choice:
    """Keep a choice in the database, or return the one that is kept there."""
    there = connection.execute(text(f"SELECT tables FROM {STATE}")).scalar()
    if there is None:
        choice = choice or Choice()
        _run(connection, statements, [f"INSERT INTO {STATE} (era, trimmed, tables) VALUES ('{uuid4()}', 0, 'except')"])
        there = "except"
    if choice is None:
        return Choice.parse(there)
    if str(choice) != there:
        connection.execute(text(f"UPDATE {STATE} SET tables = :tables"), {"tables": str(choice)})
        statements.append(f"UPDATE {STATE} SET tables = {str(choice)!r}")
    return choice


def _chosen(connection: Connection) -> Choice:
    return Choice.parse(connection.execute(text(f"SELECT tables FROM {STATE}")).scalar() or "except")


def _corrections(
    connection: Connection, kind: Kind, table: str, triggers: Sequence[Trigger], there: Mapping[str, str]
) -> Sequence[str]:
    """Return what makes the triggers of a table what they should be, and says that nobody knows what was before."""
    wrong = _lacking(triggers, there)
    if not wrong:
        return ()
    dropped = [kind.drop(connection, table, each.name) for each in wrong if each.name in there]
    return [*dropped, *(each.create for each in wrong), kind.announcement(table)]


def _lacking(triggers: Sequence[Trigger], there: Mapping[str, str]) -> list[Trigger]:
    return [each for each in triggers if there.get(each.name) != each.body]


def _columns(connection: Connection, table: str, views: frozenset[str]) -> Sequence[str] | str:
    """Return the columns of a table, or why it cannot tell of its changes."""
    schema, _, name = table.rpartition(".")
    inspector = inspect(connection)
    if table in views:
        return "a view"
    if not inspector.has_table(name, schema=schema or None):
        return "missing"
    columns = [column["name"] for column in inspector.get_columns(name, schema=schema or None)]
    return columns if "id" in columns else "no column id"


def _views(connection: Connection) -> frozenset[str]:
    return frozenset(inspect(connection).get_view_names())


def _run(connection: Connection, done: list[str], statements: Sequence[str]) -> None:
    _execute(connection, statements)
    done += statements


def _execute(connection: Connection, statements: Sequence[str]) -> None:
    for statement in statements:
        # without parameters: a driver would take the percent signs of a trigger for their places
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def _kind(connection: Connection) -> Kind:
    match connection.dialect.name:
        case "postgresql":
            return PostgreSQL()
        case "sqlite":
            return SQLite()
        case name if name in MARIADB:
            return MySQL()
        case name:
            raise ConfigurationError(f"a database of the kind {name} tells of no changes")
