"""Both legs of a call go from audio to T.38 together, and back: re-INVITEs held, passed on, answered or refused.

A peer that wants to fax sends a re-INVITE to an image stream. Its answer waits until the other leg, or an application,
accepts: for five seconds at most.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import attrs

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, SessionSupplement, refuse, take
from sorcery_sip.modules.fax import Fax, FaxState, Outcome, address_of
from sorcery_sip.modules.t38_parameters import T38Parameters
from sorcery_sip.pbx.events import T38
from sorcery_sip.sdp import parse_sdp

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["DECISION", "T38Calls", "T38Supplement"]

DECISION = 5.0
"""Seconds that a peer which wants to fax waits for its answer."""


class T38Calls(Protocol):
    """What fax needs of those who carry the calls on."""

    @property
    def clock(self) -> Callable[[], float]:
        """Return the clock of the stack."""

    @property
    def changed(self) -> Callable[[], None]:
        """Return what is called when something may wait to be sent."""

    def answer_offer(self, session: CallSession, sdp: bytes, /) -> None:
        """Answer the offer that waits, or refuse it."""


class Timer(Protocol):
    """Something that happens later."""

    def cancel(self) -> None:
        """Keep it from happening."""


@attrs.frozen(slots=True)
class _Held:
    """An offer of the peer that waits."""

    sdp: bytes
    timer: Timer


class T38Supplement(SessionSupplement):
    """Hold re-INVITEs to fax back, and carry out what the other leg says. `later` is the loop's `call_later`."""

    methods = frozenset({"INVITE"})
    priority = CHANNEL_PRIORITY + 1

    def __init__(self, calls: T38Calls, later: Callable[[float, Callable[[], None]], Timer]) -> None:
        self._calls, self._later = calls, later

    def watch(self, session: CallSession, fax: Fax) -> None:
        """Follow the fax of a call, from its beginning."""
        session.remembered[Fax] = fax
        fax.tell = functools.partial(self._on_outcome, session, fax)

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Take a re-INVITE to fax, whose answer waits; 491 while another is under way. Raises `SdpError`."""
        fax, request = _fax(session), received.request
        if fax is None or request.to.tag is None or not session.endpoint.t38_udptl or fax.state is FaxState.FAX:
            return PASS
        sdp = sdp_of(request)
        if sdp is None or b"image" not in sdp:
            return PASS
        offered = next((media for media in parse_sdp(sdp).media if address_of(media) is not None), None)
        if offered is None:
            return PASS
        if fax.state is not FaxState.AUDIO:
            return refuse(491, f"T.38: {fax.state.value}")
        fax.state = FaxState.ASKED
        timer = self._later(DECISION, functools.partial(self._refuse, session, fax))
        session.remembered[_Held] = _Held(sdp, timer)
        _post(session, "negotiate", fax.limited(T38Parameters.parse(offered)))
        return take(None, "T.38: the other leg is asked")

    def offer_failed(self, session: CallSession, status: int) -> None:
        """Let the other leg know that the peer does not fax; one that accepted without it needs its audio back."""
        fax = _fax(session)
        if fax is not None and fax.state is FaxState.OFFERED:
            fax.state = FaxState.AUDIO
            _post(session, "refused")
            if status < 300:
                self._offer(session, "audio")

    def cancelled(self, session: CallSession) -> None:
        """Forget an offer that the peer took back: what the other leg says about it comes too late."""
        fax = _fax(session)
        if _let_go(session) is not None and fax is not None:
            fax.state = FaxState.AUDIO

    def ended(self, session: CallSession) -> None:
        """Forget what waits, and the fax the call."""
        _let_go(session)
        fax = _fax(session)
        if fax is not None:
            fax.leave()

    def tell(self, session: CallSession, event: T38) -> None:
        """Carry out what the other leg, or an application, says about fax."""
        fax = _fax(session)
        if event.request == "negotiate":
            self._negotiate(session, fax, T38Parameters.of(event.parameters))
        elif fax is not None and event.request == "negotiated":
            self._agree(session, fax, T38Parameters.of(event.parameters))
        elif fax is not None:
            self._refuse(session, fax)
            if fax.state is FaxState.FAX:
                self._offer(session, "audio")

    def bridged(self, session: CallSession, other: CallSession | None) -> None:
        """Relay fax to the call that this one is joined to; one that faxes already takes the other along."""
        fax = _fax(session)
        if fax is None:
            return
        fax.join(None if other is None else _fax(other))
        if other is not None and fax.stream is not None:
            _post(session, "negotiate", fax.stream.theirs)

    def _negotiate(self, session: CallSession, fax: Fax | None, wanted: T38Parameters) -> None:
        channel = session.channel
        if fax is None or channel is None or not channel.is_up or not session.endpoint.t38_udptl:
            _post(session, "refused")
        elif fax.stream is not None:
            _post(session, "negotiated", fax.stream.theirs)
        elif fax.state is FaxState.ASKED:  # both peers asked at once
            self._agree(session, fax, wanted)
        elif fax.state is FaxState.AUDIO:
            fax.state, fax.wanted = FaxState.OFFERED, wanted
            self._offer(session, "image")

    def _agree(self, session: CallSession, fax: Fax, wanted: T38Parameters) -> None:
        held = _let_go(session)
        if held is not None:
            fax.wanted = wanted
            self._calls.answer_offer(session, held.sdp)
            self._calls.changed()
        if fax.state is not FaxState.FAX:  # too late, or it could not be answered: the other leg has to come back
            fax.state = FaxState.AUDIO
            _post(session, "terminate")

    def _refuse(self, session: CallSession, fax: Fax) -> None:
        """Refuse the offer that waits, if there is one."""
        if _let_go(session) is not None:
            fax.state = FaxState.AUDIO
            session.invite.refuse_offer(488, self._calls.clock())
            self._calls.changed()

    def _offer(self, session: CallSession, media: str) -> None:
        def make() -> bytes:
            codecs = session.peer.media.codecs if session.peer is not None else ()
            return session.media.offer(codecs or None, media=(media,))

        session.invite.modify(self._calls.clock(), make)
        self._calls.changed()

    def _on_outcome(self, session: CallSession, fax: Fax, outcome: Outcome) -> None:
        stream = fax.stream
        if outcome is Outcome.ENDED:
            _post(session, "terminate")
        elif stream is not None:
            _post(session, "negotiated" if outcome is Outcome.ACCEPTED else "negotiate", stream.theirs)


def _fax(session: CallSession) -> Fax | None:
    found: Fax | None = session.remembered.get(Fax)
    return found


def _let_go(session: CallSession) -> _Held | None:
    """Return the offer that waits, and have it wait no more; None where there is none."""
    held: _Held | None = session.remembered.pop(_Held, None)
    if held is not None:
        held.timer.cancel()
    return held


def _post(session: CallSession, request: str, parameters: T38Parameters | None = None) -> None:
    if session.channel is not None:
        session.channel.post(T38(request, {} if parameters is None else parameters.values()))
