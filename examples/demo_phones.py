"""Two phones for the demonstration: `baresip` where it is installed, otherwise the project's own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from sorcery_sip.phone import Phone

__all__ = ["ALICE_TONE", "BOB_TONE", "talk"]

ALICE_TONE, BOB_TONE = 440, 620
"""What each of them sings into the call, in Hz."""
BARESIP_MODULES = Path("/usr/lib/baresip/modules")
"""Where Debian has them."""
PATIENCE = 20.0

Claim = Callable[[bool, str], None]
"""Prints what was found; raises where it does not hold."""


def talk(server: tuple[str, int], passwords: tuple[str, str], claim: Claim) -> None:
    """Let alice call bob through the server, hear one another, and hang up; `passwords` are alice's and bob's.

    Raises what `claim` raises, and what the phones raise when something does not happen in time.
    """
    if shutil.which("baresip") and BARESIP_MODULES.is_dir():
        _talk_on_softphones(server, passwords, claim)
    else:
        asyncio.run(_talk_on_our_phones(server, passwords, claim))


async def _talk_on_our_phones(server: tuple[str, int], passwords: tuple[str, str], claim: Claim) -> None:
    async with (
        asyncio.timeout(PATIENCE),
        Phone("alice", passwords[0], server, tone=ALICE_TONE, codecs=["alaw"]) as alice,
        Phone("bob", passwords[1], server, tone=BOB_TONE, codecs=["alaw"]) as bob,
    ):
        statuses = [(await phone.register()).status for phone in (alice, bob)]
        claim(statuses == [200, 200], "both phones (sorcery_sip.phone) register")
        call = await alice.call("bob")
        taken = await bob.next_call()
        claim("alice" in str(taken.caller.uri), f"bob's phone shows {taken.caller.uri}, and answers")
        await call.hear(BOB_TONE)
        claim(True, f"alice hears bob's {BOB_TONE} Hz")
        await taken.hear(ALICE_TONE)
        claim(True, f"bob hears alice's {ALICE_TONE} Hz")
        call.hang_up()
        end = await taken.ended()
        claim(end.by == "remote", "alice hangs up, and bob's phone is told")


def _talk_on_softphones(server: tuple[str, int], passwords: tuple[str, str], claim: Claim) -> None:
    from tests.interop.baresip import Baresip  # what drives it lies with the tests that need it

    codecs = "PCMA/8000/1"
    with (
        Baresip("alice", passwords[0], server, tone=ALICE_TONE, codecs=codecs) as alice,
        Baresip("bob", passwords[1], server, tone=BOB_TONE, codecs=codecs) as bob,
    ):
        alice.wait_until_registered()
        bob.wait_until_registered()
        claim(True, "both phones (baresip) register")
        alice.dial("bob")
        alice.wait_for("CALL_ESTABLISHED")
        shown = bob.wait_for("CALL_ESTABLISHED")["peeruri"]
        claim("alice" in shown, f"bob's phone shows {shown}, and answers")
        alice.wait_to_hear(BOB_TONE)
        claim(True, f"alice hears bob's {BOB_TONE} Hz")
        bob.wait_to_hear(ALICE_TONE)
        claim(True, f"bob hears alice's {ALICE_TONE} Hz")
        alice.hang_up()
        bob.wait_for("CALL_CLOSED")
        claim(True, "alice hangs up, and bob's phone is told")
