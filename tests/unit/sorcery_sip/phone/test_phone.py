"""Two phones call one another, without anybody between them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from sorcery_sip.errors import CallFailed, UriError
from sorcery_sip.io.media import PortRange
from sorcery_sip.phone import Phone


def run(test: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test

    asyncio.run(bounded())


def test_two_phones_hear_one_anothers_tones() -> None:
    async def talk() -> None:
        async with Phone("alice", tone=440) as alice, Phone("bob", tone=620) as bob:
            call = await alice.call(str(bob.uri))
            taken = await bob.next_call()
            await call.hear(620)
            await taken.hear(440)
            assert call.heard([440, 500]) is None
            call.hang_up()
            assert (await taken.ended()).by == "remote"
            assert (await call.ended()).by == "local"

    run(talk())


def test_who_is_called_sees_who_calls_and_answers_when_he_likes() -> None:
    async def talk() -> None:
        async with Phone("alice") as alice, Phone("bob", answers=False) as bob:
            call = await alice.dial(str(bob.uri))
            taken = await bob.next_call()
            assert taken.is_incoming
            assert not call.is_incoming
            assert taken.caller.uri == alice.uri
            await call.ringing()
            assert call.provisional == [180]
            taken.answer()
            await call.answered()
            await taken.answered()

    run(talk())


def test_a_refused_call_fails_with_what_the_callee_said() -> None:
    async def talk() -> None:
        async with Phone("alice") as alice, Phone("bob", answers=False) as bob:
            call = await alice.dial(str(bob.uri))
            (await bob.next_call()).reject(486)
            with pytest.raises(CallFailed, match="486 Busy Here") as failed:
                await call.answered()
            assert failed.value.status == 486

    run(talk())


def test_a_caller_gives_up_and_the_callee_stops_ringing() -> None:
    async def talk() -> None:
        async with Phone("alice") as alice, Phone("bob", answers=False) as bob:
            call = await alice.dial(str(bob.uri))
            taken = await bob.next_call()
            await call.ringing()
            call.hang_up()
            assert (await taken.ended()).status == 487
            with pytest.raises(CallFailed, match="487"):
                await call.answered()

    run(talk())


def test_on_hold_nothing_comes_from_the_held_one_until_the_call_is_resumed() -> None:
    async def talk() -> None:
        async with Phone("alice", tone=440) as alice, Phone("bob", tone=620) as bob:
            call = await alice.call(str(bob.uri))
            taken = await bob.next_call()
            await call.hear(620)
            await call.hold()
            assert taken.is_held
            with pytest.raises(TimeoutError, match="620 Hz not heard"):
                await call.hear(620, seconds=0.3)
            await call.resume()
            assert not taken.is_held
            await call.hear(620)
            await taken.hear(440)

    run(talk())


def test_digits_arrive_in_their_order() -> None:
    async def talk() -> None:
        async with Phone("alice") as alice, Phone("bob") as bob:
            call = await alice.call(str(bob.uri))
            taken = await bob.next_call()
            await call.press("19#", milliseconds=60)
            assert [await taken.digits.get() for _ in "19#"] == ["1", "9", "#"]

    run(talk())


def test_a_call_without_a_common_codec_is_refused_with_488() -> None:
    async def talk() -> None:
        async with Phone("alice", codecs=["ulaw"]) as alice, Phone("bob", codecs=["alaw"]) as bob:
            with pytest.raises(CallFailed, match="488"):
                await alice.call(str(bob.uri))

    run(talk())


def test_a_phone_that_is_left_hangs_up_and_gives_its_media_ports_back() -> None:
    async def talk() -> None:
        ports = PortRange(16384, 16484)
        free = len(ports)
        async with Phone("bob") as bob:
            async with Phone("alice", media_ports=ports) as alice:
                await alice.call(str(bob.uri))
                taken = await bob.next_call()
                await taken.answered()
                assert len(ports) < free
            assert (await taken.ended()).by == "remote"
        assert len(ports) == free

    run(talk())


def test_a_target_that_is_no_sip_uri_is_refused_before_anything_is_sent() -> None:
    async def talk() -> None:
        async with Phone("alice") as alice:
            with pytest.raises(UriError, match="sip:user@host:port"):
                await alice.dial("tel:911")
            with pytest.raises(ValueError, match="'alice' has no server"):
                await alice.dial("bob")
            with pytest.raises(ValueError, match="'alice' has no server"):
                await alice.register()

    run(talk())
