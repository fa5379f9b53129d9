"""What `sorcery init --also-for kamailio` lays out: phones register at Kamailio, and our stack takes their calls."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Contact
from sorcery_cli import main
from sorcery_sip import client
from sorcery_sip.phone import Phone
from tests.interop.asterisk import Asterisk
from tests.interop.kamailio import Kamailio
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

PASSWORD = "a;long^password"


def lay_out(etc: Path, database: Database, also_for: Sequence[str] = ()) -> Kamailio:
    """Lay out a system with two phones; return the Kamailio in front of it, which has accepted its file."""
    own, port = free_port(), free_port()
    words = ["--also-for", "kamailio", *also_for, "--bind", f"{LOOPBACK}:{own}", "--proxy", f"{LOOPBACK}:{port}"]
    assert main(["-C", str(etc), "init", "--backend", database.dsn.replace("@", ":unused@"), *words]) == 0
    for name in ("1001", "1002"):
        phone = ("phone", name, "--secret-from", "env:INTEROP_SECRET", "--no-nat", "aor/support_path=yes")
        assert main(["-C", str(etc), "new", *phone]) == 0
    front = Kamailio(etc / "kamailio.cfg", port)
    front.check()
    return front


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the password of the phones where the command takes it from."""
    monkeypatch.setenv("INTEROP_SECRET", PASSWORD)


@pytest.fixture
def proxy(kamailio: None, tmp_path: Path, postgresql: Database) -> Iterator[int]:
    """Run our stack with a Kamailio in front, and yield the port of this."""
    front = lay_out(tmp_path / "pbx", postgresql)
    with SipStack(tmp_path / "pbx"), front:
        yield front.port


def contacts(database: Database) -> list[Contact]:
    with Sorcery.open(database.dsn) as s:
        return s.retrieve_all(Contact)


def test_a_phone_registers_at_kamailio_and_leaves(proxy: int, postgresql: Database) -> None:
    server, uri = (LOOPBACK, proxy), f"sip:1001@{LOOPBACK}"
    for username, password, status in (
        ("1001", "another", 401),
        ("1002", PASSWORD, 403),  # whose address it is not
        ("1001", PASSWORD, 200),
    ):
        assert client.register(server, uri, username=username, password=password).status == status
    (contact,) = contacts(postgresql)
    assert (contact.endpoint, contact.reg_server) == ("1001", "kamailio")
    assert contact.path.startswith(f"<sip:{LOOPBACK}:{proxy};transport=udp;lr;received=sip:{LOOPBACK}:")
    assert (
        client.register(server, uri, username="1001", password=PASSWORD, contact=contact.uri, expires=0).status == 200
    )
    assert contacts(postgresql) == []


def test_a_contact_that_the_tables_have_no_room_for_is_refused_as_such(proxy: int, postgresql: Database) -> None:
    server, uri = (LOOPBACK, proxy), f"sip:1001@{LOOPBACK}"
    for length, status in ((400, 513), (200, 200)):
        contact = f"sip:1001@{LOOPBACK}:5999;x={'x' * length}"
        answer = client.register(server, uri, username="1001", password=PASSWORD, contact=contact)
        assert answer.status == status
    assert len(contacts(postgresql)) == 1


def test_a_phone_whose_digest_alone_is_stored_registers_at_kamailio(proxy: int, postgresql: Database) -> None:
    words = ("new", "phone", "1003", "--secret-from", "env:INTEROP_SECRET", "--seal", "asterisk")
    assert main(["--db", postgresql.dsn, *words]) == 0
    for password, status in (("another", 401), (PASSWORD, 200)):
        answer = client.register((LOOPBACK, proxy), f"sip:1003@{LOOPBACK}", username="1003", password=password)
        assert answer.status == status


def test_phones_call_each_other_through_kamailio_and_our_stack(proxy: int) -> None:
    asyncio.run(asyncio.wait_for(talk((LOOPBACK, proxy)), 30))


def test_phones_call_each_other_through_kamailio_and_asterisk(
    kamailio: None, asterisk_root: Path, postgresql: Database
) -> None:
    asterisk = Asterisk(asterisk_root)
    front = lay_out(asterisk.configuration, postgresql, ["--also-for", "asterisk"])
    with asterisk, front:
        asyncio.run(asyncio.wait_for(talk((LOOPBACK, front.port)), 30))


async def talk(server: tuple[str, int]) -> None:
    async with Phone("1001", PASSWORD, server, tone=440) as one, Phone("1002", PASSWORD, server, tone=620) as two:
        assert (await one.register()).status == 200
        assert (await two.register()).status == 200
        call = await one.call("1002")
        taken = await two.next_call()
        await call.hear(620)
        await taken.hear(440)
        await call.hold()
        await call.resume()
        taken.hang_up()
        assert (await call.ended()).by == "remote"
        echo = await one.call("*43")
        await echo.hear(440)
        echo.hang_up()


def test_a_second_run_finds_all_of_it_there(
    tmp_path: Path, postgresql: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["-C", str(tmp_path / "pbx"), "init", "--backend", postgresql.dsn, "--also-for", "kamailio"]
    words += ["--bind", f"{LOOPBACK}:5080"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(words) == 0
    assert capsys.readouterr().out.startswith("nothing to do")
