"""What `sorcery init --also-for asterisk` lays out, under a running Asterisk: it sees what our commands create."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Contact
from sorcery_cli import main
from sorcery_sip import client
from tests.conftest import new_mariadb_database, running_mariadb
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database

pytestmark = pytest.mark.interop

PASSWORD = "a;long^password"
OBJECTS: tuple[Sequence[str], ...] = (
    ("aor", "1001", "max_contacts=2", "remove_existing=yes"),
    ("auth", "1001", "username=1001", f"password={PASSWORD}"),
    ("endpoint", "1001", "context=internal", "allow=!all,alaw", "auth=1001", "aors=1001"),
)
OWN = ("asterisk.conf", "ari.conf", "http.conf", "logger.conf", "manager.conf", "phoneprov.conf")
"""The files by which a test reaches the server; all others are those of `init`."""


def lay_out(asterisk: Asterisk, backend: str, port: int, *, fresh: bool) -> None:
    """Run `init` in the server's folder; `fresh` takes away all that is not of the test's own."""
    directory = asterisk.configuration
    if fresh:
        for path in directory.iterdir():
            if path.name not in OWN:
                path.unlink()
    words = ("init", "--backend", backend, "--also-for", "asterisk", "--bind", f"{LOOPBACK}:{port}")
    assert main(["-C", str(directory), *words]) == 0


def check_phone(asterisk: Asterisk, port: int) -> None:
    """Create a phone by our command: Asterisk has it, registers it, and routes to its dialplan."""
    directory = asterisk.configuration
    for words in OBJECTS:
        assert main(["-C", str(directory), "create", *words]) == 0
    said = asterisk.ari_get("endpoint", "1001")
    assert said is not None, asterisk.logs()[-3000:]
    assert (said["context"], said["allow"]) == ("internal", "(alaw)")
    answer = client.register((LOOPBACK, port), f"sip:1001@{LOOPBACK}", username="1001", password=PASSWORD)
    assert answer.status == 200, asterisk.logs()[-3000:]
    assert "_[0-9a-z]." in asterisk.cli("dialplan show internal")
    assert "sip:1001@" in asterisk.cli("pjsip show contacts")


@pytest.mark.parametrize("fresh", [True, False], ids=["in an empty folder", "into files that are there"])
def test_asterisk_sees_a_phone_in_postgresql(asterisk_root: Path, postgresql: Database, fresh: bool) -> None:
    asterisk, port = Asterisk(asterisk_root), free_port()
    lay_out(asterisk, postgresql.dsn.replace("postgres@", "postgres:unused@"), port, fresh=fresh)
    with asterisk:
        check_phone(asterisk, port)
        with Sorcery.open(asterisk.configuration) as s:
            (contact,) = s.retrieve_all(Contact)
        assert contact.endpoint == "1001"


def test_asterisk_starts_on_its_asterisk_conf_and_sees_a_phone_in_sqlite(asterisk_root: Path) -> None:
    asterisk, port = Asterisk(asterisk_root), free_port()
    (asterisk.configuration / "asterisk.conf").unlink()
    lay_out(asterisk, "sqlite:///pbx.db", port, fresh=True)
    for name in ("asterisk.conf", "res_config_sqlite3.conf"):
        conf = asterisk.configuration / name
        conf.write_text(conf.read_text().replace(f" {asterisk_root}/", " /"))  # where Asterisk sees the folder
    with asterisk:
        check_phone(asterisk, port)


def test_asterisk_sees_a_phone_in_mariadb(asterisk_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not list(asterisk_root.glob("usr/lib/*/odbc/libmaodbc.so")):
        pytest.skip("no odbc-mariadb beside Asterisk: run tests/interop/install as root on Debian 12")
    asterisk, port = Asterisk(asterisk_root), free_port()
    odbc = asterisk.configuration / "odbc.ini"
    with running_mariadb(asterisk_root / "tmp") as socket, new_mariadb_database(socket) as url:
        lay_out(asterisk, url, port, fresh=True)
        odbc.write_text(odbc.read_text().replace(str(asterisk_root), ""))  # where Asterisk sees the socket
        monkeypatch.setenv("ODBCINI", f"/{odbc.relative_to(asterisk_root)}")
        with asterisk:
            check_phone(asterisk, port)
            with Sorcery.open(asterisk.configuration) as s:
                (contact,) = s.retrieve_all(Contact)
            assert contact.endpoint == "1001"


def test_asterisk_sees_a_phone_in_files_after_a_reload(asterisk_root: Path) -> None:
    asterisk, port = Asterisk(asterisk_root), free_port()
    lay_out(asterisk, "files", port, fresh=True)
    for words in OBJECTS:
        assert main(["-C", str(asterisk.configuration), "create", *words]) == 0
    with asterisk:
        said = asterisk.ari_get("endpoint", "1001")
        assert said is not None, asterisk.logs()[-3000:]
        assert said["context"] == "internal"
        answer = client.register((LOOPBACK, port), f"sip:1001@{LOOPBACK}", username="1001", password=PASSWORD)
        assert answer.status == 200
