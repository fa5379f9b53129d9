"""How many calls two stacks carry between them in a second of CPU: INVITE, 100, 180, 200, ACK, BYE, 200.

Both ends are counted: transactions, dialogs, parsing and serialising. Nothing above dialogs is there.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery_sip.address import Address
from sorcery_sip.dialog import Dialog
from sorcery_sip.events import RequestReceived, ResponseReceived
from sorcery_sip.message import Headers, NameAddr, Request, SipUri, Via, reply
from sorcery_sip.stack import Stack

CALLS = 500
CALLER, CALLEE = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 10000 RTP/AVP 0 8 101\r\n"
    b"a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    b"a=ptime:20\r\na=sendrecv\r\n"
)
ALICE, BOB = SipUri("192.0.2.1", "alice", 5060), SipUri("192.0.2.2", "bob", 5060)


@pytest.fixture(autouse=True)
def settled_heap() -> Iterator[None]:
    """Take what is loaded already out of the garbage collector's sight, as a server does once it has started."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


class Pair:
    """Two stacks with nothing between them."""

    def __init__(self) -> None:
        self.caller, self.callee, self.now, self.branches = Stack(), Stack(), 0.0, 0

    def via(self, address: Address) -> Via:
        self.branches += 1
        return Via.create(address.host, address.port, f"b{self.branches}")

    def carry(self, sender: Stack, source: Address, receiver: Stack) -> RequestReceived | ResponseReceived:
        """Bring over what a stack has to send and return the last event that comes of it."""
        last = None
        for data, _ in sender.to_send():
            receiver.receive(data, source, self.now)
            last = receiver.next_event()
        assert isinstance(last, RequestReceived | ResponseReceived)
        return last

    def call(self, number: int) -> None:
        caller, callee = self.caller, self.callee
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(NameAddr(ALICE, "Alice").with_tag(f"t{number}"))),
            ("To", str(NameAddr(BOB))),
            ("Call-ID", f"call-{number}@192.0.2.1"),
            ("CSeq", "1 INVITE"),
            ("Contact", str(NameAddr(ALICE))),
            ("Allow", "OPTIONS, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO, REFER, MESSAGE"),
            ("Supported", "100rel, timer, replaces, norefersub"),
            ("Content-Type", "application/sdp"),
        ]
        invite = Request("INVITE", BOB, Headers(fields), SDP).with_via(self.via(CALLER))
        caller.request(invite, CALLEE, self.now)
        received = self.carry(caller, CALLER, callee)
        assert isinstance(received, RequestReceived)
        assert received.transaction is not None
        theirs = Dialog.from_request(received.request, received.source, f"u{number}")
        contact = [("Contact", str(NameAddr(BOB)))]
        for status, body in ((100, b""), (180, b""), (200, SDP)):
            response = reply(received.request, status, headers=contact, body=body, to_tag=f"u{number}")
            callee.respond(received.transaction, response, self.now, force_rport=True)
        answer = self.carry(callee, CALLEE, caller)
        assert isinstance(answer, ResponseReceived)
        ours = Dialog.from_response(invite, answer.response, answer.source)
        caller.send(ours.ack(1).with_via(self.via(CALLER)), CALLEE)
        assert self.carry(caller, CALLER, callee)
        bye = theirs.request("BYE").with_via(self.via(CALLEE))
        callee.request(bye, CALLER, self.now)
        hung_up = self.carry(callee, CALLEE, caller)
        assert isinstance(hung_up, RequestReceived)
        assert hung_up.transaction is not None
        caller.respond(hung_up.transaction, reply(hung_up.request, 200), self.now)
        self.carry(caller, CALLER, callee)
        for stack in (caller, callee):
            while stack.next_event() is not None:
                pass
            stack.handle_deadline(self.now)
        self.now += 0.001


def calls(pair: Pair) -> int:
    for number in range(CALLS):
        pair.call(number)
    return len(pair.caller) + len(pair.callee)


@pytest.mark.benchmark(group="sip", timer=time.process_time)
def test_500_calls_between_two_stacks(benchmark: BenchmarkFixture) -> None:
    left = benchmark(lambda: calls(Pair()))
    assert left == 4 * CALLS
    if benchmark.stats is not None:
        benchmark.extra_info["calls per CPU second"] = round(CALLS / benchmark.stats.stats.median)
