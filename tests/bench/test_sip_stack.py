"""How many REGISTER transactions the core carries in a second of CPU.

Each is parsed, answered and serialised, and comes once more to be absorbed.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message import parse_datagram, reply, write
from sorcery_sip.stack import Stack

TRANSACTIONS = 2_000
PHONE = Address("127.0.0.1", 5099)

REGISTER = (
    "REGISTER sip:127.0.0.1:5060 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK{number};rport\r\n"
    "Max-Forwards: 70\r\n"
    'From: "Alice" <sip:alice@127.0.0.1>;tag=1928301774\r\n'
    "To: <sip:alice@127.0.0.1>\r\n"
    "Call-ID: a84b4c76e66710{number}@pc33.example.com\r\n"
    "CSeq: 314159 REGISTER\r\n"
    "Contact: <sip:alice@127.0.0.1:5099;transport=udp>;expires=3600\r\n"
    "User-Agent: a phone\r\n"
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE\r\n"
    "Expires: 3600\r\n"
    "Content-Length: 0\r\n\r\n"
)


@pytest.fixture(autouse=True)
def settled_heap() -> Iterator[None]:
    """Take what is loaded already out of the garbage collector's sight, as a server does once it has started."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def datagrams() -> list[bytes]:
    return [REGISTER.format(number=number).encode() for number in range(TRANSACTIONS)]


def serve(stack: Stack, requests: list[bytes]) -> int:
    """Answer each request with 200 and let each come twice; return how many datagrams were sent."""
    sent = 0
    for number, data in enumerate(requests):
        now = number / 1000
        stack.receive(data, PHONE, now)
        event = stack.next_event()
        assert isinstance(event, RequestReceived)
        assert event.transaction is not None
        contact = str(event.request.contacts[0])
        stack.respond(event.transaction, reply(event.request, 200, headers=[("Contact", contact)]), now)
        sent += len(stack.to_send())
        stack.receive(data, PHONE, now)
        sent += len(stack.to_send())
        stack.handle_deadline(now)
    return sent


@pytest.mark.benchmark(group="sip", timer=time.process_time)
def test_2000_transactions_with_a_repeat_each(benchmark: BenchmarkFixture) -> None:
    requests = datagrams()
    sent = benchmark(lambda: serve(Stack(), requests))
    assert sent == 2 * TRANSACTIONS
    if benchmark.stats is not None:
        benchmark.extra_info["transactions per CPU second"] = round(TRANSACTIONS / benchmark.stats.stats.median)


@pytest.mark.benchmark(group="sip", timer=time.process_time)
def test_parsing_2000_requests(benchmark: BenchmarkFixture) -> None:
    requests = datagrams()
    messages = benchmark(lambda: [parse_datagram(data) for data in requests])
    assert write(messages[-1]) == requests[-1]
