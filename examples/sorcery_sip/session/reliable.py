"""Reliable provisional responses (RFC 3262): sent until a PRACK comes, taken in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

import attrs

from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.simple import number_or_none
from sorcery_sip.session.deadlines import Deadline, Deadlines

__all__ = ["EXTENSION", "InOrder", "ReliableResponses", "acknowledged", "rack_of", "sequence_number"]

EXTENSION: Final = "100rel"

_SENDINGS = 6
_PATIENCE = 1.5
"""Seconds from the last sending until the INVITE is given up."""


def sequence_number(response: Response) -> int | None:
    """Return the RSeq of a reliable 1xx; None when it is not reliable, or the number cannot be read."""
    if "RSeq" not in response.headers or EXTENSION not in response.tokens("Require"):
        return None
    return number_or_none(response.headers.get("RSeq"))


def rack_of(response: Response) -> tuple[str, str]:
    """Return the header field of the PRACK that acknowledges a reliable 1xx."""
    return "RAck", f"{response.headers.get('RSeq')} {response.cseq}"


def acknowledged(prack: Request) -> tuple[int, int] | None:
    """Return what a PRACK acknowledges: RSeq, and the CSeq of the INVITE; None when that cannot be read."""
    words = (prack.headers.get("RAck") or "").split()
    if len(words) != 3 or words[2] != "INVITE":
        return None
    numbers = number_or_none(words[0]), number_or_none(words[1])
    return None if numbers[0] is None or numbers[1] is None else (numbers[0], numbers[1])


class InOrder:
    """The reliable 1xx of one early dialog: repeats and those after a gap are not for us (RFC 3262 4)."""

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: int | None = None

    def takes(self, number: int) -> bool:
        """Tell whether a response of that number is the next one, and count it if so."""
        if self._last is not None and number != self._last + 1:
            return False
        self._last = number
        return True


@attrs.define(slots=True, eq=False)
class _Unacknowledged:
    number: int
    response: Response
    has_sdp: bool
    sent: int = 0


class ReliableResponses:
    """Those of one INVITE: one is outstanding, the others wait for its PRACK."""

    def __init__(
        self,
        first: int,
        deadlines: Deadlines,
        t1: float,
        send: Callable[[Response, float], None],
        give_up: Callable[[float], None],
    ) -> None:
        self._next = first
        self._deadlines, self._t1, self._send, self._give_up = deadlines, t1, send, give_up
        self._queue: deque[_Unacknowledged] = deque()
        self._deadline: Deadline | None = None
        self._late: int | None = None
        """The number of one that was outstanding when the final response went out."""

    @property
    def awaits_sdp(self) -> bool:
        """Whether a session description is on its way unacknowledged: a 2xx has to wait for it (RFC 3262 3)."""
        return any(waiting.has_sdp for waiting in self._queue)

    def add(self, response: Response, *, has_sdp: bool, now: float) -> None:
        """Send a response, which gets its Require and RSeq here, when its turn comes."""
        fields = response.headers.with_added("Require", EXTENSION).with_added("RSeq", str(self._next))
        self._queue.append(_Unacknowledged(self._next, response.with_headers(fields), has_sdp))
        self._next += 1
        if len(self._queue) == 1:
            self._transmit(now)

    def acknowledge(self, number: int, now: float) -> bool:
        """Take a PRACK, and send what waited for it; False when it is for nothing that is outstanding."""
        if self._late == number:
            self._late = None
            return True
        if not self._queue or self._queue[0].number != number:
            return False
        self._queue.popleft()
        self._stop()
        if self._queue:
            self._transmit(now)
        return True

    def close(self) -> None:
        """Send nothing more: the final response has gone out. The PRACK of the last 1xx may still come."""
        if self._queue and self._queue[0].sent:
            self._late = self._queue[0].number
        self._queue.clear()
        self._stop()

    def _transmit(self, now: float) -> None:
        head = self._queue[0]
        if head.sent == _SENDINGS:
            self._deadline = None
            self._give_up(now)
            return
        self._send(head.response, now)
        head.sent += 1
        wait = _PATIENCE if head.sent == _SENDINGS else self._t1 * 2**head.sent
        self._deadline = self._deadlines.at(now + wait, self._transmit)

    def _stop(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
