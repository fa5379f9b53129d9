"""What the PBX says to a channel, told to its peer in SIP."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import attrs

from sorcery_sip.errors import NegotiationFailed, UnsupportedFormat
from sorcery_sip.modules import direct_media
from sorcery_sip.modules.calls import Calls
from sorcery_sip.modules.channel_variables import read_variable
from sorcery_sip.modules.connected_line import tell_connected_line
from sorcery_sip.modules.dtmf_info import relay_body
from sorcery_sip.modules.hangup_causes import reason_fields, status_of_cause
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.t38 import T38Supplement
from sorcery_sip.modules.targets import Target
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel, ChannelState
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.events import HangupRequested
from sorcery_sip.pbx.media import MediaPort, Playing, Sounds
from sorcery_sip.pbx.technology import Indication
from sorcery_sip.sdp import Codec

__all__ = ["PjsipTechnology", "Surroundings"]

_LOG = logging.getLogger(__name__)
_REFUSALS = {Indication.BUSY: 486, Indication.CONGESTION: 503, Indication.INCOMPLETE: 484}
_TONES = {Indication.BUSY: "busy", Indication.CONGESTION: "congestion", Indication.INCOMPLETE: "congestion"}


@attrs.frozen(slots=True, eq=False)
class Surroundings:
    """What the channels of one server need of it."""

    calls: Calls
    channels: Channels
    sounds: Sounds
    t38: T38Supplement


class PjsipTechnology:
    """The driver's side of one channel; see `pbx.technology.Technology`."""

    name = "PJSIP"

    def __init__(
        self,
        session: CallSession,
        surroundings: Surroundings,
        target: Target | None = None,
        dialed_by: Channel | None = None,
    ) -> None:
        """Serve the channel of `session`; an outgoing call has a `target`, and whoever dialed it."""
        self.session = session
        self._calls, self._sounds, self._t38 = surroundings.calls, surroundings.sounds, surroundings.t38
        self._target, self._dialed_by = target, dialed_by
        self._has_media_begun = False
        """Whether our answer went out in a 1xx."""
        self._tone: Playing | None = None
        """What the peer hears in place of a response."""

    @property
    def media(self) -> MediaPort | None:
        """Return the port of the audio stream."""
        return self.session.media.audio

    @property
    def is_incoming(self) -> bool:
        """Whether the peer called us."""
        return self._target is None

    @property
    def _is_early(self) -> bool:
        """Whether the peer called us and has no answer yet."""
        channel = self.session.channel
        return self.is_incoming and channel is not None and not channel.is_up

    def call(self) -> None:
        """Send the INVITE."""
        session, channel = self.session, self.session.channel
        if self._target is None or channel is None or session.has_begun:
            return
        channel.state = ChannelState.DIALING
        try:
            self._calls.place(session, self._target, channel.connected, self._wanted_codecs() or channel.formats)
        except NegotiationFailed as error:
            _LOG.error("%s: nothing can be offered: %s", session.endpoint.id, error)
            channel.post(HangupRequested(Cause.BEARERCAPABILITY_NOTAVAIL))
        except ValueError as error:  # a stored text with a line end in it
            _LOG.error("%s: the INVITE cannot be written: %s", session.endpoint.id, error)
            channel.post(HangupRequested(Cause.NORMAL_TEMPORARY_FAILURE))

    def answer(self) -> None:
        """Send the 200."""
        self._stop_tone()
        session = self.session
        try:
            session.invite.accept(self._calls.clock(), sdp=self._local_sdp())
        except NegotiationFailed as error:
            _LOG.error("%s: no session description can be made: %s", session.endpoint.id, error)
            self._calls.fail(session, Cause.BEARERCAPABILITY_NOTAVAIL)
        self._calls.changed()

    def hangup(self, cause: int) -> None:
        """Refuse, cancel or end the call."""
        session = self.session
        session.media.close()
        if session.has_begun:
            reasons = reason_fields(cause, session.endpoint)
            session.invite.hangup(self._calls.clock(), status_of_cause(cause), reasons)
            session.let_go()
            self._calls.changed()

    def indicate(self, what: Indication, data: Any = None) -> None:
        """Tell the peer: by a response before the answer, after it by what fits."""
        session, channel, now = self.session, self.session.channel, self._calls.clock()
        if channel is None or not session.has_begun:
            return
        is_early = self._is_early
        match what:
            case Indication.RINGING if is_early:
                self._ring()
            case Indication.PROGRESS if is_early:
                self._stop_tone()
                self._progress()
            case Indication.REDIRECTING if is_early:
                channel.redirecting = data
                session.invite.progress(181, now)
            case Indication.BUSY | Indication.CONGESTION | Indication.INCOMPLETE if is_early:
                reasons = reason_fields(channel.hangup_cause, session.endpoint)
                session.invite.reject(_REFUSALS[what], now, reasons)
            case Indication.BUSY | Indication.CONGESTION | Indication.INCOMPLETE:
                self._play(_TONES[what])
            case Indication.HOLD | Indication.UNHOLD if not is_early:
                self._hold(what is Indication.HOLD)
            case Indication.T38:
                self._t38.tell(session, data)
            case Indication.CONNECTED_LINE:
                tell_connected_line(session, data, now, is_early=is_early)
        self._calls.changed()

    def send_dtmf(self, digit: str, ms: int) -> None:
        """Send a digit the way that was agreed: as an event of RTP, a tone, or an INFO."""
        media = self.session.media
        if media.dtmf == "info":
            self._request("INFO", relay_body(digit, ms), "application/dtmf-relay")
        elif media.audio is not None and media.dtmf != "none":
            try:
                media.audio.send_dtmf(digit, ms)
            except (UnsupportedFormat, ValueError) as error:  # a hook flash, or tones without G.711
                _LOG.warning("%s: a digit is not sent: %s", self.session.endpoint.id, error)

    def send_text(self, text: str, content_type: str = "text/plain") -> None:
        """Send a MESSAGE in the dialog."""
        self._request("MESSAGE", text.encode("utf-8", "surrogateescape"), content_type)

    def _request(self, method: str, body: bytes, content_type: str) -> None:
        """Send a request in the dialog; as long as there is none, nothing."""
        session = self.session
        if session.has_begun and session.invite.dialog is not None:
            session.invite.request(method, self._calls.clock(), (), body, content_type)
            self._calls.changed()

    def bridged(self, peer: Channel | None) -> None:
        """Join what is not audio, and bring the two phones together where they may send to one another."""
        session, now = self.session, self._calls.clock()
        technology = peer.technology if peer is not None else None
        other = technology.session if isinstance(technology, PjsipTechnology) else None
        session.peer = other
        self._t38.bridged(session, other)
        if other is None:
            session.media.part()
            direct_media.part(session, now)
        else:
            session.media.join(other.media)
            session.fit_to_peer(now)
            direct_media.join(session, other, now)
        self._calls.changed()

    def read_variable(self, name: str) -> str | None:
        """Return what `CHANNEL(name)` reads of the call."""
        return read_variable(self.session, name)

    def _wanted_codecs(self) -> Sequence[Codec]:
        """Return the codecs of who dials, with all that was agreed on about them; none when that is no SIP call."""
        technology = self._dialed_by.technology if self._dialed_by is not None else None
        return technology.session.media.codecs if isinstance(technology, PjsipTechnology) else ()

    def limit_caller(self) -> None:
        """Let the answer to who dialed this call name no codec that is not agreed here: nothing is transcoded."""
        dialed_by = self._dialed_by
        if dialed_by is not None and not dialed_by.is_up and isinstance(dialed_by.technology, PjsipTechnology):
            dialed_by.technology.answer_with(self.session.media.codecs)

    def answer_with(self, codecs: Sequence[Codec]) -> None:
        """Limit our answer, or the offer that we are asked for, to these; not one that is out, or that none fits."""
        session, media = self.session, self.session.media
        if self._has_media_begun:
            return
        try:
            if session.invite.offer is None:
                media.offer(codecs)
            elif not {codec.name for codec in codecs}.issuperset(media.formats):
                media.answer_again(codecs)
        except NegotiationFailed as error:
            _LOG.warning("%s has no codec of the party that it called: %s", session.endpoint.id, error)

    def _ring(self) -> None:
        """Say 180, or with `inband_progress` let the caller hear it; after a 183 another one, or 180 if allowed."""
        if self.session.endpoint.inband_progress:
            self._progress()
            self._play("ring")
        elif not self._has_media_begun or self._calls.options.allow_sending_180_after_183:
            self.session.invite.progress(180, self._calls.clock())
        else:
            self.session.invite.progress(183, self._calls.clock(), sdp=self._local_sdp())

    def _progress(self) -> None:
        """Say 183 with our answer, once."""
        if not self._has_media_begun:
            self._has_media_begun = True
            self.session.invite.progress(183, self._calls.clock(), sdp=self._local_sdp())

    def _local_sdp(self) -> bytes:
        """Return our answer, or the offer that the INVITE asked for by having none."""
        return self.session.media.local_sdp or self.session.media.offer()

    def _play(self, tone: str) -> None:
        self._stop_tone()
        audio = self.session.media.audio
        if audio is not None:
            try:
                self._tone = audio.play(self._sounds.tone(tone))
            except UnsupportedFormat as error:
                _LOG.info("%s: no %s tone is heard: %s", self.session.endpoint.id, tone, error)

    def _stop_tone(self) -> None:
        if self._tone is not None:
            self._tone.stop()
            self._tone = None

    def _hold(self, on: bool) -> None:
        """Pass hold on to the peer with `moh_passthrough`; else it hears nothing, as there is no music here."""
        session = self.session
        if session.endpoint.moh_passthrough:
            session.media.hold(on)
            session.invite.modify(self._calls.clock(), session.media.offer)
