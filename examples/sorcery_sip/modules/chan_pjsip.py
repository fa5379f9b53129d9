"""The channel driver: a channel for each leg, and what the PBX says to it told in SIP."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sorcery.pjsip import Endpoint, Global
from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.events import RequestReceived
from sorcery_sip.message.messages import Response
from sorcery_sip.modules.caller_id import caller
from sorcery_sip.modules.calls import Calls
from sorcery_sip.modules.channel_events import tell_response
from sorcery_sip.modules.channel_variables import read_variable
from sorcery_sip.modules.connected_line import tell_connected_line
from sorcery_sip.modules.contract import CHANNEL_PRIORITY, PASS, Decision, Fields, SessionSupplement, answer
from sorcery_sip.modules.dtmf_info import relay_body
from sorcery_sip.modules.hangup_causes import reason_fields, status_of_cause
from sorcery_sip.modules.identity import contact_address, from_address
from sorcery_sip.modules.network import Network
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.targets import Target, Targets
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import HangupRequested
from sorcery_sip.pbx.media import MediaPort, Sounds
from sorcery_sip.pbx.technology import Indication
from sorcery_sip.session import OutgoingInvite

__all__ = ["ChannelSupplement", "PjsipDriver", "PjsipTechnology"]

_LOG = logging.getLogger(__name__)
_REFUSALS = {Indication.BUSY: 486, Indication.CONGESTION: 503, Indication.INCOMPLETE: 484}
_TONES = {Indication.BUSY: "busy", Indication.CONGESTION: "congestion", Indication.INCOMPLETE: "congestion"}


class PjsipTechnology:
    """The driver's side of one channel; see `pbx.technology.Technology`."""

    name = "PJSIP"

    def __init__(self, session: CallSession, calls: Calls, sounds: Sounds | None, target: Target | None = None) -> None:
        self.session = session
        self._calls, self._sounds, self._target = calls, sounds, target
        self._place: Callable[[], None] | None = None
        self._has_media_begun = False
        """Whether our answer went out in a 1xx."""

    @property
    def media(self) -> MediaPort | None:
        """Return the port of the audio stream."""
        return self.session.media.audio

    @property
    def is_incoming(self) -> bool:
        """Whether the peer called us."""
        return self._target is None

    def call(self) -> None:
        """Send the INVITE."""
        channel = self.session.channel
        if self._target is None or channel is None or self.session.has_begun:
            return
        channel.state = ChannelState.DIALING
        self._calls.place(self.session, self._target, channel.connected)

    def answer(self) -> None:
        """Send the 200."""
        invite, now = self.session.invite, self._calls.clock()
        try:
            invite.accept(now, sdp=self._local_sdp())
        except (NegotiationFailed, OSError) as error:
            _LOG.error("%s: no session description can be made: %s", self.session.endpoint.id, error)
            self._calls.fail(self.session, Cause.BEARERCAPABILITY_NOTAVAIL)
        self._calls.changed()

    def hangup(self, cause: int) -> None:
        """Refuse, cancel or end the call."""
        session = self.session
        session.media.close()
        if session.has_begun:
            headers = () if session.endpoint.suppress_q850_reason_headers else reason_fields(cause)
            session.invite.hangup(self._calls.clock(), status_of_cause(cause), headers)
            self._calls.changed()

    def indicate(self, what: Indication, data: Any = None) -> None:
        """Tell the peer: by a response before the answer, after it by what fits."""
        session = self.session
        if not session.has_begun:
            return
        channel = session.channel
        is_early = self.is_incoming and channel is not None and not channel.is_up
        match what:
            case Indication.RINGING if is_early:
                self._ring()
            case Indication.PROGRESS if is_early:
                self._progress()
            case Indication.REDIRECTING if is_early:
                session.invite.progress(181, self._calls.clock())
            case Indication.BUSY | Indication.CONGESTION | Indication.INCOMPLETE if is_early:
                session.invite.reject(_REFUSALS[what], self._calls.clock())
            case Indication.BUSY | Indication.CONGESTION | Indication.INCOMPLETE:
                self._play(_TONES[what])
            case Indication.HOLD | Indication.UNHOLD if not is_early:
                self._hold(what is Indication.HOLD)
            case Indication.CONNECTED_LINE:
                tell_connected_line(session, data, self._calls.clock(), is_early=is_early)
        self._calls.changed()

    def send_dtmf(self, digit: str, ms: int) -> None:
        """Send a digit the way that was agreed: as an event of RTP, a tone, or an INFO."""
        media = self.session.media
        if media.dtmf == "info":
            body = relay_body(digit, ms)
            self.session.invite.request("INFO", self._calls.clock(), (), body, "application/dtmf-relay")
            self._calls.changed()
        elif media.audio is not None and media.dtmf != "none":
            media.audio.send_dtmf(digit, ms)

    def send_text(self, text: str, content_type: str = "text/plain") -> None:
        """Send a MESSAGE in the dialog."""
        body = text.encode("utf-8", "surrogateescape")
        self.session.invite.request("MESSAGE", self._calls.clock(), (), body, content_type)
        self._calls.changed()

    def transfer(self, target: str) -> None:
        """Before the answer send the caller to `target` by a 302; afterwards that is not possible here."""
        channel = self.session.channel
        if not self.is_incoming or channel is None or channel.is_up:
            _LOG.warning("%s: a call that is up cannot be transferred to %r", self.session.endpoint.id, target)
            return
        uri = (
            target if target.lower().startswith(("sip:", "sips:")) else f"sip:{target}@{self._calls.host(self.session)}"
        )
        self.session.invite.reject(302, self._calls.clock(), (("Contact", f"<{uri}>"),))
        self._calls.changed()

    def bridged(self, peer: Channel | None) -> None:
        """Learn whom it is joined to."""

    def read_variable(self, name: str) -> str | None:
        """Return what `CHANNEL(name)` reads of the call."""
        return read_variable(self.session, name)

    # -- before the answer

    def _ring(self) -> None:
        invite, now, options = self.session.invite, self._calls.clock(), self._calls.options
        if self.session.endpoint.inband_progress:
            self._progress()
            self._play("ring")
        elif not self._has_media_begun or (options is not None and options.allow_sending_180_after_183):
            invite.progress(180, now)

    def _progress(self) -> None:
        if not self._has_media_begun:
            self._has_media_begun = True
            self.session.invite.progress(183, self._calls.clock(), sdp=self._local_sdp())

    def _local_sdp(self) -> bytes:
        media = self.session.media
        return media.local_sdp or media.offer()

    def _play(self, tone: str) -> None:
        if (
            self._sounds is not None
            and self.session.media.audio is not None
            and self.session.media.audio.codec in _PLAYABLE
        ):
            self.session.media.audio.play(self._sounds.tone(tone))

    # -- after it

    def _hold(self, on: bool) -> None:
        """Pass hold on to the peer with `moh_passthrough`; else it hears nothing, as there is no music here."""
        if self.session.endpoint.moh_passthrough:
            media = self.session.media
            media.hold(on)
            self.session.invite.modify(self._calls.clock(), media.offer)


