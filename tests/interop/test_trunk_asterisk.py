"""A phone at our stack and a real Asterisk, joined by a trunk: calls in both directions, and what crosses it."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sorcery_sip.errors import CallFailed
from sorcery_sip.phone import Phone
from tests.interop import pbx
from tests.interop.asterisk import Asterisk
from tests.interop.baresip import Baresip
from tests.interop.ports import free_port

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("baresip")]

OUR_HOST, ASTERISK_HOST = "127.0.0.3", "127.0.0.2"
"""Phones have another address, so that `identify` can tell the trunk from them."""
TONE, MILLIWATT = 440, 1004

OUR_TRUNK = """\
[trunk]
type=endpoint
context=internal
allow=!all,ulaw,alaw
auth=trunk
outbound_auth=trunk
aors=trunk
{options}
[trunk]
type=auth
auth_type=userpass
username=trunk
password={password}
[trunk]
type=aor
contact=sip:{host}:{port}
[trunk]
type=identify
endpoint=trunk
match={host}
"""
TO_TRUNK = """\
exten => _[6-9].,1,Dial(PJSIP/${EXTEN}@trunk,20)
 same => n,Hangup(${HANGUPCAUSE})
"""
THEIR_EXTENSIONS = """\
[internal]
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n,Milliwatt()
exten => 602,1,Answer()
 same => n,Read(FREQUENCY,,3,,,20)
 same => n,Playtones(${FREQUENCY})
 same => n,Wait(30)
