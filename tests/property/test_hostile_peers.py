"""A peer may say what it likes, when it likes: nothing raises, every call ends once, and nothing stays behind."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.message import Request, Response
from sorcery_sip.session import Challenged, Offered, OfferWanted, RequestInDialog, SessionEvent
from tests.unit.sorcery_sip.session.wire import ANSWER, OFFER, Wire

Fields = list[tuple[str, str]]

SDP = st.sampled_from([None, OFFER, ANSWER, b"v=0 more", b"v=0 again"])
SECONDS = st.sampled_from([0.02, 0.02, 0.6, 3.0, 40.0, 400.0])
STATUSES = st.sampled_from([100, 180, 183, 183, 200, 200, 202, 302, 401, 408, 422, 481, 486, 487, 491, 500, 503])
METHODS = st.sampled_from(["INVITE", "UPDATE", "ACK", "BYE", "CANCEL", "INFO", "OPTIONS", "PRACK", "PRACK", "NONE"])
EXTRAS: st.SearchStrategy[Fields] = st.lists(
    st.sampled_from(
        [
            ("Session-Expires", "90"), ("Session-Expires", "5;refresher=uac"), ("Session-Expires", "9" * 400),
            ("Min-SE", "4000"), ("Min-SE", "x"), ("Require", "timer"), ("Require", "warp"), ("Retry-After", "0"),
            ("Allow", "UPDATE, INVITE"), ("Contact", "<tel:1>"), ("Contact", "<<"), ("Contact", "*"),
            ("Record-Route", "<sip:192.0.2.2;lr>"), ("Record-Route", "<tel:1>"), ("RAck", "1 1 INVITE"),
        ]
    ),
    max_size=2,
)  # fmt: skip
RELIABLE = [("Require", "100rel"), ("RSeq", "1")], [("Require", "100rel"), ("RSeq", "2")]


class HostilePeer(RuleBasedStateMachine):
    """One call of ours, or to us; its peer answers anything with anything, and asks for anything."""

    @initialize(
        rel100=st.sampled_from(["no", "yes", "required", "peer_supported"]),
        timers=st.sampled_from(["no", "yes", "required", "always"]),
        follows=st.booleans(),
        we_call=st.booleans(),
        sdp=SDP,
    )
    def begin(self, rel100: str, timers: str, follows: bool, we_call: bool, sdp: bytes | None) -> None:
        self.wire, self.numbers, self.answers = Wire(), itertools.count(2), True
        method = "uri_pjsip" if follows else "user"
        self.us = self.wire.peer(
            "us", rel100=rel100, timers=timers, redirect_method=method, accept_multiple_sdp_answers=follows
        )
        self.raw = self.wire.raw()
        self.us.react = self.on_event
        if we_call:
            self.us.call(self.raw, self.raw, sdp=sdp)
        else:
            self.raw.ask("INVITE", self.us, ("Supported", "100rel, timer"), sdp=sdp, branch="1")
        self.wire.run(0.05)
        self.session = self.us.session

    def on_event(self, event: SessionEvent) -> None:
        session, now = event.session, self.wire.now
        if isinstance(event, RequestInDialog):
            session.respond(event.received, 200, now)
        elif isinstance(event, Challenged) and len(self.wire.log) % 2:
            session.authenticate([("Authorization", "Digest x")], now)
        elif isinstance(event, Challenged):
            session.give_up(now)
        elif isinstance(event, Offered | OfferWanted) and self.answers:
            session.answer_offer(ANSWER, now)

    @rule(seconds=SECONDS)
    def wait(self, seconds: float) -> None:
        self.wire.run(seconds)

    @rule(
        which=st.integers(1, 4),
        status=STATUSES,
        more=EXTRAS | st.sampled_from(RELIABLE),
        tag=st.sampled_from(["raw", "raw", "two"]),
        sdp=SDP,
    )
    def answer(self, which: int, status: int, more: Fields, tag: str, sdp: bytes | None) -> None:
        asked = [m for m in self.raw.inbox if isinstance(m, Request) and m.method != "ACK"]
        if asked:
            is_elsewhere = "Contact" in dict(more)
            self.raw.answer(asked[-min(which, len(asked))], status, *more, tag=tag, sdp=sdp, contact=not is_elsewhere)
            self.wire.run(0.02)

    @precondition(lambda self: self.session.dialog is not None)
    @rule(method=METHODS, more=EXTRAS, sdp=SDP, repeats=st.booleans())
    def ask(self, method: str, more: Fields, sdp: bytes | None, repeats: bool) -> None:
        dialog = self.session.dialog
        assert dialog is not None
        fields = [field for field in more if field[0] != "RAck"] if method != "PRACK" else [*more, *self.racks()]
        number = 1 if repeats else next(self.numbers)
        self.raw.ask(
            method,
            self.us,
            *fields,
            cseq=number,
            branch=f"{number}",
            sdp=sdp,
            tag=dialog.local.tag,
            from_tag=dialog.remote.tag,
            call_id=dialog.call_id,
        )
        self.wire.run(0.02)

    def racks(self) -> Fields:
        """Return what acknowledges our last reliable 1xx."""
        numbers = [m.headers.get("RSeq") for m in self.raw.inbox if isinstance(m, Response) and "RSeq" in m.headers]
        return [("RAck", f"{number} 1 INVITE") for number in numbers[-1:]]

    @rule(status=st.sampled_from([180, 183]), sdp=SDP)
    def progress(self, status: int, sdp: bytes | None) -> None:
        self.session.progress(status, self.wire.now, sdp=sdp)

    @rule()
    def accept(self) -> None:
        self.session.accept(self.wire.now, sdp=ANSWER)

    @rule(method=st.sampled_from(["INVITE", "UPDATE"]), sdp=SDP, fails=st.booleans())
    def modify(self, method: str, sdp: bytes | None, fails: bool) -> None:
        def make() -> bytes:
            if fails or sdp is None:
                raise NegotiationFailed(500, "nothing to offer")
            return sdp

        self.session.modify(self.wire.now, None if sdp is None else make, "INVITE" if method == "INVITE" else "UPDATE")

    @rule(answers=st.booleans())
    def decide(self, answers: bool) -> None:
        """Answer what waits, or refuse it; what comes later waits, or does not."""
        self.answers = answers
        if answers:
            self.session.answer_offer(ANSWER, self.wire.now)
        else:
            self.session.refuse_offer(488, self.wire.now)

    @rule()
    def lose_the_peer(self) -> None:
        self.us.stack.transport_failed(self.raw.address, self.wire.now)

    @rule()
    def hang_up(self) -> None:
        self.session.hangup(self.wire.now)

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.answers = True
            self.session.answer_offer(ANSWER, self.wire.now)
            self.session.hangup(self.wire.now)
            self.wire.quiesce()
            assert [event.session for event in self.us.ended] == [self.session]
            assert set(self.us.left_over().values()) == {0}, self.us.left_over()


HostilePeer.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestHostilePeer = HostilePeer.TestCase