_PLAYABLE = ("ulaw", "alaw")


class ChannelSupplement(SessionSupplement):
    """Make the channel of an incoming call, and tell it what becomes of an outgoing one."""

    methods = frozenset({"INVITE"})
    priority = CHANNEL_PRIORITY

    def __init__(self, calls: Calls, channels: Channels, sounds: Sounds | None) -> None:
        self._calls, self._channels, self._sounds = calls, channels, sounds

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Make the channel at the first INVITE."""
        if session.channel is not None:
            return PASS
        endpoint = session.endpoint
        session.channel = self._channels.create(
            endpoint.id,
            PjsipTechnology(session, self._calls, self._sounds),
            context=endpoint.context,
            exten=session.exten,
            caller=caller(session),
            dialed=session.exten,
            formats=session.media.formats,
            state=ChannelState.RING,
            **_attributes(endpoint),
        )
        for name, value in endpoint.set_var.items():
            session.channel.set_variable(name, value)
        return PASS

    def incoming_response(self, session: CallSession, response: Response) -> None:
        """Tell the channel."""
        tell_response(session, response)


class PjsipDriver:
    """Makes channels to endpoints and their contacts."""

    name = "PJSIP"

    def __init__(self, calls: Calls, targets: Targets, channels: Channels, sounds: Sounds | None) -> None:
        self._calls, self._targets, self._channels, self._sounds = calls, targets, channels, sounds

    async def request(
        self, resource: str, *, caller: Channel | None, formats: Sequence[str], variables: Mapping[str, str]
    ) -> Channel:
        """Return a channel to `endpoint`, `endpoint/sip:uri` or `contact@endpoint`; raises `CannotCall`."""
        target = await self._targets.find(resource)
        endpoint = target.endpoint
        session = self._calls.make(endpoint, target.destinations[0], aor=target.aor, contact=target.contact)
        technology = PjsipTechnology(session, self._calls, self._sounds, target)
        session.channel = channel = self._channels.create(
            endpoint.id, technology, context=endpoint.context, formats=tuple(formats), **_attributes(endpoint)
        )
        for name, value in {**endpoint.set_var, **variables}.items():
            channel.set_variable(name, value)
        return channel


def _attributes(endpoint: Endpoint) -> dict[str, Any]:
    return {"language": endpoint.language or "en", "account": endpoint.accountcode}
