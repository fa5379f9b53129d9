"""Two stacks and a network between them that loses, doubles and reorders: calls end once, and nothing stays behind."""

from __future__ import annotations

import functools
import heapq
import itertools
from collections import Counter
from collections.abc import Callable, Sequence

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery_sip.address import Address
from sorcery_sip.events import (
    Cancelled,
    Event,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
)
from sorcery_sip.message import Headers, Request, Response, SipUri, Via, reply
from sorcery_sip.stack import Stack
from sorcery_sip.transaction import ClientTransaction, ServerTransaction

ALICE, BOB = Address("192.0.2.1", 5060), Address("192.0.2.2", 5060)
PATIENCE, GIVEN_UP = 70.0, 150.0
T1, T2, TIMEOUT = 0.5, 4.0, 32.0

Fate = tuple[float, ...]
"""When the copies of a packet arrive, in seconds; none: it is lost."""
FATES: st.SearchStrategy[list[Fate]] = st.lists(
    st.lists(st.sampled_from([0.0, 0.001, 0.1, 0.4]), max_size=2).map(tuple), min_size=1, max_size=30
)


@attrs.frozen
class Plan:
    """What happens in one call: times in seconds after its start, and after the INVITE has come."""

    cancelled_after: float | None
    rings_after: float | None
    answered_after: float
    status: int


PLANS = st.builds(
    Plan,
    cancelled_after=st.none() | st.sampled_from([0.0, 0.3, 0.7, 5.0]),
    rings_after=st.none() | st.sampled_from([0.0, 0.4]),
    answered_after=st.sampled_from([0.0, 0.6, 3.0, 30.0, 90.0, GIVEN_UP]),
    status=st.sampled_from([200, 302, 486, 603]),
)


