"""Local channels: a call into the dialplan, as if an extension were a phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import (
    T38,
    Answered,
    Busy,
    ChannelEvent,
    Congestion,
    ConnectedLine,
    DtmfEnd,
    HangupRequested,
    Hold,
    Proceeding,
    Progress,
    RedirectingChanged,
    Ringing,
    TextReceived,
    Unhold,
)
from sorcery_sip.pbx.local_port import LocalPort
from sorcery_sip.pbx.technology import CannotCall, Indication

__all__ = ["LocalDriver"]

MAX_NAME = 80
"""Characters of a place in the name of a channel."""


class LocalDriver:
    """Make pairs of channels: what is dialed is the first, the second runs `exten@context`.

    `start` begins the dialplan of a channel; `exists` says whether a context has an extension for a caller number.
    """

    name = "Local"

    def __init__(
        self, channels: Channels, start: Callable[[Channel], object], exists: Callable[[str, str, str], bool]
    ) -> None:
        self._channels, self._start, self._exists = channels, start, exists
        self._made = 0

    async def request(
        self,
        resource: str,
        *,
        caller: Channel | None,
        formats: Sequence[str],
        variables: Mapping[str, str],
        id: str = "",
    ) -> Channel:
        """Return the first of a pair for `exten@context`; raises `CannotCall` where there is no such extension."""
        exten, _, context = resource.partition("/")[0].partition("@")
        context = context or "default"
        if not self._exists(context, exten, "" if caller is None else caller.caller.number):
            raise CannotCall(Cause.NO_ROUTE_DESTINATION, f"context {context!r} has no extension {exten!r}")
        name = f"Local/{_readable(f'{exten}@{context}')}-{self._made:08x}"
        self._made += 1
        port = LocalPort()
        first, second = _Half(port), _Half(port.twin)
        asked: dict[str, Any] = {"context": context, "exten": exten, "formats": tuple(formats)}
        outside = self._channels.create(resource, first, name=f"{name};1", id=id, **asked)
        inside_id = id and f"{id};2"
        inside = self._channels.create(resource, second, name=f"{name};2", id=inside_id, dialed=exten, **asked)
        first.other, second.other = inside, outside
        first.start = lambda: self._begin(outside, inside)
        for variable, value in variables.items():
            outside.set_variable(variable, value)
        return outside

    def _begin(self, outside: Channel, inside: Channel) -> None:
        inside.caller, inside.connected = outside.connected, outside.caller
        inside.redirecting, inside.max_forwards = outside.redirecting, outside.max_forwards
        for variable, value in (outside.variables | outside.inherited_variables()).items():
            inside.set_variable(variable, value)
        outside.state, inside.state = ChannelState.DIALING, ChannelState.RING
        self._start(inside)


class _Half:
    """One channel of a pair: what it is told, happens to the other."""

    name = "Local"

    def __init__(self, media: LocalPort) -> None:
        self.media = media
        self.other: Channel
        self.start: Callable[[], None] | None = None

    def call(self) -> None:
        if self.start is not None:
            self.start()
            self.start = None

    def answer(self) -> None:
        self.other.post(Answered())

    def hangup(self, cause: int) -> None:
        """End the other one too; one whose dialplan was never begun has nobody else who would."""
        if self.start is not None:
            self.other.hangup(cause)
        else:
            self.other.post(HangupRequested(cause))
        self.media.close()

    def indicate(self, what: Indication, data: Any = None) -> None:
        event = _event(what, data)
        if event is not None:
            self.other.post(event)

    def send_dtmf(self, digit: str, ms: int) -> None:
        self.other.post(DtmfEnd(digit, ms))

    def send_text(self, text: str, content_type: str = "text/plain") -> None:
        self.other.post(TextReceived(text, content_type))

    def bridged(self, peer: Channel | None) -> None:
        """Do nothing: the ports join what lies at both ends."""

    def read_variable(self, name: str) -> str | None:
        return None


def _readable(place: str) -> str:
    """Return what of a place stands in names of channels: extensions may come from phones, and names go to the log."""
    return "".join([char if char.isprintable() else "?" for char in place[:MAX_NAME]])


def _event(what: Indication, data: Any) -> ChannelEvent | None:
    """Return what an indication to one half is to the other."""
    match what:
        case Indication.HOLD:
            return Hold(data or "")
        case Indication.CONNECTED_LINE:
            return ConnectedLine(data)
        case Indication.REDIRECTING:
            return RedirectingChanged(data)
        case Indication.T38:
            return data if isinstance(data, T38) else None
        case _:
            return _PLAIN.get(what)


_PLAIN: dict[Indication, ChannelEvent] = {
    Indication.RINGING: Ringing(),
    Indication.PROGRESS: Progress(),
    Indication.PROCEEDING: Proceeding(),
    Indication.BUSY: Busy(),
    Indication.CONGESTION: Congestion(),
    Indication.INCOMPLETE: HangupRequested(Cause.INVALID_NUMBER_FORMAT),
    Indication.UNHOLD: Unhold(),
}
