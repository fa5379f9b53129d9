"""Two user agents over a network that loses, doubles and reorders agree in the end, whatever their owners did."""

from __future__ import annotations

import random
from collections.abc import Iterable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sorcery_sip.message import Request, Response
from sorcery_sip.session import InviteSession, Offered, OfferWanted, RequestInDialog, SessionEvent, State
from tests.unit.sorcery_sip.session.wire import Peer, Wire

PEERS = st.sampled_from(["alice", "bob"])
NOTHING = {"sessions": 0, "dialogs": 0, "invites": 0, "waiting": 0, "deadlines": 0, "transactions": 0}
UNANSWERED = (State.INCOMING, State.EARLY)
LONG = 400.0
"""Longer than any transaction, and any wait after glare."""


class Sessions(RuleBasedStateMachine):
    """What owners do in any order, while the network does what it likes."""

    @initialize(
        seed=st.integers(0, 2**32),
        loss=st.sampled_from([0.0, 0.1, 0.3]),
        doubling=st.sampled_from([0.0, 0.2]),
        spread=st.sampled_from([0.0, 0.6, 3.0]),
        rel100=st.tuples(*[st.sampled_from(["no", "yes", "required", "peer_supported"])] * 2),
        interval=st.sampled_from([90, 300]),
        allow=st.tuples(
            *[st.sampled_from(["INVITE, ACK, BYE, CANCEL, INFO", "INVITE, ACK, BYE, CANCEL, INFO, UPDATE"])] * 2
        ),
    )
    def begin(
        self,
        seed: int,
        loss: float,
        doubling: float,
        spread: float,
        rel100: tuple[str, str],
        interval: int,
        allow: tuple[str, str],
    ) -> None:
        self.chance = random.Random(seed)
        self.loss, self.doubling, self.spread = loss, doubling, spread
        self.is_cut = False
        self.wire = Wire(self.fate)
        self.peers: dict[str, Peer] = {}
        self.questions: list[InviteSession] = []
        self.numbers = iter(range(10**9))
        for name, reliable, methods in zip(("alice", "bob"), rel100, allow, strict=True):
            peer = self.peers[name] = self.wire.peer(
                name, seed=seed, rel100=reliable, session_expires=interval, allow=f"{methods}, PRACK"
            )
            peer.react = self.on_event
            peer.on_call = self.on_call

    def fate(self, message: Request | Response) -> Iterable[float]:
        if self.is_cut or self.chance.random() < self.loss:
            return ()
        copies = 2 if self.chance.random() < self.doubling else 1
        return [0.01 + self.chance.random() * self.spread for _ in range(copies)]

    def on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Offered | OfferWanted):
            self.questions.append(event.session)
            if self.chance.random() < 0.7:
                self.answer_oldest(refuse=self.chance.random() < 0.2)
        elif isinstance(event, RequestInDialog):
            event.session.respond(event.received, 200, self.wire.now)

    def on_call(self, session: InviteSession) -> None:
        if self.chance.random() < 0.8:
            session.trying(self.wire.now)

    def answer_oldest(self, *, refuse: bool) -> None:
        session = self.questions.pop(0)
        if refuse:
            session.refuse_offer(488, self.wire.now)
        else:
            session.answer_offer(self.sdp(), self.wire.now)

    def sdp(self) -> bytes:
        return f"v=0 {next(self.numbers)}".encode()

    def pick(self, name: str, which: int) -> InviteSession | None:
        sessions = self.peers[name].sessions
        return sessions[which % len(sessions)] if sessions else None

    @precondition(lambda self: sum(len(peer.sessions) for peer in self.peers.values()) < 6)
    @rule(name=PEERS, offers=st.booleans())
    def call(self, name: str, offers: bool) -> None:
        caller, callee = self.peers[name], self.peers["bob" if name == "alice" else "alice"]
        caller.call(callee, sdp=self.sdp() if offers else None)

    @rule(name=PEERS, which=st.integers(0, 9), status=st.sampled_from([180, 183]), describes=st.booleans())
    def progress(self, name: str, which: int, status: int, describes: bool) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.progress(status, self.wire.now, sdp=self.sdp() if describes else None)

    @rule(name=PEERS, which=st.integers(0, 9))
    def accept(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.accept(self.wire.now, sdp=self.sdp())

    @rule(name=PEERS, which=st.integers(0, 9), method=st.sampled_from(["INVITE", "UPDATE"]), offers=st.booleans())
    def modify(self, name: str, which: int, method: str, offers: bool) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.modify(self.wire.now, self.sdp if offers else None, "UPDATE" if method == "UPDATE" else "INVITE")

    @rule(name=PEERS, which=st.integers(0, 9))
    def ask(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None and session.dialog is not None:
            session.request("INFO", self.wire.now)

    @precondition(lambda self: self.questions)
    @rule(refuse=st.booleans())
    def answer(self, refuse: bool) -> None:
        self.answer_oldest(refuse=refuse)

    @rule(name=PEERS, which=st.integers(0, 9))
    def hang_up(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.hangup(self.wire.now)

    @rule(seconds=st.sampled_from([0.0, 0.02, 0.3, 2.0, 10.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.wire.run(seconds)

    @rule(seconds=st.sampled_from([3.0, 40.0]))
    def cut(self, seconds: float) -> None:
        """Let nothing through for a while."""
        self.is_cut = True
        self.wire.run(seconds)
        self.is_cut = False

    def teardown(self) -> None:
        if not hasattr(self, "wire"):
            return
        self.loss, self.spread = 0.0, 0.0
        for _ in range(3):  # an answer may be followed by the next question
            while self.questions:
                self.answer_oldest(refuse=False)
            self.wire.run(LONG)
        self.both_sides_agree()
        for peer in self.peers.values():
            for session in peer.sessions:
                session.hangup(self.wire.now)
        self.wire.quiesce()
        for peer in self.peers.values():
            assert len(peer.ended) == len(peer.sessions), "each session ends once"
            assert {id(event.session) for event in peer.ended} == {id(session) for session in peer.sessions}
            assert peer.left_over() == NOTHING

    def both_sides_agree(self) -> None:
        calls: dict[str, list[InviteSession]] = {}
        for peer in self.peers.values():
            for session in peer.sessions:
                calls.setdefault(session.invite.call_id, []).append(session)
        for sides in calls.values():
            states = {side.state for side in sides}
            if any(side.is_incoming and side.state in UNANSWERED for side in sides):
                continue  # its owner has not decided yet
            assert states in ({State.CONFIRMED}, {State.DISCONNECTED}), states
            if states == {State.CONFIRMED}:
                one, other = sides
                assert (one.offers.is_open, other.offers.is_open) == (False, False)
                assert (one.offers.local, one.offers.remote) == (other.offers.remote, other.offers.local)


Sessions.TestCase.settings = settings(
    max_examples=150, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessions = Sessions.TestCase
