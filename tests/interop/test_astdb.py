"""How Asterisk shares its AstDB file with another process: what it writes and sees, how the locks meet."""

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

RECORDED = Path(__file__).parents[1] / "data/astdb"
URI = "sip:desk@127.0.0.1:5999;x=1"
KEY = f"/registrar/contact/alice;@{hashlib.md5(URI.encode()).hexdigest()}"
BETWEEN_COMMITS = 1.0  # seconds; Asterisk commits what it wrote at most this often
Rows = dict[str, str]


@contextmanager
def registrar(root: Path) -> Iterator[tuple[Asterisk, Phone]]:
    """Run a registrar for alice, with room for many contacts, and a phone that talks to it."""
    port = free_port()
    text = (
        f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"
        "[alice]\ntype=endpoint\naors=alice\nallow=ulaw\n[alice]\ntype=aor\nmax_contacts=9\n"
    )
    with Asterisk(root, {"pjsip.conf": text}) as asterisk, Phone((LOOPBACK, port)) as phone:
        yield asterisk, phone


def contacts(astdb: Path) -> Rows:
    with closing(sqlite3.connect(astdb, timeout=30)) as connection:
        return dict(connection.execute("SELECT key, value FROM astdb WHERE key LIKE '/registrar/%'"))


def put_contact(astdb: Path, timeout: float = 30) -> None:
    value = json.dumps({"uri": URI, "expiration_time": str(int(time.time()) + 600)})
    with closing(sqlite3.connect(astdb, timeout=timeout)) as connection, connection:
        connection.execute("INSERT OR REPLACE INTO astdb VALUES (?, ?)", (KEY, value))


def wait_until_readers_are_held_back(astdb: Path) -> None:
    """Return once a writer that waits for its commit lets nobody else begin to read."""
    deadline = time.monotonic() + 30
    with closing(sqlite3.connect(astdb, timeout=0)) as connection:
        while time.monotonic() < deadline:
            try:
                connection.execute("SELECT count(*) FROM astdb").fetchall()
            except sqlite3.OperationalError:
                return
            time.sleep(0.01)
    raise TimeoutError("no writer waits for its commit")


def test_a_registered_contact_is_stored_as_recorded(asterisk_root: Path) -> None:
    with registrar(asterisk_root) as (asterisk, phone):
        phone.register("alice", f"<sip:al%5eice@{LOOPBACK}:{phone.port};transport=udp;ob>")
        asterisk.settle_astdb()
        ((key, value),) = contacts(asterisk.astdb).items()
    uri = f"sip:al%5eice@{LOOPBACK}:{phone.port};transport=udp;ob"
    contact = json.loads(value)
    assert contact["uri"] == uri
    assert key == f"/registrar/contact/alice;@{hashlib.md5(uri.encode()).hexdigest()}"
    recorded = json.loads(json.loads((RECORDED / "plain.json").read_text(encoding="utf-8"))["value"])
    assert contact.keys() == recorded.keys()
    assert value == json.dumps(contact, separators=(",", ":"))


def test_rows_of_another_process_are_seen_at_once(asterisk_root: Path) -> None:
    with registrar(asterisk_root) as (asterisk, _):
        asterisk.settle_astdb()
        put_contact(asterisk.astdb)
        assert URI in asterisk.cli("pjsip show contacts")
        alice = asterisk.ari_get("aor", "alice")
        assert alice is not None
        assert alice["contact"] == URI


def test_a_file_made_before_the_first_start_is_taken_over(asterisk_root: Path) -> None:
    asterisk = Asterisk(asterisk_root, {"pjsip.conf": "[alice]\ntype=aor\nmax_contacts=9\n"})
    with closing(sqlite3.connect(asterisk.astdb)) as connection, connection:
        connection.execute("CREATE TABLE astdb(key TEXT, value TEXT, PRIMARY KEY(key))")
    put_contact(asterisk.astdb)
    with asterisk:
        assert URI in asterisk.cli("pjsip show contacts")


def test_after_a_read_asterisk_keeps_others_from_writing_until_it_writes_itself(asterisk_root: Path) -> None:
    with registrar(asterisk_root) as (asterisk, _):
        asterisk.settle_astdb()
        asterisk.cli("pjsip show contacts")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            put_contact(asterisk.astdb, timeout=2 * BETWEEN_COMMITS)
        asterisk.cli("database put any key value")
        put_contact(asterisk.astdb)
        assert KEY in contacts(asterisk.astdb)


def test_a_register_while_another_writer_waits_is_answered_200_but_lost(
    asterisk_root: Path,
) -> None:
    with registrar(asterisk_root) as (asterisk, phone):
        asterisk.settle_astdb()
        asterisk.cli("pjsip show contacts")
        writer = threading.Thread(target=put_contact, args=(asterisk.astdb, 20))
        writer.start()
        wait_until_readers_are_held_back(asterisk.astdb)  # the writer waits too: for Asterisk to let go
        response = phone.register("alice", f"<sip:alice@{LOOPBACK}:{phone.port}>")
        writer.join()
        assert response.startswith("SIP/2.0 200 ")
        assert "Contact:" not in response
        asterisk.settle_astdb()
        assert list(contacts(asterisk.astdb)) == [KEY]
        assert "Unable to bind contact" in asterisk.logs()
