"""One call of a phone: what a person does with it, and what the session below tells of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping

from sorcery_sip.errors import CallFailed, NegotiationFailed
from sorcery_sip.message.messages import Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.pbx.media import Dtmf
from sorcery_sip.phone.audio import Audio
from sorcery_sip.session import (
    Accepted,
    Answered,
    Confirmed,
    Ended,
    InviteSession,
    Offered,
    OfferFailed,
    OfferWanted,
    Progressed,
    RequestInDialog,
    SessionEvent,
)

__all__ = ["Call"]

_LISTEN_SECONDS = 0.05
_SIGNAL = re.compile(rb"^\s*Signal\s*=\s*([0-9A-D*#])\s*$", re.MULTILINE)


class Call:
    """Made by `Phone.dial` and `Phone.next_call`. Use it in the loop of its phone.

    What waits does so without limit, save for SIP's own timers: put `asyncio.timeout` around it.
    """

    session: InviteSession

    def __init__(self, audio: Audio, flush: Callable[[], None]) -> None:
        self.end: Ended | None = None
        """How it ended; None while it has not."""
        self.provisional: list[int] = []
        """The statuses of 101 to 199 that the peer has sent."""
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        """What the peer has pressed, digit by digit."""
        self._audio, self._flush = audio, flush
        self._answer: bytes | None = None
        self._progress, self._outcome, self._over = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._changing, self._change = asyncio.Lock(), asyncio.Event()
        self._refusal = 0
        audio.port.on_dtmf(self._on_dtmf)

    # -- what a person does

    @property
    def is_incoming(self) -> bool:
        """Whether the peer called."""
        return self.session.is_incoming

    @property
    def caller(self) -> NameAddr:
        """Who calls, as From says it."""
        return self.session.invite.from_

    @property
    def is_held(self) -> bool:
        """Whether the peer has put us on hold."""
        return self._audio.is_held

    @property
    def statistics(self) -> Mapping[str, float]:
        """Packets, octets and losses both ways, by name, as `RtpPort.statistics` has them."""
        return self._audio.port.statistics

    def answer(self) -> None:
        """Accept an incoming call, and begin to play the tone; `answered` waits for the caller's ACK."""
        self.session.accept(_now(), sdp=self._answer or self._audio.offer())
        self._audio.play()
        self._flush()

    def reject(self, status: int = 486) -> None:
        """Refuse an incoming call, with 300 to 699."""
        self.session.reject(status, _now())
        self._flush()

    def hang_up(self) -> None:
        """End the call, or give it up before it is answered; `ended` waits for that."""
        self.session.hangup(_now())
        self._flush()

    async def ringing(self) -> None:
        """Wait until the called phone rings, or the call goes on otherwise. Raises `CallFailed`."""
        await self._progress.wait()
        self._check()

    async def answered(self) -> None:
        """Wait until both sides talk. Raises `CallFailed` when the call ends before that."""
        await self._outcome.wait()
        self._check()

    async def ended(self) -> Ended:
        """Wait for the end, and tell how it came."""
        await self._over.wait()
        assert self.end is not None
        return self.end

    async def hold(self) -> None:
        """Put the peer on hold; returns when it has agreed. Raises `CallFailed` when it refuses."""
        await self._modify(is_holding=True)

    async def resume(self) -> None:
        """End `hold`; raises as that does."""
        await self._modify(is_holding=False)

    async def press(self, digits: str, milliseconds: int = 100) -> None:
        """Send digits; returns when the last is out. Raises `ValueError` for what is none, `UnsupportedFormat`."""
        for playing in [self._audio.port.send_dtmf(digit, milliseconds) for digit in digits]:
            await playing

    async def hear(self, frequency: int, seconds: float = 10.0) -> None:
        """Wait until what arrives from now on is a tone of that many Hz; raises `TimeoutError` after some seconds."""
        self._audio.listen()
        deadline = _now() + seconds
        while self.heard([frequency]) is None:
            if _now() > deadline:
                share = self._audio.meter.share(frequency)
                raise TimeoutError(f"{frequency} Hz not heard within {seconds} s: {share:.0%} of what arrived last")
            await asyncio.sleep(_LISTEN_SECONDS)

    def heard(self, frequencies: Iterable[int]) -> int | None:
        """Return which of some frequencies, in Hz, is what arrived last, a fifth of a second of it; None for none."""
        return self._audio.meter.heard(frequencies)

    async def _modify(self, *, is_holding: bool) -> None:
        async with self._changing:
            self._check()
            before, self._audio.is_holding = self._audio.is_holding, is_holding
            self._change.clear()
            self._refusal = 0
            self.session.modify(_now(), self._audio.offer)
            self._flush()
            await self._change.wait()
            self._check()
            if self._refusal:
                self._audio.is_holding = before
                raise CallFailed(self._refusal, "the peer refused the change")

    def _check(self) -> None:
        if self.end is not None:
            message = self.end.message
            phrase = message.reason if isinstance(message, Response) else self.end.reason
            raise CallFailed(self.end.status, phrase)

    # -- what its phone does, and tells

    def offer(self) -> bytes:
        """Return the description that the INVITE of an outgoing call carries."""
        return self._audio.offer()

    def close(self) -> None:
        """Give back the sockets."""
        self._audio.port.close()

    def ring(self, *, answers: bool) -> None:
        """Take an incoming call: refuse it where no sound can be agreed on, else ring, and answer at once if told."""
        offer = self.session.offer
        try:
            self._answer = None if offer is None else self._audio.answer(offer)
        except NegotiationFailed as error:
            self.reject(error.status)
            return
        self.session.progress(180, _now())
        if answers:
            self.answer()

    def happened(self, event: SessionEvent) -> None:
        """Take what the session tells."""
        if isinstance(event, Progressed):
            self.provisional.append(event.response.status)
            self._apply(event.sdp)
            self._progress.set()
        elif isinstance(event, Accepted):
            self._apply(event.sdp)
            self._outcome.set()
            self._progress.set()
        elif isinstance(event, Answered):
            self._apply(event.sdp)
            self._change.set()
        elif isinstance(event, OfferFailed):
            self._refusal = event.status
            self._change.set()
        elif isinstance(event, Offered):
            self._on_offer(event)
        elif isinstance(event, OfferWanted):
            event.session.answer_offer(self._audio.offer(), _now())
        elif isinstance(event, Confirmed):
            self._outcome.set()
        elif isinstance(event, RequestInDialog):
            self._on_request(event)
        elif isinstance(event, Ended):
            self._on_ended(event)

    def _apply(self, sdp: bytes | None) -> None:
        """Take an answer in; a call whose answer makes no sense is ended."""
        if sdp is None:
            return
        try:
            self._audio.apply(sdp)
        except NegotiationFailed as error:
            self.session.hangup(_now(), error.status)
        else:
            self._audio.play()

    def _on_offer(self, event: Offered) -> None:
        try:
            answer = self._audio.answer(event.sdp)
        except NegotiationFailed as error:
            event.session.refuse_offer(error.status, _now())
        else:
            event.session.answer_offer(answer, _now())
            self._audio.play()

    def _on_request(self, event: RequestInDialog) -> None:
        """Answer INFO, the only request that is left to us; a digit may be in it."""
        event.session.respond(event.received, 200, _now())
        digit = _SIGNAL.search(event.received.request.body)
        if digit is not None:
            self.digits.put_nowait(digit[1].decode())

    def _on_dtmf(self, dtmf: Dtmf) -> None:
        if dtmf.ended:
            self.digits.put_nowait(dtmf.digit)

    def _on_ended(self, event: Ended) -> None:
        self.end = event
        self.close()
        for waiting in (self._progress, self._outcome, self._change, self._over):
            waiting.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
