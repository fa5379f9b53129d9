"""Calls through Local channels, as forwarded calls take them: sound passes whoever is joined first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sorcery_sip.phone import Phone
from tests.interop import pbx
from tests.unit.sorcery_sip.pbx.fakes import run

pytestmark = pytest.mark.interop

EXTENSIONS = """\
exten => 800,1,Dial(Local/480@internal,20)
exten => 801,1,Dial(Local/bob@internal,20)
exten => 802,1,Dial(Local/800@internal&Local/900@internal,20)
exten => 900,1,Wait(60)
exten => 803,1,Answer()
 same => n,Dial(Local/bob@internal,20)
"""
ALICE_TONE, BOB_TONE = 440, 620


def with_phones(folder: Path, scenario: Callable[[Phone, Phone], Awaitable[None]]) -> None:
    """Run a scenario with alice's and bob's phones, both registered."""

    async def whole(server: tuple[str, int]) -> None:
        async with (
            Phone("alice", pbx.PASSWORD, server, tone=ALICE_TONE) as alice,
            Phone("bob", pbx.PASSWORD, server, tone=BOB_TONE) as bob,
        ):
            for phone in (alice, bob):
                assert (await phone.register()).status == 200
            await scenario(alice, bob)

    with pbx.running(folder, "alice", "bob", extensions=EXTENSIONS) as running:
        run(whole(running.server), seconds=60)


@pytest.mark.parametrize("number", ["800", "802"])
def test_what_an_extension_plays_is_heard_through_a_local_channel(tmp_path: Path, number: str) -> None:
    async def scenario(alice: Phone, bob: Phone) -> None:
        call = await alice.call(number)
        await call.hear(480)
        call.hang_up()
        await call.ended()

    with_phones(tmp_path, scenario)


@pytest.mark.parametrize("number", ["801", "803"])
def test_two_phones_hear_one_another_through_a_local_channel(tmp_path: Path, number: str) -> None:
    async def scenario(alice: Phone, bob: Phone) -> None:
        call = await alice.call(number)
        answered = await bob.next_call()
        await asyncio.gather(call.hear(BOB_TONE), answered.hear(ALICE_TONE))
        answered.hang_up()
        await asyncio.gather(call.ended(), answered.ended())

    with_phones(tmp_path, scenario)
