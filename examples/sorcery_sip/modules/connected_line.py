"""The party at the other end is another now: how the peer of a call is told (RFC 5876)."""

from __future__ import annotations

from sorcery_sip.modules.identity import may_be_told
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.party import Party

__all__ = ["tell_connected_line"]


def tell_connected_line(session: CallSession, party: Party, now: float, *, is_early: bool) -> None:
    """Tell the peer, where its endpoint may know; who it is the caller id supplement writes into the message.

    `is_early` says that the peer called and has no answer yet: then only `rpid_immediate` tells it, by a 1xx. Else it
    is an UPDATE without SDP where the peer takes that, else a re-INVITE with what is agreed, once the call is up.
    """
    endpoint, invite = session.endpoint, session.invite
    if not endpoint.send_connected_line or not (endpoint.send_pai or endpoint.send_rpid):
        return
    if not may_be_told(party, endpoint):
        return
    if is_early:
        if endpoint.rpid_immediate:
            invite.progress(183 if endpoint.inband_progress else 180, now)
    elif invite.peer_allows("UPDATE"):
        invite.modify(now, None, "UPDATE")
    elif session.channel is not None and session.channel.is_up:
        invite.modify(now, lambda: session.media.local_sdp)