exten => 603,1,Answer()
 same => n,Wait(1)
 same => n,SendDTMF(42#)
 same => n,Wait(30)
exten => 604,1,Progress()
 same => n,Milliwatt()
exten => _7X.,1,Hangup(${EXTEN:1})
exten => _8X.,1,Answer()
 same => n,Wait(0.5)
 same => n,Hangup(${EXTEN:1})
exten => 900,1,Dial(PJSIP/carol,20)
exten => _[a-z].,1,Dial(PJSIP/${EXTEN}@trunk,20)
"""


class Trunk(NamedTuple):
    """Our stack, Asterisk, and how phones reach both."""

    ours: pbx.Pbx
    asterisk: Asterisk
    their_port: int


@contextmanager
def trunk(root: Path, folder: Path, options: str = "") -> Iterator[Trunk]:
    """Run both; `options` are of each endpoint on either side."""
    their_port = free_port()
    more = OUR_TRUNK.format(options=options, host=ASTERISK_HOST, port=their_port, password=pbx.PASSWORD)
    with pbx.running(folder, "alice", options=options, more=more, extensions=TO_TRUNK, host=OUR_HOST) as ours:
        host, port = ours.server
        theirs = OUR_TRUNK.format(options=options, host=host, port=port, password=pbx.PASSWORD)
        conf = pbx.pjsip_conf(their_port, "carol", options=options, more=theirs, host=ASTERISK_HOST)
        files = {"pjsip.conf": conf, "extensions.conf": THEIR_EXTENSIONS, "rtp.conf": pbx.rtp_conf(26000, 30000)}
        with Asterisk(root, files) as asterisk:
            yield Trunk(ours, asterisk, their_port)


@contextmanager
def alice_at(ours: pbx.Pbx) -> Iterator[Baresip]:
    with Baresip("alice", pbx.PASSWORD, ours.server, tone=TONE) as alice:
        alice.wait_until_registered()
        yield alice


@pytest.mark.parametrize("direct_media", ["no", "yes"])
def test_a_phone_talks_through_the_trunk_on_hold_and_again(
    asterisk_root: Path, tmp_path: Path, direct_media: str
) -> None:
    options = f"direct_media={direct_media}\nmoh_passthrough=yes"
    with trunk(asterisk_root, tmp_path, options) as running, alice_at(running.ours) as alice:
        alice.dial("600")
        alice.wait_for("CALL_ESTABLISHED")
        wait_until(lambda: (alice.media_peer()[0] == ASTERISK_HOST) is (direct_media == "yes"))
        alice.wait_to_hear(TONE)
        alice.hold()
        alice.wait_to_hear_nothing()
        alice.resume()
        alice.wait_to_hear(TONE)
        alice.hang_up()
        wait_until(lambda: "0 active channels" in running.asterisk.cli("core show channels"))


def test_sound_and_digits_cross_the_trunk_both_ways(asterisk_root: Path, tmp_path: Path) -> None:
    with trunk(asterisk_root, tmp_path) as running, alice_at(running.ours) as alice:
        alice.dial("601")
        alice.wait_to_hear(MILLIWATT)
        alice.hang_up()
        alice.wait_for("CALL_CLOSED")
        alice.dial("602")
        alice.wait_for("CALL_ESTABLISHED")
        time.sleep(0.5)  # until Asterisk's Read listens
        for digit in "480":
            alice.press(digit)
            time.sleep(0.2)
        alice.wait_to_hear(480)
        alice.hang_up()
        alice.wait_for("CALL_CLOSED")
        alice.dial("603")
        assert [alice.wait_for("CALL_DTMF_START")["param"] for _ in "42#"] == ["4", "2", "#"]
        alice.hang_up()
        alice.wait_for("CALL_CLOSED")
        alice.dial("604")
        alice.wait_to_hear(MILLIWATT)  # early media: nobody has answered
        alice.hang_up()


def test_asterisk_rings_a_phone_of_the_stack(asterisk_root: Path, tmp_path: Path) -> None:
    with trunk(asterisk_root, tmp_path) as running, alice_at(running.ours) as alice:
        for application, heard in (("Echo", TONE), ("Milliwatt", MILLIWATT)):
            running.asterisk.cli(f"channel originate PJSIP/alice@trunk application {application}")
            alice.wait_for("CALL_ESTABLISHED")
            alice.wait_to_hear(heard)
            running.asterisk.cli("channel request hangup all")
            alice.wait_for("CALL_CLOSED")


@pytest.mark.parametrize("direct_media", ["no", "yes"])
def test_a_phone_at_each_end_of_the_trunk(asterisk_root: Path, tmp_path: Path, direct_media: str) -> None:
    with (
        trunk(asterisk_root, tmp_path, f"direct_media={direct_media}") as running,
        alice_at(running.ours) as alice,
        Baresip("carol", pbx.PASSWORD, (ASTERISK_HOST, running.their_port), tone=620) as carol,
    ):
        carol.wait_until_registered()
        for caller, number, callee in ((alice, "900", carol), (carol, "alice", alice)):
            caller.dial(number)
            caller.wait_for("CALL_ESTABLISHED")
            callee.wait_for("CALL_ESTABLISHED")
            alice.wait_to_hear(620)
            carol.wait_to_hear(TONE)
            wait_until_settled(alice, carol)
            caller.press("5")
            assert callee.wait_for("CALL_DTMF_START")["param"] == "5"
            callee.hang_up()
            caller.wait_for("CALL_CLOSED")


@pytest.mark.parametrize("is_removed", [False, True], ids=["changed", "removed"])
def test_a_call_survives_a_reload_that_changes_or_removes_its_trunk(
    asterisk_root: Path, tmp_path: Path, is_removed: bool
) -> None:
    with trunk(asterisk_root, tmp_path, "moh_passthrough=yes") as running, alice_at(running.ours) as alice:
        alice.dial("600")
        alice.wait_to_hear(TONE)
        conf = running.ours.folder / "pjsip.conf"
        text = conf.read_text()
        conf.write_text(text.partition("[trunk]")[0] if is_removed else text.replace("ulaw,alaw", "g722"))
        running.ours.stack.reload()
        alice.hold()
        alice.wait_to_hear_nothing()
        alice.resume()
        alice.wait_to_hear(TONE)
        running.asterisk.cli("channel request hangup all")
        alice.wait_for("CALL_CLOSED")


def test_why_a_call_ends_is_told_across_the_trunk(asterisk_root: Path, tmp_path: Path) -> None:
    with trunk(asterisk_root, tmp_path) as running:
        run(causes_are_told(running.ours.server))


async def causes_are_told(server: tuple[str, int]) -> None:
    async with Phone("alice", pbx.PASSWORD, server) as alice:
        assert (await alice.register()).status == 200
        for cause, status in ((1, 404), (17, 486), (19, 480), (21, 403), (22, 410), (28, 484), (34, 503), (38, 500)):
            with pytest.raises(CallFailed) as refused:
                await alice.call(f"7{cause:03}")
            assert refused.value.status == status
        for cause in (16, 17, 21, 38):
            end = await (await alice.call(f"8{cause:03}")).ended()
            assert end.by == "remote"
            assert end.message is not None
            assert f"cause={cause}" in (end.message.headers.get("Reason") or "")


def run(test: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await test

    asyncio.run(bounded())


def wait_until_settled(*phones: Baresip) -> None:
    """Wait until no media have moved for a second: a digit that is under way when they do may be lost."""
    before, now = -1, 0
    while now != before:
        before = now
        time.sleep(1)
        now = sum(phone.media_changes() for phone in phones)


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)
