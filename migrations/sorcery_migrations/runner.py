"""Running the revisions of a role, through Alembic but without an ini file.

Each role keeps its place in a version table of its own, `sorcery_version_<role>`. Those of Asterisk's own
migrations, `alembic_version…`, are never written: its tool must find them as it left them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine

from sorcery.errors import ConfigurationError
from sorcery_database import address, lacks_file
from sorcery_migrations.completion import changes, execute, require_free, script
from sorcery_migrations.engine import reading, writing
from sorcery_migrations.notices.switching import renew
from sorcery_migrations.reflection import EMPTY, present
from sorcery_migrations.removal import require_removable
from sorcery_migrations.roles import known, schema

__all__ = ["adopt", "current", "downgrade", "head", "lacking", "pending", "schema", "sql", "upgrade"]

ALEMBIC: Final = threading.Lock()
"""Held while Alembic runs: it hands a revision its context through module globals, one at a time."""


def upgrade(target: str | URL | Engine, role: str = "config", revision: str = "head") -> list[str]:
    """Bring the database to a revision and return the revisions that were applied, oldest first.

    Tables that are there already, from Asterisk's own migrations or a copy of its schema, are adopted: what
    is missing is added, what is too narrow or of another kind is changed, rows stay. All or nothing, except on
    MariaDB, where running it again completes it. A large table is locked while its rows are converted.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role or revision, tables that are not Asterisk's, or rows that would not
            survive it; nothing was changed.
    """
    with writing(target) as connection:
        if revision == "head" and _current(connection, role) != head(role):
            tables = schema(role, connection.dialect.name)
            require_free(connection, tables, present(connection, tables))
        steps = _run(command.upgrade, connection, role, revision)
        renew(connection)
        return steps


def downgrade(
    target: str | URL | Engine, role: str = "config", revision: str = "base", *, with_rows: bool = False
) -> list[str]:
    """Take the database back to a revision and return the revisions that were undone, newest first.

    Tables are dropped that the undone revisions know, unless Asterisk's own migrations keep a version table: they
    are theirs then. With `with_rows` the rows go too.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role or revision, or a table that would be dropped holds rows, or
            Kamailio needs it.
    """
    with writing(target) as connection:
        if revision == "base" and _current(connection, role) is None:
            return []
        if revision == "base":
            require_removable(connection, role, schema(role, connection.dialect.name), with_rows=with_rows)
        return _run(command.downgrade, connection, role, revision, with_rows=with_rows)


def adopt(target: str | URL | Engine, role: str = "config") -> list[str]:
    """Make every table what the newest schema says, whatever revision the database claims to be at.

    Then bring it to the newest revision. Return the statements that were executed for what was lacking.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role, tables that are not Asterisk's, or rows that would not survive it;
            nothing was changed.
    """
    with writing(target) as connection:
        statements = _lacking(connection, role)
        execute(connection, statements)
        _run(command.upgrade, connection, role, "head")
        renew(connection)
        return script(statements, connection.dialect)


def lacking(target: str | URL | Engine, role: str = "config") -> list[str]:
    """Return the statements that `adopt` would execute; change nothing. A missing SQLite file lacks everything.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role, tables that are not Asterisk's, or rows that would not survive it.
    """
    if not isinstance(target, Engine) and lacks_file(url := address(target)):
        dialect = url.get_dialect()()
        return script(changes(schema(role, dialect.name), EMPTY, dialect), dialect)
    with reading(target) as connection:
        return script(_lacking(connection, role), connection.dialect)


def _lacking(connection: Connection, role: str) -> list[str]:
    tables = schema(role, connection.dialect.name)
    there = present(connection, tables)
    require_free(connection, tables, there)
    return changes(tables, there, connection.dialect)


def head(role: str = "config") -> str:
    """Return the newest revision of a role; raises `ConfigurationError` for an unknown one."""
    known(role)
    return str(ScriptDirectory.from_config(_config(role)).get_current_head())


def current(target: str | URL | Engine, role: str = "config") -> str | None:
    """Return the revision that the database is at, or None where we never ran.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    known(role)
    with reading(target) as connection:
        return _current(connection, role)


def sql(url: str | URL, role: str = "config", revision: str = "head") -> str:
    """Return the script that brings an empty database of that kind to a revision; connects to nothing.

    Raises:
        ConfigurationError: an unknown role or revision, or an address of no known kind.
    """
    text = io.StringIO()
    kind = address(url).get_backend_name()
    with _alembic():
        command.upgrade(
            _config(
                role,
                output_buffer=text,
                dialect_name=kind,
                literal_binds=True,
                transactional_ddl=kind in ("sqlite", "postgresql"),
            ),
            revision,
            sql=True,
        )
    return text.getvalue()


def pending(target: str | URL | Engine, role: str = "config") -> str:
    """Return the script that `upgrade` and `adopt` come down to on this very database; change nothing.

    It is empty where nothing is to be done. Rows that are written meanwhile are not known to it.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role, tables that are not Asterisk's, or rows that would not survive it.
    """
    with reading(target) as connection:
        statements = _lacking(connection, role)
        newest, table = head(role), _version_table(role)
        if _current(connection, role) != newest:
            statements += [
                f"CREATE TABLE IF NOT EXISTS {table} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
                f"DELETE FROM {table}",
                f"INSERT INTO {table} (version_num) VALUES ('{newest}')",
            ]
        if statements and connection.dialect.name in ("sqlite", "postgresql"):  # MariaDB commits each by itself
            statements = ["BEGIN", *statements, "COMMIT"]
        if statements and connection.dialect.name == "sqlite":  # which else may delete what refers to a copied table
            statements = ["PRAGMA foreign_keys = OFF", *statements]
        return "".join(f"{statement};\n" for statement in statements)


def _current(connection: Connection, role: str) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": _version_table(role)})
    return context.get_current_revision()


def _version_table(role: str) -> str:
    return f"sorcery_version_{known(role)}"


def _run(
    verb: Callable[..., None], connection: Connection, role: str, revision: str, *, with_rows: bool = False
) -> list[str]:
    """Let Alembic walk to a revision inside the connection's transaction; return the steps it took."""
    steps: list[str] = []
    config = _config(
        role,
        connection=connection,
        on_version_apply=lambda *, step, **_: steps.append(step.up_revision_id),
    )
    config.attributes["with_rows"] = with_rows
    with _alembic():
        verb(config, revision)
    return steps


def _config(role: str, **configure: Any) -> Config:
    """Build what an `alembic.ini` would say; `env.py` hands `configure` on."""
    config = Config()
    config.set_main_option("script_location", f"sorcery_migrations:{role}")
    config.attributes["configure"] = {"version_table": _version_table(role), **configure}
    return config


@contextmanager
def _alembic() -> Iterator[None]:
    """Run Alembic alone in this process, and translate what it raises."""
    try:
        with ALEMBIC:
            yield
    except CommandError as error:
        raise ConfigurationError(str(error), remedy="use a revision that this release knows") from error