class World:
    """A clock, a network, and two users who do what the plans say."""

    def __init__(self, plans: Sequence[Plan], fates: Sequence[Fate]) -> None:
        self.alice, self.bob = Stack(), Stack()
        self.now, self.fates, self.plans = 0.0, itertools.cycle(fates), plans
        self.agenda: list[tuple[float, int, Callable[[], object]]] = []
        self.order = itertools.count()
        self.outcomes: list[list[int]] = [[] for _ in plans]
        """For each call what Alice learnt last: statuses of final responses, 0 for silence."""
        self.answers: list[list[int]] = [[] for _ in plans]
        """For each call the final responses that Bob gave."""
        self.came: Counter[tuple[str, str]] = Counter()
        """How often Bob heard of which request: its method and call."""
        self.invites: dict[ServerTransaction, Request] = {}

    def at(self, delay: float, action: Callable[[], object]) -> None:
        heapq.heappush(self.agenda, (self.now + delay, next(self.order), action))

    def run(self) -> None:
        for number in range(len(self.plans)):
            self.at(number * 0.2, functools.partial(self.call, number))
        while (moment := self.next_moment()) is not None:
            assert moment < 1000, "something goes on for ever"
            self.now = max(self.now, moment)
            while self.agenda and self.agenda[0][0] <= self.now:
                heapq.heappop(self.agenda)[2]()
                self.settle()
            for stack in (self.alice, self.bob):
                stack.handle_deadline(self.now)
            self.settle()

    def next_moment(self) -> float | None:
        moments = [self.alice.next_deadline(), self.bob.next_deadline(), self.agenda[0][0] if self.agenda else None]
        return min((moment for moment in moments if moment is not None), default=None)

    def settle(self) -> None:
        """Let the users hear what happened, and the network take what they send."""
        for stack, hear in ((self.alice, self.alice_hears), (self.bob, self.bob_hears)):
            while (event := stack.next_event()) is not None:
                hear(event)
        for stack, source in ((self.alice, ALICE), (self.bob, BOB)):
            for data, destination in stack.to_send():
                receiver = self.bob if destination == BOB else self.alice
                for delay in next(self.fates):
                    self.at(delay, functools.partial(self.arrive, receiver, data, source))

    def arrive(self, receiver: Stack, data: bytes, source: Address) -> None:
        receiver.receive(data, source, self.now)

    def call(self, number: int) -> None:
        fields = [
            ("From", "<sip:a@h>;tag=1"), ("To", "<sip:b@h>"), ("Call-ID", str(number)), ("CSeq", "1 INVITE"),
        ]  # fmt: skip
        invite = Request("INVITE", SipUri("h"), Headers(fields)).with_via(Via.create(*ALICE[:2], f"i{number}"))
        transaction = self.alice.request(invite, BOB, self.now)
        after = self.plans[number].cancelled_after
        self.at(PATIENCE if after is None else after, lambda: self.alice.cancel(transaction, self.now))

    def alice_hears(self, event: Event) -> None:
        assert isinstance(event, ResponseReceived | TransactionTimedOut)
        transaction = event.transaction
        if transaction is None:
            assert any(0 in outcome for outcome in self.outcomes), "only who gave up is told of what he did not ask for"
        elif transaction.request.method == "INVITE":
            number = int(transaction.request.call_id)
            if isinstance(event, TransactionTimedOut):
                self.outcomes[number].append(0)
            elif event.response.is_final:
                self.outcomes[number].append(event.response.status)
                if event.response.is_success:
                    self.acknowledge(transaction, event.response)

    def acknowledge(self, transaction: ClientTransaction, response: Response) -> None:
        kept = [(name, value) for name, value in transaction.request.headers if name in ("From", "Call-ID")]
        headers = Headers([*kept, ("To", str(response.to)), ("CSeq", "1 ACK")])
        via = Via.create(*ALICE[:2], f"a{next(self.order)}")
        self.alice.send(Request("ACK", SipUri("h"), headers).with_via(via), BOB)

    def bob_hears(self, event: Event) -> None:
        if isinstance(event, Cancelled):
            invite = self.invites[event.transaction]
            self.came["CANCELLED", invite.call_id] += 1
            self.finish(int(invite.call_id), event.transaction, invite, 487)
            return
        assert isinstance(event, RequestReceived)
        request, transaction = event.request, event.transaction
        self.came[request.method, request.call_id] += 1
        if request.method == "CANCEL" and transaction is not None:
            self.bob.respond(transaction, reply(request, 481), self.now)
        elif transaction is not None:
            self.ring(int(request.call_id), transaction, request)

    def ring(self, number: int, transaction: ServerTransaction, request: Request) -> None:
        plan = self.plans[number]
        self.invites[transaction] = request
        if plan.rings_after is not None:
            ringing = reply(request, 180, to_tag="b")
            self.at(plan.rings_after, lambda: self.bob.respond(transaction, ringing, self.now))
        self.at(plan.answered_after, lambda: self.finish(number, transaction, request, plan.status))

    def finish(self, number: int, transaction: ServerTransaction, request: Request, status: int) -> None:
        if self.answers[number]:
            return
        self.answers[number].append(status)
        response = reply(request, status, to_tag="b")
        self.bob.respond(transaction, response, self.now)
        if status < 300:
            self.repeat(str(number), transaction, response, T1, self.now + TIMEOUT)

    def repeat(self, call: str, transaction: ServerTransaction, response: Response, wait: float, until: float) -> None:
        def again() -> None:
            if not self.came["ACK", call] and self.now < until:
                self.bob.send_response(response, transaction)
                self.repeat(call, transaction, response, min(2 * wait, T2), until)

        self.at(wait, again)


@given(st.lists(PLANS, min_size=1, max_size=4), FATES)
@settings(deadline=None)
def test_every_call_ends_once_for_its_user_and_no_transaction_stays(plans: list[Plan], fates: list[Fate]) -> None:
    world = World(plans, fates)
    world.run()
    for outcome, answers in zip(world.outcomes, world.answers, strict=True):
        assert len(set(outcome)) == 1, outcome
        assert outcome == [200] * len(outcome) or len(outcome) == 1
        assert set(outcome) <= {0, *answers}
    assert all(count == 1 for (method, _), count in world.came.items() if method not in ("ACK", "CANCEL"))
    for stack in (world.alice, world.bob):
        assert (len(stack), stack.next_deadline()) == (0, None)


@given(st.lists(PLANS, min_size=1, max_size=4), st.lists(st.sampled_from([(0.001,), (0.1, 0.1)]), min_size=1))
@settings(deadline=None)
def test_where_nothing_is_lost_both_users_know_the_same(plans: list[Plan], fates: list[Fate]) -> None:
    world = World(plans, fates)
    world.run()
    for number, (outcome, answers) in enumerate(zip(world.outcomes, world.answers, strict=True)):
        assert set(outcome) == set(answers) or set(outcome) == {0}
        assert (0 in outcome) == (plans[number].rings_after is None and plans[number].answered_after > TIMEOUT)
        assert (world.came["ACK", str(number)] > 0) == (200 in outcome)
