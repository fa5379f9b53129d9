"""The real programs that the interoperability tests run beside ours.

A program that is missing makes its tests skip, with the command that installs it. PostgreSQL comes with the tests'
requirements and is never skipped.
"""

import fcntl
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.postgresql import Database, PostgreSQL

INSTALL = "run tests/interop/install as root on Debian 12"


def pytest_configure() -> None:
    # A run that is told to end takes its servers with it, as one that is interrupted from the keyboard does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def asterisk_root() -> Path:
    """Name the folder that holds a Debian with Asterisk; `Asterisk(asterisk_root, …)` starts one from it."""
    if os.geteuid() != 0:
        pytest.skip("Asterisk runs in a chroot, which needs root: run the tests as root")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    root = cache / "pysorcery/asterisk-sid"
    if not (root / "usr/sbin/asterisk").exists():
        pytest.skip(f"no Asterisk in {root}: {INSTALL}")
    return root


@pytest.fixture
def standard_ports() -> Iterator[None]:
    """Hold ports 5060 and 5061, which some object vectors bind, against other runs of the tests on the machine."""
    with (Path(tempfile.gettempdir()) / "pysorcery-interop-5060.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def sipp() -> Path:
    """Name the program sipp, for `run_register(sipp, …)`."""
    found = shutil.which("sipp")
    if found is None:
        pytest.skip(f"no sipp on the path: {INSTALL}")
    return Path(found)


@pytest.fixture(scope="session")
def baresip() -> None:
    """Require the softphone, for `Baresip(…)`."""
    if shutil.which("baresip") is None:
        pytest.skip(f"no baresip on the path: {INSTALL}")


@pytest.fixture(scope="session")
def kamailio() -> None:
    """Require the proxy, with what it reaches PostgreSQL by, for `Kamailio(…)`."""
    if shutil.which("kamailio") is None or not list(Path("/usr/lib").glob("*/kamailio/modules/db_postgres.so")):
        pytest.skip(f"no kamailio with kamailio-postgres-modules: {INSTALL}")


@pytest.fixture(scope="session")
def kamailio_with_mysql(kamailio: None) -> None:
    """Require what Kamailio reaches MariaDB by, too."""
    if not list(Path("/usr/lib").glob("*/kamailio/modules/db_mysql.so")):
        pytest.skip(f"no kamailio-mysql-modules: {INSTALL}")


@pytest.fixture(scope="session")
def postgresql_over_tcp() -> Iterator[PostgreSQL]:
    """Run one PostgreSQL for the session, on a loopback port, where a server in a chroot reaches it too."""
    with PostgreSQL() as server:
        yield server


@pytest.fixture
def postgresql(postgresql_over_tcp: PostgreSQL) -> Database:
    """Make an empty database of this test's own."""
    return postgresql_over_tcp.create_database()
