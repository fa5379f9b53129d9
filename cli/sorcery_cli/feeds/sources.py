"""The databases that a feed reads, and the file of what it told."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import attrs
from sqlalchemy import Engine, column, literal, select, table
from sqlalchemy.exc import SQLAlchemyError

from sorcery import ConfigurationError, Unavailable
from sorcery.environment import Environment, environment_for_url, read_environment
from sorcery.errors import untraced
from sorcery.pjsip import TYPES
from sorcery_cli.context import Session, is_address
from sorcery_cli.exits import Misuse
from sorcery_cli.output import without_passwords
from sorcery_database import address, database_name, lacks_file, masked, new_engine, reason_of
from sorcery_database.outbox import Outbox

__all__ = ["Source", "environment_of", "sources_of", "usual_state"]

WAIT: Final = 5
"""Seconds to wait for a connection."""
SILENCE: Final = 10
"""Seconds after which a server that says nothing is given up."""
MYSQL: Final = {"connect_timeout": WAIT, "read_timeout": SILENCE, "write_timeout": SILENCE}
CONNECTING: Final[Mapping[str, Mapping[str, object]]] = {
    "sqlite": {"timeout": WAIT},
    "postgresql": {"connect_timeout": WAIT, "tcp_user_timeout": 1000 * SILENCE},
    "mysql": MYSQL,
    "mariadb": MYSQL,
}


@attrs.frozen
class Source:
    """A database that objects lie in."""

    name: str
    engine: Engine

    def has(self, table_name: str, id: str) -> bool:
        """Tell whether a table has a row with an id; raises `Unavailable`."""
        query = select(literal(1)).select_from(table(table_name)).where(column("id") == id).limit(1)
        try:
            with self.engine.connect() as connection:
                return connection.execute(query).first() is not None
        except SQLAlchemyError as error:
            raise Unavailable(self.name, reason_of(error)) from untraced(error)


def environment_of(session: Session) -> Environment:
    """Return what surrounds the objects of a target; raises `Misuse`, `ConfigurationError`."""
    if session.target == "memory:":
        raise Misuse("nothing on disk at all tells of changes; name a directory with -C, or a database with --db")
    if is_address(session.target):
        families = (cls.__sorcery__.family for cls in TYPES)
        return environment_for_url(session.target, filter(None, families))
    if not Path(session.target).is_dir():
        raise Misuse(f"{session.target}: no such directory; name one with .conf files, or a database with --db")
    return read_environment(Path(session.target))


def sources_of(environment: Environment, held: ExitStack) -> list[Source]:
    """Return the databases that families lie in; raises `Misuse` for none, `NoOutbox` where one tells of no changes."""
    used = dict.fromkeys(family.database for lines in environment.families.values() for family in lines)
    urls = dict.fromkeys(environment.databases[name] for name in used if name in environment.databases)
    if not urls:
        raise Misuse("no family lies in a database whose address is known; write it into databases.conf, or use --db")
    sources = []
    for url in urls:
        try:
            parsed = address(url)
        except ConfigurationError as error:
            raise Misuse(f"{without_passwords(url)}: {error}") from error
        if lacks_file(parsed):
            raise Misuse(f"{masked(parsed)}: there is no such file; name the one that the objects lie in")
        given = {key: value for key, value in CONNECTING[parsed.get_backend_name()].items() if key not in parsed.query}
        engine = new_engine(parsed, hide_parameters=True, pool_pre_ping=True, connect_args=given)
        held.callback(engine.dispose)
        sources.append(Source(database_name(parsed), engine))
        with closing(Outbox(engine)) as outbox:
            outbox.end()
    return sources


def usual_state() -> Path:
    """Return the file of positions where a service manager, or else the user, keeps such things."""
    folder = os.environ.get("STATE_DIRECTORY", "").partition(":")[0]
    if folder:
        return Path(folder) / "feed.json"
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return Path(home) / "sorcery/feed.json"
