"""A database that a Kamailio shares, of either kind, and the ways of a test into it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import attrs
from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from sorcery_database import address
from sorcery_migrations.roles import schema

TABLES = ("ps_aors", "ps_auths", "ps_contacts", "ps_endpoints")


@attrs.frozen
class Shared:
    """One database."""

    engine: Engine
    url: str

    @property
    def is_mariadb(self) -> bool:
        return self.engine.dialect.name == "mysql"

    @property
    def name(self) -> str:
        return str(self.engine.url.database)

    def make_tables(self) -> None:
        """Make those of Asterisk's tables that Kamailio has to do with: all of them would take seconds."""
        metadata = schema("config", self.engine.dialect.name)
        metadata.create_all(self.engine, [metadata.tables[name] for name in TABLES])

    def execute(self, *statements: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    def names(self) -> set[str]:
        found = inspect(self.engine)
        return {*found.get_table_names(), *found.get_view_names(), *self.triggers()}

    def triggers(self) -> set[str]:
        schemas = "DATABASE()" if self.is_mariadb else "current_schema()"
        query = f"SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = {schemas}"
        return {name for (name,) in self.rows(query)}


@contextmanager
def opened(url: str) -> Iterator[Shared]:
    """Yield the database of an address; between two statements nobody is connected to it."""
    engine = create_engine(address(url), poolclass=NullPool)
    yield Shared(engine, url)
    engine.dispose()
