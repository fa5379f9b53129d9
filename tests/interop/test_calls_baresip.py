"""Real softphones call one another through our stack, and hear one another."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.interop import pbx
from tests.interop.baresip import Baresip

pytestmark = [pytest.mark.interop, pytest.mark.usefixtures("baresip")]

ALICE_TONE, BOB_TONE = 440, 620


@contextmanager
def registered(running: pbx.Pbx, *, bob_answers: bool = True) -> Iterator[tuple[Baresip, Baresip]]:
    """Start alice's and bob's phones, and wait until both are registered."""
    with ExitStack() as phones:
        alice = phones.enter_context(Baresip("alice", pbx.PASSWORD, running.server, tone=ALICE_TONE))
        bob = phones.enter_context(Baresip("bob", pbx.PASSWORD, running.server, tone=BOB_TONE, answers=bob_answers))
        alice.wait_until_registered()
        bob.wait_until_registered()
        yield alice, bob


def talk(alice: Baresip, bob: Baresip) -> None:
    """Let alice call bob, and both hear one another."""
    alice.dial("bob")
    alice.wait_for("CALL_ESTABLISHED")
    bob.wait_for("CALL_ESTABLISHED")
    hear_one_another(alice, bob)


def hear_one_another(alice: Baresip, bob: Baresip) -> None:
    alice.wait_to_hear(BOB_TONE)
    bob.wait_to_hear(ALICE_TONE)


def test_two_phones_talk_until_one_hangs_up_and_then_the_other_calls(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob") as running, registered(running) as (alice, bob):
        talk(alice, bob)
        alice.hang_up()
        bob.wait_for("CALL_CLOSED")
        alice.wait_for("CALL_CLOSED")
        bob.dial("alice")
        bob.wait_for("CALL_ESTABLISHED")
        hear_one_another(alice, bob)
        alice.hang_up()
        bob.wait_for("CALL_CLOSED")


def test_with_direct_media_the_sound_goes_past_the_stack(tmp_path: Path) -> None:
    with (
        pbx.running(tmp_path, "alice", "bob", options="direct_media=yes") as running,
        registered(running) as (alice, bob),
    ):
        (first, last) = pbx.MEDIA_PORTS
        talk(alice, bob)
        wait_until(lambda: not any(first <= phone.media_peer()[1] <= last for phone in (alice, bob)))
        hear_one_another(alice, bob)
        alice.hang_up()
        bob.wait_for("CALL_CLOSED")


def test_without_direct_media_the_stack_relays(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob") as running, registered(running) as (alice, bob):
        (first, last) = pbx.MEDIA_PORTS
        talk(alice, bob)
        assert first <= alice.media_peer()[1] <= last
        assert first <= bob.media_peer()[1] <= last


@pytest.mark.parametrize("direct_media", ["no", "yes"])
def test_who_is_put_on_hold_is_silent_until_the_call_is_resumed(tmp_path: Path, direct_media: str) -> None:
    options = f"moh_passthrough=yes\ndirect_media={direct_media}"
    with pbx.running(tmp_path, "alice", "bob", options=options) as running, registered(running) as (alice, bob):
        talk(alice, bob)
        alice.hold()
        alice.wait_to_hear_nothing()
        alice.resume()
        hear_one_another(alice, bob)


@pytest.mark.parametrize("direct_media", ["no", "yes"])
def test_digits_cross_the_bridge(tmp_path: Path, direct_media: str) -> None:
    options = f"direct_media={direct_media}"
    with pbx.running(tmp_path, "alice", "bob", options=options) as running, registered(running) as (alice, bob):
        talk(alice, bob)
        for digit in "7#":
            alice.press(digit)
            assert bob.wait_for("CALL_DTMF_START")["param"] == digit
            bob.wait_for("CALL_DTMF_END")


def test_a_callee_that_refuses_is_busy_to_the_caller(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob") as running, registered(running, bob_answers=False) as (alice, bob):
        alice.dial("bob")
        bob.wait_for("CALL_INCOMING")
        alice.wait_for("CALL_RINGING")
        bob.hang_up()
        assert alice.wait_for("CALL_CLOSED")["param"] == "486 Busy Here"


def test_a_caller_that_gives_up_stops_the_ringing(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob") as running, registered(running, bob_answers=False) as (alice, bob):
        alice.dial("bob")
        bob.wait_for("CALL_INCOMING")
        alice.hang_up()
        bob.wait_for("CALL_CLOSED")


def test_a_call_to_a_phone_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob", "carol") as running, registered(running) as (alice, _):
        alice.dial("carol")
        assert alice.wait_for("CALL_CLOSED")["param"] == "503 Service Unavailable"
        alice.dial("1000")
        assert alice.wait_for("CALL_CLOSED")["param"] == "404 Not Found"


def test_a_call_without_a_common_codec_is_refused(tmp_path: Path) -> None:
    options = "allow=!all,g722"
    with pbx.running(tmp_path, "alice", "bob", options=options) as running, registered(running) as (alice, _):
        alice.dial("100")
        assert alice.wait_for("CALL_CLOSED")["param"] == "488 Not Acceptable Here"


def test_a_single_phone_hears_itself_and_a_tone(tmp_path: Path) -> None:
    with pbx.running(tmp_path, "alice", "bob") as running, registered(running) as (alice, _):
        alice.dial("100")
        alice.wait_to_hear(ALICE_TONE)
        alice.hang_up()
        alice.wait_for("CALL_CLOSED")
        alice.dial("480")
        alice.wait_to_hear(480)


@pytest.mark.parametrize("direct_media", ["no", "yes"])
@pytest.mark.parametrize("change", ["changed", "removed"])
def test_a_call_survives_a_reload_that_changes_or_removes_its_endpoint(
    tmp_path: Path, change: str, direct_media: str
) -> None:
    options = f"moh_passthrough=yes\ndirect_media={direct_media}"
    with pbx.running(tmp_path, "alice", "bob", options=options) as running, registered(running) as (alice, bob):
        talk(alice, bob)
        names = ("alice", "bob") if change == "changed" else ("alice",)
        pbx.write(
            tmp_path, running.server[1], *names, options="moh_passthrough=yes\ncontext=elsewhere\nallow=!all,g722"
        )
        running.stack.reload()
        hear_one_another(alice, bob)
        alice.hold()
        alice.wait_to_hear_nothing()
        alice.resume()
        hear_one_another(alice, bob)
        bob.hang_up()
        alice.wait_for("CALL_CLOSED")


def test_a_phone_that_vanishes_ends_the_call_of_the_other(tmp_path: Path) -> None:
    with (
        pbx.running(tmp_path, "alice", "bob", options="rtp_timeout=2") as running,
        registered(running) as (alice, bob),
    ):
        talk(alice, bob)
        alice.vanish()
        bob.wait_for("CALL_CLOSED")


def wait_until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
