"""Registrations, with a stack that nobody listens to."""

from __future__ import annotations

import asyncio

import pytest

from sorcery_sip.address import Address
from sorcery_sip.errors import NoResponse
from sorcery_sip.events import Dropped
from sorcery_sip.message import SipUri, parse_datagram
from sorcery_sip.phone.registration import Registration
from sorcery_sip.stack import Stack

SERVER, NEAR, FAR = SipUri("192.0.2.1"), Address("192.0.2.2", 5060), Address("192.0.2.1", 5060)


async def registering(stack: Stack) -> tuple[Registration, asyncio.Task[object]]:
    """Begin a registration, as far as its REGISTER being on its way."""
    sent = asyncio.Event()
    registration = Registration("alice", "secret", stack, sent.set)
    task = asyncio.ensure_future(registration.register(SERVER, FAR, SipUri("192.0.2.2", "alice"), NEAR, 60))
    await sent.wait()
    return registration, task


def test_silence_is_told_as_no_response() -> None:
    async def scenario() -> None:
        stack = Stack()
        registration, task = await registering(stack)
        stack.handle_deadline(asyncio.get_running_loop().time() + 60)
        while (event := stack.next_event()) is not None:
            assert registration.handle(event)
        with pytest.raises(NoResponse, match=r"REGISTER to 192.0.2.1:5060: no final response"):
            await task

    asyncio.run(scenario())


def test_a_provisional_response_is_waited_beyond_and_others_are_left_to_others() -> None:
    async def scenario() -> None:
        stack = Stack()
        registration, task = await registering(stack)
        (request,) = [parse_datagram(data) for data, _ in stack.to_send()]
        for status in ("100 Trying", "200 OK"):
            assert not task.done()
            head = f"SIP/2.0 {status}\r\nContent-Length: 0\r\n"
            fields = [f"{name}: {request.headers.get(name)}\r\n" for name in ("Via", "From", "To", "Call-ID", "CSeq")]
            stack.receive(f"{head}{''.join(fields)}\r\n".encode(), FAR, asyncio.get_running_loop().time())
            event = stack.next_event()
            assert event is not None
            assert registration.handle(event)
        await task
        assert not registration.handle(Dropped("nothing of ours", FAR))

    asyncio.run(scenario())
