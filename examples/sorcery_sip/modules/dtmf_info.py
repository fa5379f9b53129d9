"""Digits in INFO, as `dtmf_mode=info` has them; hook flashes, and INFO that says nothing (RFC 6086)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Request
from sorcery_sip.modules.contract import FIRST_PRIORITY, PASS, Decision, SessionSupplement, answer, refuse
from sorcery_sip.pbx.events import DtmfEnd

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["RELAY_TYPE", "DtmfInfo", "relay_body"]

RELAY_TYPE = "application/dtmf-relay"
FLASH = "!"
_FLASH_TYPE = "application/hook-flash"
_DIGITS = frozenset("0123456789*#ABCD!")
_EVENTS = {"10": "*", "11": "#", "12": "A", "13": "B", "14": "C", "15": "D", "16": FLASH}
"""Numbers of RFC 4733 that some phones write in place of the digit."""
_DEFAULT_MS = 100
_LONGEST_MS = 10_000


def relay_body(digit: str, ms: int) -> bytes:
    """Return the body of an INFO that carries a digit, `ms` milliseconds long."""
    return f"Signal={digit}\r\nDuration={ms}\r\n".encode()


class DtmfInfo(SessionSupplement):
    """Hand the digits in INFO to the channel, and answer INFO without a body."""

    methods = frozenset({"INFO"})
    priority = FIRST_PRIORITY

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Return 200 for a digit or an empty INFO, 500 for what is no digit; raises `HeaderError`."""
        request = received.request
        essence = request.content_type.essence if request.content_type is not None else ""
        if essence == _FLASH_TYPE or (request.body and essence in (RELAY_TYPE, "application/dtmf")):
            return self._digit(session, request, essence)
        if "Record" in request.headers:
            return _recording(session)
        if not request.body:
            return answer(200, "INFO: empty")
        return PASS

    def _digit(self, session: CallSession, request: Request, essence: str) -> Decision:
        text = request.body.decode("utf-8", "replace")
        if essence == RELAY_TYPE:
            signal, ms = _relayed(text)
        else:
            signal, ms = (FLASH if essence == _FLASH_TYPE else text), _DEFAULT_MS
        digit = _digit(signal)
        if digit is None or session.channel is None:
            return refuse(500, f"INFO: {signal[:20]!r} is no digit")
        session.channel.post(DtmfEnd(digit, ms))
        return answer(200, f"INFO: digit {digit}")


def _relayed(text: str) -> tuple[str, int]:
    """Return signal and duration of lines `Signal=…` and `Duration=…`."""
    fields = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        fields[name.strip().lower()] = value.strip()
    duration = fields.get("duration", "")
    ms = int(duration) if duration.isascii() and duration.isdigit() and len(duration) < 6 else 0
    return fields.get("signal", ""), min(ms, _LONGEST_MS) or _DEFAULT_MS


def _digit(signal: str) -> str | None:
    signal = signal.strip().upper()
    digit = _EVENTS.get(signal, signal)
    return digit if digit in _DIGITS else None


def _recording(session: CallSession) -> Decision:
    """Refuse to record: there is nothing here that could."""
    if not session.endpoint.one_touch_recording:
        return refuse(403, "INFO: Record, but one_touch_recording is no")
    return refuse(404, f"INFO: Record, but there is no feature {session.endpoint.record_on_feature!r}")
