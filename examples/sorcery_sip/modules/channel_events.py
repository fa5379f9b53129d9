"""What happens to a call, as its channel hears of it: the PBX knows no SIP."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence

from sorcery.plain import plain
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.multipart import sdp_of
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri, TelUri
from sorcery_sip.modules.hangup_causes import cause_of, cause_of_status
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.events import (
    Answered,
    DtmfBegin,
    DtmfEnd,
    HangupRequested,
    Hold,
    Progress,
    RedirectRequested,
    Ringing,
    Unhold,
)
from sorcery_sip.pbx.media import Dtmf
from sorcery_sip.session.events import Ended

__all__ = ["tell_end", "tell_hold", "tell_redirect", "tell_response", "wire_media"]

_LOG = logging.getLogger(__name__)


def tell_response(session: CallSession, response: Response) -> None:
    """Post what a response to the first INVITE means."""
    channel = session.channel
    if channel is None or channel.is_hung_up:
        return
    if response.status in (180, 183):
        has_media = sdp_of(response) is not None
        if response.status == 180 and not has_media:
            channel.post(Ringing())
        elif has_media or not session.endpoint.ignore_183_without_sdp:
            channel.post(Progress(has_media))
    elif response.is_success and not channel.is_up:
        channel.post(Answered())
    elif response.status >= 400:
        channel.post(HangupRequested(cause_of_status(response.status), f"SIP {response.status}"))


def tell_redirect(session: CallSession, contacts: Sequence[NameAddr]) -> None:
    """Post where the called party wants the call to go: an extension, or a URI by way of the same endpoint."""
    channel = session.channel
    uri = contacts[0].uri if contacts else None
    if channel is None or uri is None:
        return
    if session.endpoint.redirect_method == "uri_core":
        channel.post(RedirectRequested(f"PJSIP/{session.endpoint.id}/{uri}", channel.redirecting))
        return
    exten = uri.user if isinstance(uri, SipUri) else uri.number if isinstance(uri, TelUri) else None
    if exten and "/" in exten:  # as a dial string it would name a channel past the dialplan
        _LOG.warning("%s sends the call on to %s: %r is no extension", channel.name, plain(str(uri)), plain(exten))
    elif exten:
        channel.post(RedirectRequested(exten, channel.redirecting))


def tell_hold(session: CallSession, was_holding: bool) -> None:
    """Post that the peer put the call on hold, or resumed it."""
    is_holding = session.media.remote_is_holding
    if session.channel is not None and is_holding is not was_holding:
        session.channel.post(Hold() if is_holding else Unhold())


def tell_end(session: CallSession, ended: Ended) -> None:
    """Post that the call is over; of a request that ended it the Reason header counts."""
    if session.channel is not None:
        cause = cause_of_status(ended.status)
        if isinstance(ended.message, Request):
            cause = cause_of(ended.message, cause)
        session.channel.post(HangupRequested(cause, f"SIP {ended.status}" if ended.status >= 300 else ""))


def wire_media(session: CallSession) -> None:
    """Have the channel told of digits, and of silence for longer than the endpoint bears."""
    audio = session.media.audio
    if audio is not None:
        audio.on_dtmf(functools.partial(_tell_dtmf, session))
        audio.on_timeout(functools.partial(_tell_silence, session))


def _tell_dtmf(session: CallSession, dtmf: Dtmf) -> None:
    if session.channel is None:
        return
    if dtmf.ended:
        session.channel.post(DtmfEnd(dtmf.digit, dtmf.milliseconds, dtmf.relayed))
    else:
        session.channel.post(DtmfBegin(dtmf.digit, dtmf.relayed))


def _tell_silence(session: CallSession) -> None:
    if session.channel is not None:
        _LOG.info("%s is hung up: no audio has come for as long as its endpoint bears", session.channel.name)
        session.channel.post(HangupRequested(Cause.REQUESTED_CHAN_UNAVAIL))
