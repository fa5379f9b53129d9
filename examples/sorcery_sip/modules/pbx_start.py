"""The last supplement of an incoming call: the dialplan begins."""

from __future__ import annotations

from sorcery_sip.events import RequestReceived
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import LAST_PRIORITY, PASS, Decision, SessionSupplement, refuse
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.pbx import Pbx

__all__ = ["PbxStart"]


class PbxStart(SessionSupplement):
    """Start the PBX on the channel that the first INVITE made."""

    methods = frozenset({"INVITE"})
    priority = LAST_PRIORITY

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx

    def incoming_request(self, session: CallSession, received: RequestReceived) -> Decision:
        """Let the dialplan run, from the extension that was called; 503 without a channel."""
        request, channel = received.request, session.channel
        if request.to.tag is not None:
            return PASS
        if channel is None:
            return refuse(503, "PBX: there is no channel")
        if isinstance(request.uri, SipUri):
            channel.set_variable("SIPDOMAIN", request.uri.host)
        self._pbx.start(channel)
        return PASS
