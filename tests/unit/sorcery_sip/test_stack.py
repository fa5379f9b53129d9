import doctest

import pytest

from sorcery_sip import stack as stack_module
from sorcery_sip.address import Address
from sorcery_sip.events import (
    Dropped,
    Event,
    Refused,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message import Headers, Request, Response, SipUri, Via, parse_datagram, reply, write
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import Timers

PHONE = Address("192.0.2.7", 5062, "lan")


def datagram(method: str = "OPTIONS", via: str = "10.0.0.1:5099;branch=z9hG4bK1", *more: str) -> bytes:
    lines = [
        f"{method} sip:pbx SIP/2.0",
        f"Via: SIP/2.0/UDP {via}",
        "From: <sip:a@h>;tag=1",
        "To: <sip:b@h>",
        "Call-ID: x",
        f"CSeq: 1 {method}",
        *more,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ack(to_tag: str, via: str = "10.0.0.1:5099;branch=z9hG4bK1") -> bytes:
    return datagram("ACK", via).replace(b"<sip:b@h>", f"<sip:b@h>;tag={to_tag}".encode())


def received(stack: Stack, data: bytes, now: float = 0.0) -> RequestReceived:
    stack.receive(data, PHONE, now)
    event = stack.next_event()
    assert isinstance(event, RequestReceived)
    return event


def answers(stack: Stack) -> list[tuple[Response, Address]]:
    parsed = [(parse_datagram(data), destination) for data, destination in stack.to_send()]
    return [(message, destination) for message, destination in parsed if isinstance(message, Response)]


def events(stack: Stack) -> list[Event]:
    found = []
    while (event := stack.next_event()) is not None:
        found.append(event)
    return found


def our_request(branch: str = "b1", method: str = "OPTIONS") -> Request:
    fields = [("From", "<sip:me@h>;tag=1"), ("To", "<sip:b@h>"), ("Call-ID", "c"), ("CSeq", f"1 {method}")]
    return Request(method, SipUri("h"), Headers(fields)).with_via(Via.create("192.0.2.1", 5060, branch))


def test_the_example_of_the_facade_runs() -> None:
    result = doctest.testmod(stack_module)
    assert result.attempted > 0
    assert result.failed == 0


class TestRequests:
    def test_one_request_is_one_event_however_often_it_comes(self) -> None:
        stack = Stack()
        event = received(stack, datagram())
        assert (event.source, event.transaction is None, len(stack)) == (PHONE, False, 1)
        stack.receive(datagram(), PHONE, 0.5)
        assert (stack.next_event(), stack.to_send()) == (None, [])

    def test_repeats_get_the_last_response_again(self) -> None:
        stack = Stack()
        event = received(stack, datagram())
        assert event.transaction is not None
        stack.respond(event.transaction, reply(event.request, 200), 1.0)
        (first,) = stack.to_send()
        stack.receive(datagram(), PHONE, 2.0)
        assert stack.to_send() == [first]
        assert stack.to_send() == []

    def test_after_timer_j_the_request_is_new(self) -> None:
        stack = Stack(Timers(t1=0.1, timer_b=6.4))
        event = received(stack, datagram())
        assert event.transaction is not None
        stack.respond(event.transaction, reply(event.request, 200), 1.0)
        assert stack.next_deadline() == pytest.approx(7.4)
        stack.handle_deadline(7.3)
        assert len(stack) == 1
        stack.handle_deadline(7.5)
        assert len(stack) == 0
        assert received(stack, datagram(), 8.0).transaction is not event.transaction

    def test_a_provisional_response_is_followed_by_a_final_one(self) -> None:
        stack = Stack()
        event = received(stack, datagram())
        assert event.transaction is not None
        for status in (100, 200, 500):
            stack.respond(event.transaction, reply(event.request, status), 1.0)
        assert [response.status for response, _ in answers(stack)] == [100, 200]

    def test_a_stateless_answer_is_forgotten_and_the_same_for_a_repeat(self) -> None:
        stack, tags = Stack(), []
        for _ in range(2):
            event = received(stack, datagram())
            stack.respond_statelessly(event, reply(event.request, 401))
            ((response, destination),) = answers(stack)
            tags.append(response.to.tag)
            assert (len(stack), stack.next_deadline(), destination.host) == (0, None, "192.0.2.7")
        assert tags[0] == tags[1] is not None

    def test_a_rejected_request_is_answered_and_forgotten_and_an_ack_only_forgotten(self) -> None:
        stack = Stack()
        stack.reject(received(stack, datagram()), 503, headers=[("Retry-After", "5")])
        stack.reject(received(stack, ack("dialog")), 503)
        ((response, _),) = answers(stack)
        assert (response.status, response.headers.get("Retry-After"), len(stack)) == (503, "5", 0)

    def test_an_abandoned_request_leaves_nothing_behind(self) -> None:
        stack = Stack()
        event = received(stack, datagram())
        stack.abandon(event)
        assert event.transaction is not None
        stack.respond(event.transaction, reply(event.request, 200), 1.0)
        assert (len(stack), stack.to_send()) == (0, [])

    def test_an_ack_comes_without_transaction(self) -> None:
        stack = Stack()
        event = received(stack, ack("dialog"))
        assert (event.transaction, event.request.via.received) == (None, "192.0.2.7")
        stack.abandon(event)
        assert len(stack) == 0

    def test_cancel_is_a_transaction_of_its_own(self) -> None:
        assert received(Stack(), datagram("CANCEL")).transaction is not None

    def test_the_top_via_tells_where_it_came_from_and_others_stay(self) -> None:
        event = received(Stack(), datagram("OPTIONS", "a;branch=z9hG4bK1;rport, SIP/2.0/UDP b;branch=z9hG4bK0"))
        top, other = event.request.vias
        assert (top.received, top.rport, other.host, other.received) == ("192.0.2.7", 5062, "b", None)


class TestWayBack:
    @pytest.mark.parametrize(
        ("via", "force_rport", "destination"),
        [
            ("10.0.0.1:5099;branch=z9hG4bK1", False, ("192.0.2.7", 5099)),
            ("10.0.0.1;branch=z9hG4bK1", False, ("192.0.2.7", 5060)),
            ("10.0.0.1:5099;branch=z9hG4bK1;rport", False, ("192.0.2.7", 5062)),
            ("10.0.0.1:5099;branch=z9hG4bK1", True, ("192.0.2.7", 5062)),
            ("10.0.0.1:5099;branch=z9hG4bK1;rport=1", False, ("192.0.2.7", 5062)),
            ("10.0.0.1:5099;branch=z9hG4bK1;maddr=239.255.255.1", False, ("239.255.255.1", 5099)),
            ("10.0.0.1:5099;branch=z9hG4bK1;maddr=[2001:db8::1]", True, ("192.0.2.7", 5062)),
            ("10.0.0.1:5099;branch=z9hG4bK1;maddr=victim.example", False, ("192.0.2.7", 5099)),
        ],
    )
    def test_it_follows_via_and_source(self, via: str, force_rport: bool, destination: tuple[str, int]) -> None:
        stack = Stack()
        event = received(stack, datagram("OPTIONS", via))
        assert event.transaction is not None
        stack.respond(event.transaction, reply(event.request, 200), 0.0, force_rport=force_rport)
        ((_, address),) = answers(stack)
        assert address == (*destination, "lan")

    def test_an_ipv6_maddr_is_followed_by_an_ipv6_socket(self) -> None:
        stack, phone = Stack(), Address("2001:db8::7", 5062, "six")
        stack.receive(datagram("OPTIONS", "h;branch=z9hG4bK1;maddr=[2001:db8::1]"), phone, 0.0)
        event = stack.next_event()
        assert isinstance(event, RequestReceived)
        stack.respond_statelessly(event, reply(event.request, 200))
        ((_, address),) = answers(stack)
        assert address == ("2001:db8::1", 5060, "six")

    def test_force_rport_shows_in_the_via(self) -> None:
        stack = Stack()
        event = received(stack, datagram())
        stack.respond_statelessly(event, reply(event.request, 401), force_rport=True)
        ((response, _),) = answers(stack)
        assert (response.via.rport, response.via.received) == (5062, "192.0.2.7")


class TestBadInput:
    @pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\0\0"])
    def test_keepalives_are_ignored(self, data: bytes) -> None:
        stack = Stack()
        stack.receive(data, PHONE, 0.0)
        assert (events(stack), stack.to_send()) == ([], [])

    @pytest.mark.parametrize(
        ("data", "status"),
        [
            (datagram().replace(b"1 OPTIONS", b"1 INVITE"), 400),
            (datagram().replace(b"SIP/2.0\r\n", b"SIP/7.0\r\n", 1), 505),
            (datagram("OPTIONS", "h;branch=z9hG4bK1", "Content-Length: 9"), 400),
            (datagram().replace(b"<sip:b@h>", b"<sip:b@h"), 400),
        ],
    )
    def test_a_malformed_request_is_answered_without_a_transaction(self, data: bytes, status: int) -> None:
        stack = Stack()
        stack.receive(data, PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, Refused)
        assert (event.status, event.source, len(stack)) == (status, PHONE, 0)
        ((response, _),) = [(data, destination) for data, destination in stack.to_send()]
        assert response.startswith(f"SIP/2.0 {status} ".encode())

    @pytest.mark.parametrize(
        "data",
        [
            b"hello",
            datagram().replace(b"Call-ID: x\r\n", b""),
            datagram("OPTIONS", ""),
            datagram().replace(b"SIP/2.0/UDP 10.0.0.1:5099;branch=z9hG4bK1", b","),
            datagram("ACK").replace(b"1 ACK", b"1 INVITE"),
            b"SIP/2.0 999 no\r\n" + datagram().partition(b"\r\n")[2],
        ],
    )
    def test_the_rest_is_dropped_without_a_word(self, data: bytes) -> None:
        stack = Stack()
        stack.receive(data, PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, Dropped)
        assert event.reason
        assert stack.to_send() == []


class TestOurRequests:
    def test_a_response_comes_back_to_its_transaction_once(self) -> None:
        stack = Stack()
        transaction = stack.request(our_request(), PHONE, 0.0)
        assert stack.to_send() == [(write(our_request()), PHONE)]
        for status in (100, 200, 200):
            stack.receive(write(reply(our_request(), status)), PHONE, 0.1)
        found = [event for event in events(stack) if isinstance(event, ResponseReceived)]
        assert [(event.response.status, event.transaction) for event in found] == [
            (100, transaction),
            (200, transaction),
        ]

    def test_it_is_repeated_and_then_given_up(self) -> None:
        stack, times = Stack(Timers(t1=0.1, timer_b=6.4)), []
        transaction = stack.request(our_request(), PHONE, 0.0)
        now: float | None = 0.0
        while now is not None:
            stack.handle_deadline(now)
            times += [round(now, 3) for _ in stack.to_send()]
            now = stack.next_deadline()
        assert times == [0.0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3]
        (event,) = events(stack)
        assert event == TransactionTimedOut(transaction)
        assert len(stack) == 0

    def test_a_response_nobody_asked_for_says_so(self) -> None:
        stack = Stack()
        stack.receive(write(reply(our_request(), 200)), PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, ResponseReceived)
        assert event.transaction is None

    def test_a_response_with_two_vias_is_for_somebody_else(self) -> None:
        stack = Stack()
        stack.request(our_request(), PHONE, 0.0)
        stack.receive(write(reply(our_request().with_via(Via("x")), 200)), PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, Dropped)

    def test_a_dead_transport_ends_what_goes_there_and_nothing_else(self) -> None:
        stack = Stack()
        first = stack.request(our_request("b1"), PHONE, 0.0)
        stack.request(our_request("b2"), PHONE._replace(transport="wan"), 0.0)
        stack.transport_failed(PHONE, 0.1)
        assert events(stack) == [TransportFailed(first)]
        assert len(stack) == 1

    def test_misuse_raises_at_once(self) -> None:
        stack = Stack()
        stack.request(our_request(), PHONE, 0.0)
        with pytest.raises(ValueError, match="in use"):
            stack.request(our_request(), PHONE, 0.0)
        with pytest.raises(ValueError, match="ACK is no transaction"):
            stack.request(our_request("b2", "ACK"), PHONE, 0.0)
        bare = our_request("b3")
        with pytest.raises(ValueError, match=r"Via\.create"):
            stack.request(bare.with_headers(bare.headers.with_set("Via", "SIP/2.0/UDP h")), PHONE, 0.0)
        assert len(stack) == 1


def test_a_header_that_holds_a_line_end_is_refused_before_anything_changes() -> None:
    stack = Stack()
    event = received(stack, datagram())
    assert event.transaction is not None
    with pytest.raises(ValueError, match="line end"):
        stack.respond(event.transaction, reply(event.request, 200, headers=[("X", "a\r\nb: c")]), 0.0)
    stack.respond(event.transaction, reply(event.request, 500), 0.0)
    assert [response.status for response, _ in answers(stack)] == [500]
