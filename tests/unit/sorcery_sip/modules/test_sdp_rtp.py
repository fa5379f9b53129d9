"""Streams over real sockets: what two sides agree on is what flows."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable

from sorcery.pjsip import Endpoint
from sorcery_sip.io.media import MediaLoop, PortRange, RtpPort, open_rtp
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.pbx.media import Dtmf

WITHIN = 10.0


def in_a_loop(test: Callable[[RtpPorts], Awaitable[None]]) -> None:
    """Run a test with ports in an event loop of its own."""

    async def run() -> None:
        loop = MediaLoop()
        try:
            await asyncio.wait_for(test(RtpPorts(None, lambda ip, ports: open_rtp(ip, ports, loop))), WITHIN)
        finally:
            loop.close()

    asyncio.run(run())


def call(rtp: RtpPorts, **options: str) -> MediaSession:
    endpoint = Endpoint.from_objectset("alice", list(options.items()))
    return MediaSession(
        endpoint, rtp.handlers(endpoint), lambda ipv6: MediaAddress("127.0.0.1", "127.0.0.1"), random=random.Random(1)
    )


def port_of(media: MediaSession) -> RtpPort:
    port = media.audio
    assert isinstance(port, RtpPort)
    return port


def test_digits_arrive_with_the_numbers_that_were_agreed() -> None:
    async def test(rtp: RtpPorts) -> None:
        caller, callee = call(rtp, allow="opus,ulaw"), call(rtp, allow="ulaw,opus")
        caller.apply(callee.answer(caller.offer()))
        pressed: asyncio.Queue[Dtmf] = asyncio.Queue()
        port_of(callee).on_dtmf(pressed.put_nowait)
        await port_of(caller).send_dtmf("5", 60)
        assert (await pressed.get()).digit == "5"
        caller.close()
        callee.close()

    in_a_loop(test)


def test_two_legs_with_other_numbers_are_relayed_to_one_another() -> None:
    async def test(rtp: RtpPorts) -> None:
        alice, bob, towards_alice, towards_bob = (call(rtp, allow="ulaw") for _ in range(4))
        her_offer = re.sub(rb"\b101\b", b"99", alice.offer())  # her number for digits; a port may hold these, too
        alice.apply(towards_alice.answer(her_offer))
        towards_bob.apply(bob.answer(towards_bob.offer(towards_alice.codecs)))
        port_of(towards_alice).connect(port_of(towards_bob))
        pressed: asyncio.Queue[Dtmf] = asyncio.Queue()
        port_of(alice).on_dtmf(pressed.put_nowait)
        await port_of(bob).send_dtmf("7", 60)
        assert (await pressed.get()).digit == "7"
        assert port_of(towards_alice).settings.send.keys() == {0, 99}
        assert port_of(towards_bob).settings.send.keys() == {0, 101}
        for media in (alice, bob, towards_alice, towards_bob):
            media.close()

    in_a_loop(test)


def test_ports_go_back_to_their_range() -> None:
    async def test(rtp: RtpPorts) -> None:
        ports: PortRange = rtp.range_for(Endpoint(id="alice"))
        free = len(ports)
        media = call(rtp, allow="ulaw,h264")
        media.offer()
        assert len(ports) == free - 2
        media.close()
        assert len(ports) == free

    in_a_loop(test)
