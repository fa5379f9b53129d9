"""Objects that we write into a running Asterisk's own files: it loads them, and shows them as we do."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint, Identify
from tests.interop.asterisk import Asterisk
from tests.interop.objects import comparable, known_there, printed

pytestmark = pytest.mark.interop

SORCERY = "[writes]\npjsip.conf = yes\n"
PJSIP = """\
; Phones
[phone](!)
type    = endpoint
context = internal      ; everybody
disallow = all
allow   = ulaw

; Alice
[alice](phone)
callerid = "Alice" <100>    ; as shown
auth = alice
aors = alice

[alice]
type = auth
#include secrets.inc

[alice]
type = aor
contact = sip:a@127.0.0.1:5999  ; one
contact = sip:b@127.0.0.1:5999  ; two

[alice](+type=aor)
max_contacts = 3

[bob](phone)
"""
TYPES = ("endpoint", "auth", "aor", "identify")


@pytest.fixture
def asterisk(asterisk_root: Path) -> Iterator[Asterisk]:
    files = {"sorcery.conf": SORCERY, "pjsip.conf": PJSIP, "secrets.inc": "username = alice\npassword = x\\;y\n"}
    with Asterisk(asterisk_root, files) as asterisk:
        yield asterisk


def assert_alike(asterisk: Asterisk, s: Sorcery, *gone: tuple[str, str]) -> None:
    """Reload Asterisk; it shows every object as we do, and none of those that are gone."""
    assert "reloaded successfully" in asterisk.reload()
    for name in TYPES:
        for obj in s.retrieve_all(name):
            theirs = asterisk.ari_get(name, obj.id)
            assert theirs is not None, (name, obj.id)
            assert comparable(theirs) == comparable(known_there(obj, printed(obj))), (name, obj.id)
    for name, id in gone:
        assert asterisk.ari_get(name, id) is None


def test_what_is_created_updated_and_deleted_is_so_in_asterisk_too(asterisk: Asterisk) -> None:
    with Sorcery.open(asterisk.configuration) as s:
        assert s.report.errors == ()
        assert_alike(asterisk, s)
        with s.transaction() as t:
            t.create(Endpoint("carol", aors=["carol"], auth=["carol"], allow="!all,g722,alaw", callerid='"C; D" <1>'))
            t.create(Auth("carol", username="carol", password=";p;--q\\;"))
            t.create(Aor("carol", contact=["sip:c@127.0.0.1:5999;transport=udp"], max_contacts=2))
            t.create(Identify("carol", endpoint="carol", match=["192.0.2.1", "192.0.2.0/28"]))
        assert_alike(asterisk, s)
        alice = s.retrieve_by_id(Endpoint, "alice")
        aor, auth = s.retrieve_by_id(Aor, "alice"), s.retrieve_by_id(Auth, "alice")
        assert alice is not None
        assert aor is not None
        assert auth is not None
        with s.transaction() as t:
            t.update(alice.evolve(context="sales", allow="!all,opus,ulaw", set_var={"A": "1;2"}, rtp_symmetric=True))
            t.update(aor.evolve(contact=["sip:b@127.0.0.1:5999", "sip:c@127.0.0.1:5999;lr"], max_contacts=9))
            t.update(auth.evolve(password="new;;secret"))
            t.delete(Endpoint("bob"))
        assert_alike(asterisk, s, ("endpoint", "bob"))
        s.update(alice)
        s.delete(aor)
        assert_alike(asterisk, s, ("aor", "alice"))
        assert (
            (asterisk.configuration / "pjsip.conf").read_text().startswith(PJSIP[: PJSIP.index("[alice]\ntype = aor")])
        )
    assert [line for line in asterisk.logs().splitlines() if "ERROR" in line and "pjsip.conf" in line] == []


def test_the_command_line_writes_what_asterisk_shows(asterisk: Asterisk) -> None:
    def run(*arguments: str) -> None:
        code = "import sys; from sorcery_cli import main; sys.exit(main())"
        command = [sys.executable, "-c", code, "-C", str(asterisk.configuration)]
        subprocess.run([*command, *arguments], check=True, capture_output=True, timeout=60)

    run("create", "aor", "eve", "max_contacts=2", "contact=sip:e@127.0.0.1:5999;x=1")
    run("update", "endpoint", "alice", "context=sales", "allow=!all,g722")
    run("delete", "endpoint", "bob")
    with Sorcery.open(asterisk.configuration) as s:
        assert_alike(asterisk, s, ("endpoint", "bob"))


def test_an_option_of_a_mapping_that_asterisk_does_not_know_is_passed_over_there(asterisk_root: Path) -> None:
    mapping = "[res_pjsip]\naor = config,pjsip.conf,criteria=type=aor,writable=yes\n"
    with Asterisk(asterisk_root, {"sorcery.conf": mapping, "pjsip.conf": "[a]\ntype = aor\n"}) as asterisk:
        with Sorcery.open(asterisk.configuration) as s:
            s.create(Aor("b", max_contacts=4))
            assert_alike(asterisk, s)
        assert "writable" in asterisk.logs()
