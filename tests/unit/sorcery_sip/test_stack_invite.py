"""INVITE, ACK and CANCEL through the facade; time runs as the tests say."""

import pytest

from sorcery_sip.address import Address
from sorcery_sip.events import (
    Cancelled,
    Dropped,
    Event,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message import Headers, Request, Response, SipUri, Via, parse_datagram, reply, write
from sorcery_sip.stack import Stack
from sorcery_sip.transaction import ClientTransaction, ServerTransaction, State

PHONE = Address("192.0.2.7", 5062, "lan")
NEW = "10.0.0.1:5099;branch=z9hG4bK1"
OLD = "10.0.0.1:5099"


def datagram(method: str = "INVITE", via: str = NEW, to_tag: str = "") -> bytes:
    lines = [
        f"{method} sip:bob@pbx SIP/2.0",
        f"Via: SIP/2.0/UDP {via}",
        "From: <sip:a@h>;tag=1",
        f"To: <sip:bob@pbx>{f';tag={to_tag}' if to_tag else ''}",
        "Call-ID: x",
        f"CSeq: 1 {method}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def our_invite(branch: str = "b1") -> Request:
    fields = [("From", "<sip:me@h>;tag=1"), ("To", "<sip:b@h>"), ("Call-ID", "c"), ("CSeq", "1 INVITE")]
    return Request("INVITE", SipUri("h"), Headers(fields)).with_via(Via.create("192.0.2.1", 5060, branch))


def events(stack: Stack) -> list[Event]:
    found = []
    while (event := stack.next_event()) is not None:
        found.append(event)
    return found


def sent(stack: Stack) -> list[Request | Response]:
    return [parse_datagram(data) for data, _ in stack.to_send()]


def statuses(stack: Stack) -> list[int]:
    return [message.status for message in sent(stack) if isinstance(message, Response)]


def invited(stack: Stack, via: str = NEW) -> tuple[RequestReceived, ServerTransaction]:
    stack.receive(datagram("INVITE", via), PHONE, 0.0)
    (event,) = events(stack)
    assert isinstance(event, RequestReceived)
    assert event.transaction is not None
    return event, event.transaction


def calling(stack: Stack) -> ClientTransaction:
    transaction = stack.request(our_invite(), PHONE, 0.0)
    stack.to_send()
    return transaction


class TestIncoming:
    def test_repeats_are_absorbed_until_there_is_a_response_that_they_get(self) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        stack.receive(datagram(), PHONE, 0.5)
        assert (events(stack), sent(stack)) == ([], [])
        stack.respond(transaction, reply(received.request, 180), 1.0)
        stack.receive(datagram(), PHONE, 1.5)
        assert (events(stack), statuses(stack)) == ([], [180, 180])

    @pytest.mark.parametrize("via", [NEW, OLD])
    def test_the_ack_to_a_failure_ends_its_repeats_and_goes_no_further(self, via: str) -> None:
        stack = Stack()
        received, transaction = invited(stack, via)
        stack.respond(transaction, reply(received.request, 486, to_tag="ours"), 1.0)
        stack.handle_deadline(1.5)
        assert statuses(stack) == [486, 486]
        stack.receive(datagram("ACK", via, "ours"), PHONE, 1.6)
        stack.receive(datagram("ACK", via, "ours"), PHONE, 1.7)
        stack.handle_deadline(6.0)
        assert (events(stack), sent(stack), transaction.state) == ([], [], State.CONFIRMED)
        stack.handle_deadline(6.6)
        assert len(stack) == 0

    @pytest.mark.parametrize(("via", "ack_via"), [(NEW, "10.0.0.1:5099;branch=z9hG4bK2"), (OLD, OLD)])
    def test_each_ack_to_a_2xx_is_the_users(self, via: str, ack_via: str) -> None:
        stack = Stack()
        received, transaction = invited(stack, via)
        stack.respond(transaction, reply(received.request, 200, to_tag="ours"), 1.0)
        for now in (1.1, 1.6):
            stack.receive(datagram("ACK", ack_via, "ours"), PHONE, now)
            (event,) = events(stack)
            assert isinstance(event, RequestReceived)
            assert (event.request.method, event.transaction) == ("ACK", None)
            assert event.request.via.received == PHONE.host

    def test_a_2xx_is_sent_again_by_its_user_only_and_the_same_way(self) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        accepted = reply(received.request, 200, to_tag="ours")
        stack.respond(transaction, accepted, 0.0, force_rport=True)
        stack.receive(datagram(), PHONE, 0.5)
        stack.handle_deadline(10.0)
        ((first, way),) = stack.to_send()
        stack.send_response(accepted, transaction)
        assert stack.to_send() == [(first, way)]
        assert way == PHONE

    def test_an_ack_to_what_was_answered_statelessly_is_dropped(self) -> None:
        stack = Stack()
        received, _ = invited(stack)
        stack.respond_statelessly(received, reply(received.request, 401))
        (refused,) = sent(stack)
        stack.receive(datagram("ACK", NEW, refused.to.tag or ""), PHONE, 0.1)
        (event,) = events(stack)
        assert isinstance(event, Dropped)
        assert (len(stack), sent(stack)) == (0, [])

    def test_an_ack_that_can_belong_to_no_dialog_is_dropped(self) -> None:
        stack = Stack()
        stack.receive(datagram("ACK"), PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, Dropped)

    def test_an_ack_before_any_final_response_changes_nothing(self) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        stack.receive(datagram("ACK", NEW, "x"), PHONE, 0.1)
        stack.respond(transaction, reply(received.request, 180), 1.0)
        stack.receive(datagram("ACK", NEW, "x"), PHONE, 1.1)
        assert (events(stack), transaction.state) == ([], State.PROCEEDING)

    def test_the_same_invite_over_another_path_is_another_one(self) -> None:
        stack = Stack()
        first, _ = invited(stack)
        second, _ = invited(stack, "10.0.0.9;branch=z9hG4bK9")
        assert first.transaction is not second.transaction

    def test_a_dead_transport_is_told_and_the_answer_stays_for_repeats(self) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        stack.respond(transaction, reply(received.request, 486), 0.0)
        stack.transport_failed(Address("192.0.2.7", 5099, "lan"), 0.1)
        assert events(stack) == [TransportFailed(transaction)]
        stack.receive(datagram(), PHONE, 0.2)
        assert statuses(stack) == [486, 486]


class TestCancelledByThePeer:
    @pytest.mark.parametrize("via", [NEW, OLD])
    @pytest.mark.parametrize("status", [None, 180])
    def test_it_is_answered_and_the_user_told_once(self, via: str, status: int | None) -> None:
        stack = Stack()
        received, transaction = invited(stack, via)
        if status:
            answer = reply(received.request, status, headers=[("No Name", "x")], to_tag="ours")
            stack.respond(transaction, answer, 0.1)
            stack.to_send()
        for now in (1.0, 1.5):
            stack.receive(datagram("CANCEL", via), PHONE, now)
        (event,) = events(stack)
        assert isinstance(event, Cancelled)
        assert (event.transaction, event.received.request.method) == (transaction, "CANCEL")
        assert transaction.is_cancelled
        answers = sent(stack)
        assert [(answer.cseq.method, getattr(answer, "status", 0)) for answer in answers] == [("CANCEL", 200)] * 2
        if status:
            assert answers[0].to.tag == "ours"
        stack.respond(transaction, reply(received.request, 487), 2.0)
        assert statuses(stack) == [487]

    @pytest.mark.parametrize("status", [200, 486])
    def test_after_the_final_response_it_is_only_answered(self, status: int) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        stack.respond(transaction, reply(received.request, status), 0.1)
        stack.receive(datagram("CANCEL"), PHONE, 0.2)
        assert (events(stack), statuses(stack)) == ([], [status, 200])
        assert not transaction.is_cancelled

    def test_the_way_of_its_answer_is_that_of_the_invites(self) -> None:
        stack = Stack()
        received, transaction = invited(stack)
        stack.respond(transaction, reply(received.request, 100), 0.1, force_rport=True)
        stack.receive(datagram("CANCEL"), PHONE, 0.2)
        assert {destination for _, destination in stack.to_send()} == {PHONE}

    def test_one_that_refers_to_nothing_is_a_request_like_others(self) -> None:
        stack = Stack()
        invited(stack)
        stack.receive(datagram("CANCEL", "10.0.0.1:5099;branch=z9hG4bK2"), PHONE, 0.0)
        (event,) = events(stack)
        assert isinstance(event, RequestReceived)
        assert event.transaction is not None


class TestOutgoing:
    def test_a_failure_is_acknowledged_each_time_and_told_once(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        refused = reply(our_invite(), 486, to_tag="theirs")
        for _ in range(2):
            stack.receive(write(refused), PHONE, 0.1)
            ((data, destination),) = stack.to_send()
            ack = parse_datagram(data)
            assert isinstance(ack, Request)
            assert (ack.method, ack.to.tag, ack.via, destination) == ("ACK", "theirs", our_invite().via, PHONE)
        assert events(stack) == [ResponseReceived(refused, PHONE, transaction)]

    def test_every_2xx_is_told_and_none_acknowledged(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        answers = [reply(our_invite(), 200, to_tag=tag) for tag in ("a", "a", "b")]
        for answer in answers:
            stack.receive(write(answer), PHONE, 0.1)
        assert events(stack) == [ResponseReceived(answer, PHONE, transaction) for answer in answers]
        assert stack.to_send() == []
        stack.handle_deadline(32.2)
        assert len(stack) == 0

    def test_the_ack_to_a_2xx_leaves_no_transaction(self) -> None:
        stack = Stack()
        ack = Request("ACK", SipUri("h"), our_invite("b2").headers.with_set("CSeq", "1 ACK"))
        stack.send(ack, PHONE)
        assert (stack.to_send(), len(stack)) == ([(write(ack), PHONE)], 0)

    def test_silence_is_told_at_timer_b(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        stack.handle_deadline(31.9)
        assert events(stack) == []
        stack.handle_deadline(32.0)
        assert events(stack) == [TransactionTimedOut(transaction)]


class TestCancelledByUs:
    def test_after_a_provisional_response_it_goes_at_once(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        stack.receive(write(reply(our_invite(), 180)), PHONE, 0.1)
        cancelling = stack.cancel(transaction, 0.2, [("Reason", "Q.850;cause=16")])
        assert cancelling is not None
        ((data, destination),) = stack.to_send()
        cancel = parse_datagram(data)
        assert isinstance(cancel, Request)
        assert (cancel.method, cancel.headers.get("Reason"), destination) == ("CANCEL", "Q.850;cause=16", PHONE)
        assert stack.cancel(transaction, 0.3) is None
        assert stack.to_send() == []

    def test_before_any_response_it_waits_for_one_and_goes_once(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        assert stack.cancel(transaction, 0.1, [("Reason", "Q.850;cause=16")]) is None
        assert stack.to_send() == []
        for now in (0.2, 0.3):
            stack.receive(write(reply(our_invite(), 100)), PHONE, now)
        (cancel,) = sent(stack)
        assert (cancel.cseq.method, cancel.headers.get("Reason")) == ("CANCEL", "Q.850;cause=16")

    def test_what_cannot_be_written_is_refused_at_once(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        with pytest.raises(ValueError, match="line end"):
            stack.cancel(transaction, 0.1, [("Reason", "a\r\nb: c")])
        assert not transaction.is_cancelled

    @pytest.mark.parametrize("status", [200, 486])
    def test_what_has_a_final_response_is_not_cancelled(self, status: int) -> None:
        stack = Stack()
        transaction = calling(stack)
        stack.cancel(transaction, 0.1)
        stack.receive(write(reply(our_invite(), status)), PHONE, 0.2)
        assert stack.cancel(transaction, 0.3) is None
        assert "CANCEL" not in [message.cseq.method for message in sent(stack)]

    def test_a_peer_that_falls_silent_is_waited_for_64_t1(self) -> None:
        stack = Stack()
        transaction = calling(stack)
        stack.receive(write(reply(our_invite(), 180)), PHONE, 0.1)
        cancelling = stack.cancel(transaction, 100.0)
        events(stack)
        for tenth in range(1000, 1321):
            stack.handle_deadline(tenth / 10)
        assert {getattr(event, "transaction", None) for event in events(stack)} == {transaction, cancelling}
        assert len(stack) == 0
