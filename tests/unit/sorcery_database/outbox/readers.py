"""A database that tells of the changes of a small table; one who reads on, and one who writes."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, NullPool

from sorcery_database import address, new_engine
from sorcery_database.outbox import Entry, Outbox, Position
from sorcery_migrations.notices import install


class Reader:
    """One who reads on from where he stands."""

    def __init__(self, engine: Engine) -> None:
        self.outbox = Outbox(engine)
        self.position = self.outbox.end()

    def entries(self, most: int = 1000) -> list[Entry]:
        batch = self.outbox.read(self.position, most)
        assert batch.is_complete
        self.position = Position.parse(str(batch.after))
        return list(batch.entries)

    def ids(self, most: int = 1000) -> list[str]:
        return [entry.id for entry in self.entries(most)]

    def trim(self, at_least: int = 1) -> int:
        """Trim until so many are gone: any transaction of the server, that of a neighbour's test too, puts it off."""
        deadline = time.monotonic() + 30
        gone = self.outbox.trim(self.position)
        while gone < at_least:
            assert time.monotonic() < deadline, f"{gone} entries were trimmed, not {at_least}"
            time.sleep(0.05)
            assert self.ids() == []
            gone += self.outbox.trim(self.position)
        return gone

    def is_told_of_everything(self) -> bool:
        batch = self.outbox.read(self.position)
        self.position = batch.after
        return not batch.is_complete and not batch.entries


def create(connection: Connection, *ids: str) -> None:
    for each in ids:
        connection.exec_driver_sql(f"INSERT INTO ps_aors (id) VALUES ('{each}')")


def database(url: str) -> Iterator[Engine]:
    engine = new_engine(address(url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE ps_aors (id VARCHAR(255) PRIMARY KEY, contact VARCHAR(255))")
    install(url, ["ps_aors"])
    yield engine
    engine.dispose()


def kill_others(engine: Engine) -> None:
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            return
        for (number,) in connection.exec_driver_sql(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        ).all():
            connection.exec_driver_sql(f"KILL {number}")
