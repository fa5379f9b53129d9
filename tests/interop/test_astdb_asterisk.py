"""One AstDB file, two writers: contacts of ours that Asterisk takes, contacts of Asterisk's that we take."""

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Contact
from tests.interop.asterisk import Asterisk
from tests.interop.objects import printed
from tests.interop.phone import Phone
from tests.interop.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

ALICE = """\
[udp]
type=transport
protocol=udp
bind={host}:{port}
[alice]
type=endpoint
aors=alice
allow=ulaw
[alice]
type=aor
max_contacts=20
support_path=yes
outbound_proxy=sip:127.0.0.1:5061\\;lr
qualify_timeout=2.5
"""
REGISTRATIONS: Sequence[tuple[str, tuple[str, ...]]] = (
    ("sip:plain@127.0.0.1:5999", ()),
    ("sip:al%5eice@127.0.0.1:5999;transport=udp;ob", ('User-Agent: a phone; with ^ and "quotes" and \\ é',)),
    ("sip:127.0.0.1:5999;x=%3b%5E", ("Path: <sip:127.0.0.1:9;lr>", "Supported: path")),
    ("sip:two@127.0.0.1:5999", ("Path: <sip:127.0.0.1:9;lr>", "Path: <sip:127.0.0.1:8;lr>", "Supported: path")),
    ("sips:secure@127.0.0.1:5999;a;b=c", ("User-Agent:",)),
)


@contextmanager
def opened(asterisk: Asterisk) -> Iterator[Sorcery]:
    """Open the folder and the AstDB file of an Asterisk, running or not."""
    with Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as sorcery:
        yield sorcery


def configured(root: Path) -> tuple[Asterisk, int]:
    port = free_port()
    return Asterisk(root, {"pjsip.conf": ALICE.format(host=LOOPBACK, port=port)}), port


def rows(astdb: Path) -> dict[str, str]:
    with closing(sqlite3.connect(astdb, timeout=30)) as connection:
        return dict(connection.execute("SELECT key, value FROM astdb WHERE key LIKE '/registrar/contact/%'"))


def contact(uri: str, **options: str) -> Contact:
    key = f"alice;@{hashlib.md5(uri.encode()).hexdigest()}"
    pairs = {"uri": uri, "expiration_time": str(int(time.time()) + 600), **options}
    return Contact.from_objectset(key, pairs.items())


def our_contacts() -> list[Contact]:
    """Return contacts that differ in whatever a contact may say."""
    return [
        contact("sip:bare@127.0.0.1:5999"),
        contact("sip:al^ice@127.0.0.1:5999;transport=udp;ob", endpoint="alice", user_agent='a "b" \\ ; ^ é'),
        contact("sip:127.0.0.1:5998", path="<sip:127.0.0.1:9;lr>,<sip:127.0.0.1:8;lr>", reg_server="a;b"),
        contact("sip:q@127.0.0.1:5997", qualify_timeout="0.5", qualify_2xx_only="yes", authenticate_qualify="yes"),
        contact("sip:v@127.0.0.1:5996", via_addr="192.0.2.1", via_port="5060", call_id="1@h", prune_on_boot="no"),
    ]


def test_asterisk_starts_with_the_contacts_of_a_file_that_we_made(asterisk_root: Path) -> None:
    asterisk, _ = configured(asterisk_root)
    contacts = our_contacts()
    with opened(asterisk) as sorcery, sorcery.transaction() as transaction:
        for each in contacts:
            transaction.create(each)
    with asterisk:
        listed = asterisk.cli("pjsip show contacts")
        assert all(each.uri[:30] in listed for each in contacts)  # the column is narrow
        assert {each.id: asterisk.ari_get("contact", each.id) for each in contacts} == {
            each.id: printed(each) for each in contacts
        }
        assert f"Objects found: {len(contacts)}" in listed


def test_a_running_asterisk_sees_what_we_create_change_and_delete(asterisk_root: Path) -> None:
    asterisk, _ = configured(asterisk_root)
    made = contact("sip:late@127.0.0.1:5999")
    later = made.evolve(expiration_time=made.expiration_time + 100, user_agent="another")
    with asterisk, opened(asterisk) as sorcery:
        asterisk.settle_astdb()
        sorcery.create(made)
        assert asterisk.ari_get("contact", made.id) == printed(made)
        asterisk.settle_astdb()
        sorcery.update(later)
        assert asterisk.ari_get("contact", made.id) == printed(later)
        asterisk.settle_astdb()
        sorcery.delete(later)
        assert asterisk.ari_get("contact", made.id) is None


def test_we_read_what_asterisk_registered_and_would_write_the_same(asterisk_root: Path, tmp_path: Path) -> None:
    asterisk, port = configured(asterisk_root)
    with asterisk, Phone((LOOPBACK, port)) as phone, opened(asterisk) as sorcery:
        for uri, headers in REGISTRATIONS:
            answer = phone.register("alice", f"<{uri}>", 600, *headers)
            assert answer.startswith("SIP/2.0 200 "), answer
        asterisk.settle_astdb()
        theirs, contacts = rows(asterisk.astdb), sorcery.retrieve_all(Contact)
        assert {f"/registrar/contact/{each.id}" for each in contacts} == theirs.keys()
        for each in contacts:
            assert asterisk.ari_get("contact", each.id) == printed(each)
    with Sorcery.open(tmp_path, astdb=tmp_path / "ours.sqlite3") as sorcery:
        for each in contacts:
            sorcery.create(each)
        ours = rows(tmp_path / "ours.sqlite3")
    assert {key: json.loads(value) for key, value in ours.items()} == {
        key: json.loads(value) for key, value in theirs.items()
    }
    assert {key: (len(value), sorted(value)) for key, value in ours.items()} == {
        key: (len(value), sorted(value)) for key, value in theirs.items()
    }, "the same members, spelt otherwise"
