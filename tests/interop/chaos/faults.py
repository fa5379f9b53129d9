"""The ways in which a database is taken away, each for as long as its context lasts."""

from __future__ import annotations

import contextlib
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg

from tests.interop.chaos.proxy import Proxy
from tests.interop.chaos.server import NAME, USER, Server
from tests.interop.ports import LOOPBACK

Fault = Callable[[Server, Proxy], contextlib.AbstractContextManager[object]]
Admin = psycopg.Connection[tuple[Any, ...]]

FULL = """
CREATE OR REPLACE FUNCTION chaos_full() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER chaos_full BEFORE INSERT OR UPDATE ON ps_contacts EXECUTE FUNCTION chaos_full();
"""
FILLING = (
    "INSERT INTO ps_contacts (id, user_agent) SELECT 'filler' || random(), repeat('x', 200) FROM generate_series(1, 20)"
)


@contextmanager
def killed(server: Server, _: Proxy) -> Iterator[None]:
    """SIGKILL to the postmaster and all backends; it is started again afterwards, and recovers."""
    server.kill()
    yield
    server.start()


@contextmanager
def stopped(server: Server, _: Proxy) -> Iterator[None]:
    """SIGSTOP to the postmaster and all backends: connections stay, and are made, and nobody ever answers."""
    server.signal(signal.SIGSTOP)
    yield
    server.signal(signal.SIGCONT)


@contextmanager
def refused(_: Server, proxy: Proxy) -> Iterator[None]:
    """All connections are cut, and new ones refused."""
    proxy.refuse()
    yield
    proxy.restore()


@contextmanager
def swallowed(_: Server, proxy: Proxy) -> Iterator[None]:
    """The network drops all packets."""
    proxy.swallow()
    yield
    proxy.restore()


@contextmanager
def crowded(server: Server, _: Proxy) -> Iterator[None]:
    """Other programs take every connection that there is."""
    with server.admin() as admin, ExitStack() as others:
        admin.execute("ALTER ROLE pbx NOLOGIN")
        terminate(admin)
        admin.execute("CREATE ROLE crowd LOGIN")
        with contextlib.suppress(psycopg.OperationalError):  # it is full
            for _number in range(200):
                address = {"host": LOOPBACK, "port": server.port, "user": "crowd", "dbname": "postgres"}
                others.callback(psycopg.connect(**address).close)  # type: ignore[arg-type]
        admin.execute("ALTER ROLE pbx LOGIN")
        yield
    with server.admin() as admin:
        admin.execute("DROP ROLE crowd")


@contextmanager
def read_only(server: Server, _: Proxy) -> Iterator[None]:
    """The database takes no changes, as a replica."""
    with server.admin() as admin:
        admin.execute(f"ALTER DATABASE {NAME} SET default_transaction_read_only = on".encode())
        terminate(admin)
    yield
    with server.admin("postgres") as admin:
        admin.execute(f"ALTER DATABASE {NAME} RESET default_transaction_read_only".encode())
        terminate(admin)


@contextmanager
def full(server: Server, _: Proxy) -> Iterator[None]:
    """The disk of the contacts is full; where none can be mounted, a trigger says so, with the SQLSTATE of that."""
    if server.fill_room():
        with server.admin() as admin, contextlib.suppress(psycopg.errors.DiskFull):
            while True:  # what is free inside of the table is used up too
                admin.execute(FILLING.encode())
        yield
        server.empty_room()
        with server.admin() as admin:
            admin.execute("DELETE FROM ps_contacts WHERE id LIKE 'filler%'")
        return
    with server.admin() as admin:
        admin.execute(FULL.encode())
    yield
    with server.admin() as admin:
        admin.execute("DROP TRIGGER chaos_full ON ps_contacts")


@contextmanager
def rivals(server: Server, _: Proxy) -> Iterator[None]:
    """Others change the same rows, many in one transaction and in no order: deadlocks and serialization failures."""
    ended = threading.Event()
    isolation = f"ALTER ROLE {USER} IN DATABASE {NAME}"
    with server.admin() as admin:
        admin.execute(f"{isolation} SET default_transaction_isolation = 'repeatable read'".encode())
        terminate(admin)
    threads = [threading.Thread(target=_contend, args=(server, ended)) for _ in range(4)]
    for thread in threads:
        thread.start()
    yield
    ended.set()
    for thread in threads:
        thread.join()
    with server.admin() as admin:
        admin.execute(f"{isolation} RESET default_transaction_isolation".encode())
        terminate(admin)


def _contend(server: Server, ended: threading.Event) -> None:
    with server.admin() as admin:
        ids = [row[0] for row in admin.execute("SELECT id FROM ps_contacts").fetchall()]
        while not ended.is_set():
            with contextlib.suppress(psycopg.errors.DeadlockDetected), admin.transaction():
                for id in random.sample(ids, min(40, len(ids))):
                    admin.execute("UPDATE ps_contacts SET qualify_frequency = qualify_frequency WHERE id = %s", (id,))
                    time.sleep(0.002)


def terminate(admin: Admin) -> None:
    """End the connections of the stack: it has to make new ones."""
    admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (USER,))


FAULTS: Mapping[str, Fault] = {
    "killed": killed,
    "stopped": stopped,
    "refused": refused,
    "swallowed": swallowed,
    "crowded": crowded,
    "read-only": read_only,
    "disk full": full,
    "rivals": rivals,
}
ANSWERED = ("crowded", "read-only", "disk full")
"""Those in which the server itself says no: then nothing may be stored that was answered otherwise."""
