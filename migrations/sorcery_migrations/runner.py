"""Running the revisions of a role, through Alembic but without an ini file.

Each role keeps its place in a version table of its own, `sorcery_version_<role>`. Those of Asterisk's own
migrations, `alembic_version…`, are never written: its tool must find them as it left them.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, MetaData

from sorcery.errors import ConfigurationError
from sorcery_database import address, lacks_file
from sorcery_migrations import config
from sorcery_migrations.completion import EMPTY, additions, present, script
from sorcery_migrations.engine import reading, writing

__all__ = ["adopt", "current", "downgrade", "head", "lacking", "schema", "sql", "upgrade"]

ROLES: Final[Mapping[str, Callable[[str], MetaData]]] = {"config": config.schema}
"""The newest schema of each role, by SQLAlchemy's name of the engine."""

ALEMBIC: Final = threading.Lock()
"""Held while Alembic runs: it hands a revision its context through module globals, one at a time."""


def upgrade(target: str | URL | Engine, role: str = "config", revision: str = "head") -> list[str]:
    """Bring the database to a revision and return the revisions that were applied, oldest first.

    Tables that are there already, from Asterisk's own migrations or a copy of its schema, are adopted: what
    is missing is added, rows stay. All or nothing, except on MariaDB, where running it again completes it.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role or revision, or tables that are not Asterisk's.
    """
    with writing(target) as connection:
        return _run(command.upgrade, connection, role, revision)


def downgrade(target: str | URL | Engine, role: str = "config", revision: str = "base") -> list[str]:
    """Take the database back to a revision and return the revisions that were undone, newest first.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role or revision, or a table that would be dropped holds rows.
    """
    with writing(target) as connection:
        return _run(command.downgrade, connection, role, revision)


def adopt(target: str | URL | Engine, role: str = "config") -> list[str]:
    """Add every table and column that is missing, whatever revision the database claims to be at.

    Then bring it to the newest revision. Return the statements that were executed for what was missing.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role, or tables that are not Asterisk's.
    """
    with writing(target) as connection:
        tables = schema(role, connection.dialect.name)
        statements = additions(tables, present(connection, tables), connection.dialect)
        for statement in statements:
            connection.execute(statement)
        _run(command.upgrade, connection, role, "head")
        return script(statements, connection.dialect)


def lacking(target: str | URL | Engine, role: str = "config") -> list[str]:
    """Return the statements that `adopt` would execute; change nothing. A missing SQLite file lacks everything.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role, or tables that are not Asterisk's.
    """
    if not isinstance(target, Engine) and lacks_file(url := address(target)):
        dialect = url.get_dialect()()
        return script(additions(schema(role, dialect.name), EMPTY, dialect), dialect)
    with reading(target) as connection:
        tables = schema(role, connection.dialect.name)
        statements = additions(tables, present(connection, tables), connection.dialect)
        return script(statements, connection.dialect)


def head(role: str = "config") -> str:
    """Return the newest revision of a role; raises `ConfigurationError` for an unknown one."""
    _known(role)
    return str(ScriptDirectory.from_config(_config(role)).get_current_head())


def current(target: str | URL | Engine, role: str = "config") -> str | None:
    """Return the revision that the database is at, or None where we never ran.

    Raises:
        Unavailable: the database cannot be reached.
        ConfigurationError: an unknown role.
    """
    table = _version_table(role)
    with reading(target) as connection:
        return MigrationContext.configure(connection, opts={"version_table": table}).get_current_revision()


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


def schema(role: str, dialect_name: str) -> MetaData:
    """Return the newest tables of a role, as that engine has them.

    Raises:
        ConfigurationError: an unknown role.
    """
    return ROLES[_known(role)](dialect_name)


def _known(role: str) -> str:
    if role not in ROLES:
        raise ConfigurationError(f"unknown database role {role!r}", remedy=f"use one of: {', '.join(ROLES)}")
    return role


def _version_table(role: str) -> str:
    return f"sorcery_version_{_known(role)}"


def _run(verb: Callable[..., None], connection: Connection, role: str, revision: str) -> list[str]:
    """Let Alembic walk to a revision inside the connection's transaction; return the steps it took."""
    steps: list[str] = []
    with _alembic():
        verb(
            _config(
                role,
                connection=connection,
                on_version_apply=lambda *, step, **_: steps.append(step.up_revision_id),
            ),
            revision,
        )
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
