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
FAULTS = (
    "no refresh", "refresh:", "no ACK", "no final response", "no PRACK", "INVITE: 408", "UPDATE: 408",
    "the ACK has no", "the PRACK has no", "the 2xx has no",
)  # fmt: skip
"""Why calls end only when the network does not do its work, or somebody refuses an offer."""


class Sessions(RuleBasedStateMachine):
    """What owners do in any order, while the network does what it likes."""

    @initialize(
        seed=st.integers(0, 2**32),
        loss=st.sampled_from([0.0, 0.1, 0.3]),
        doubling=st.sampled_from([0.0, 0.2]),
        spread=st.sampled_from([0.0, 0.6, 3.0]),
        rel100=st.tuples(*[st.sampled_from(["no", "yes", "required", "peer_supported"])] * 2),
        interval=st.sampled_from([90, 300]),
        talks=st.booleans(),
        refuses=st.booleans(),
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
        talks: bool,
        refuses: bool,
    ) -> None:
        self.chance = random.Random(seed)
        self.loss, self.doubling, self.spread = loss, doubling, spread
        self.is_cut = False
        self.refuses = refuses
        self.is_calm = not (loss or spread or refuses)
        self.is_prompt = False
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
        if talks:
            self.talk("alice", offers=True)

    def fate(self, message: Request | Response) -> Iterable[float]:
        if self.is_cut or self.chance.random() < self.loss:
            return ()
        copies = 2 if self.chance.random() < self.doubling else 1
        return [0.01 + self.chance.random() * self.spread for _ in range(copies)]

    def on_event(self, event: SessionEvent) -> None:
        if isinstance(event, Offered | OfferWanted):
            may_wait = isinstance(event, OfferWanted) or event.method == "INVITE"
            if may_wait and not self.is_prompt and self.chance.random() < 0.4:
                self.questions.append(event.session)
                event.session.trying(self.wire.now)
            else:
                self.decide(event.session, refuse=self.refuses and self.chance.random() < 0.2)
        elif isinstance(event, RequestInDialog):
            event.session.respond(event.received, 200, self.wire.now)

    def on_call(self, session: InviteSession) -> None:
        if self.is_calm or self.chance.random() < 0.8:
            session.trying(self.wire.now)

    def decide(self, session: InviteSession, *, refuse: bool) -> None:
        if refuse:
            session.refuse_offer(488, self.wire.now)
        else:
            session.answer_offer(self.sdp(), self.wire.now)

    def sdp(self) -> bytes:
        return f"v=0 {next(self.numbers)}".encode()

    def pick(self, name: str, which: int) -> InviteSession | None:
        sessions = self.peers[name].sessions
        return sessions[which % len(sessions)] if sessions else None

    @precondition(lambda self: sum(len(peer.sessions) for peer in self.peers.values()) < 5)
    @rule(name=PEERS, offers=st.booleans())
    def call(self, name: str, offers: bool) -> None:
        caller, callee = self.peers[name], self.peers["bob" if name == "alice" else "alice"]
        caller.call(callee, sdp=self.sdp() if offers else None)

    @precondition(lambda self: sum(len(peer.sessions) for peer in self.peers.values()) < 5)
    @rule(name=PEERS, offers=st.booleans())
    def talk(self, name: str, offers: bool) -> None:
        """Call somebody who answers, if the network lets it happen."""
        self.call(name, offers)
        self.wire.run(2.0)
        for session in self.peers["bob" if name == "alice" else "alice"].sessions:
            session.accept(self.wire.now, sdp=self.sdp())
        self.wire.run(3.0)

    @rule(name=PEERS, which=st.integers(0, 2), status=st.sampled_from([180, 183]), describes=st.booleans())
    def progress(self, name: str, which: int, status: int, describes: bool) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.progress(status, self.wire.now, sdp=self.sdp() if describes else None)

    @rule(name=PEERS, which=st.integers(0, 2))
    def accept(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.accept(self.wire.now, sdp=self.sdp())

    @rule(name=PEERS, which=st.integers(0, 2), method=st.sampled_from(["INVITE", "UPDATE"]), offers=st.booleans())
    def modify(self, name: str, which: int, method: str, offers: bool) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.modify(self.wire.now, self.sdp if offers else None, "UPDATE" if method == "UPDATE" else "INVITE")

    @rule(which=st.integers(0, 2), methods=st.tuples(*[st.sampled_from(["INVITE", "UPDATE"])] * 2))
    def collide(self, which: int, methods: tuple[str, str]) -> None:
        """Let both sides want something at once."""
        for name, method in zip(("alice", "bob"), methods, strict=True):
            self.modify(name, which, method, offers=True)

    @rule(name=PEERS, which=st.integers(0, 2))
    def ask(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None and session.dialog is not None:
            session.request("INFO", self.wire.now)

    @precondition(lambda self: self.questions)
    @rule(refuse=st.booleans())
    def answer(self, refuse: bool) -> None:
        self.decide(self.questions.pop(0), refuse=refuse and self.refuses)

    @rule(name=PEERS, which=st.integers(0, 2))
    def hang_up(self, name: str, which: int) -> None:
        session = self.pick(name, which)
        if session is not None:
            session.hangup(self.wire.now)

    @rule(seconds=st.sampled_from([0.0, 0.02, 0.3, 2.0, 10.0, 70.0]))
    def wait(self, seconds: float) -> None:
        self.is_prompt = seconds > 5.0
        while self.is_prompt and self.questions:
            self.decide(self.questions.pop(0), refuse=False)
        self.wire.run(seconds)
        self.is_prompt = False

    @rule(seconds=st.sampled_from([3.0, 40.0]))
    def cut(self, seconds: float) -> None:
        """Let nothing through for a while."""
        self.is_cut, self.is_calm = True, False
        self.wire.run(seconds)
        self.is_cut = False

    def teardown(self) -> None:
        if not hasattr(self, "wire"):
            return
        self.loss, self.spread, self.is_prompt = 0.0, 0.0, True
        while self.questions:
            self.decide(self.questions.pop(0), refuse=False)
        self.wire.run(LONG)
        while any(session.offers.is_open for peer in self.peers.values() for session in self.talking(peer)):
            self.wire.run(0.05)  # a refresh is on its way
        self.both_sides_agree()
        for peer in self.peers.values():
            for session in peer.sessions:
                session.hangup(self.wire.now)
        self.wire.quiesce()
        for peer in self.peers.values():
            assert len(peer.ended) == len(peer.sessions), "each session ends once"
            assert {id(event.session) for event in peer.ended} == {id(session) for session in peer.sessions}
            assert peer.left_over() == NOTHING
            faults = [event.reason for event in peer.ended if event.reason.startswith(FAULTS)]
            assert not (self.is_calm and faults), faults

    def talking(self, peer: Peer) -> list[InviteSession]:
        return [session for session in peer.sessions if session.state is State.CONFIRMED]

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
    max_examples=120, stateful_step_count=100, deadline=None, suppress_health_check=list(HealthCheck)
)
TestSessions = Sessions.TestCase
