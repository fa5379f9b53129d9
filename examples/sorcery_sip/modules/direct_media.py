"""Direct media: two phones that speak through us send their audio to one another, where both endpoints allow it."""

from __future__ import annotations

from typing import Literal

import attrs

from sorcery_sip.modules.sdp_handlers import RemoteMedia
from sorcery_sip.modules.session import CallSession

__all__ = ["follow", "join", "part"]


@attrs.define(slots=True, eq=False)
class _Direct:
    """Whom a call is joined to, and where its phone was told to send."""

    peer: CallSession
    told: RemoteMedia | None = None
    is_held_back: bool = False
    """Whether the first re-INVITE is left to the other side, so that they do not cross."""


def join(session: CallSession, peer: CallSession, now: float) -> None:
    """Let the phone of a call send to that of the call it is joined to, by a re-INVITE or UPDATE."""
    endpoint = session.endpoint
    side = "incoming" if session.invite.is_incoming else "outgoing"
    held_back = endpoint.direct_media_glare_mitigation == side
    session.remembered[_Direct] = _Direct(peer, is_held_back=held_back)
    if not held_back:
        _tell(session, now)


def part(session: CallSession, now: float) -> None:
    """Let the phone send to us again."""
    direct: _Direct | None = session.remembered.pop(_Direct, None)
    if direct is not None and direct.told is not None:
        _offer(session, None, now)


def follow(session: CallSession, now: float) -> None:
    """Tell the phone at the other end that this one takes its audio in elsewhere now, if it does."""
    direct: _Direct | None = session.remembered.get(_Direct)
    if direct is not None and _Direct in direct.peer.remembered:
        direct.peer.remembered[_Direct].is_held_back = False
        _tell(direct.peer, now)


def _tell(session: CallSession, now: float) -> None:
    direct: _Direct = session.remembered[_Direct]
    wanted = _wanted(session, direct.peer)
    if wanted != direct.told:
        direct.told = wanted
        _offer(session, wanted, now)


def _offer(session: CallSession, wanted: RemoteMedia | None, now: float) -> None:
    session.media.direct(wanted)
    session.invite.modify(now, session.media.offer, _method(session))


def _method(session: CallSession) -> Literal["INVITE", "UPDATE"]:
    is_update = session.endpoint.direct_media_method == "update" and session.invite.peer_allows("UPDATE")
    return "UPDATE" if is_update else "INVITE"


def _wanted(session: CallSession, peer: CallSession) -> RemoteMedia | None:
    """Return where the peer's phone takes audio in; None where it has to pass through us."""
    remote = peer.media.remote_media
    if remote is None or not (_allows(session) and _allows(peer)):
        return None
    names = {codec.name for codec in session.media.codecs}
    codecs = tuple(codec for codec in remote.codecs if codec.name in names or codec.is_event)
    return attrs.evolve(remote, codecs=codecs) if any(not codec.is_event for codec in codecs) else None


def _allows(session: CallSession) -> bool:
    """Tell whether nothing needs the audio of a call to pass through us."""
    endpoint, remote = session.endpoint, session.media.remote_media
    if not endpoint.direct_media or remote is None or session.media.dtmf == "inband":
        return False
    return not endpoint.disable_direct_media_on_nat or remote.host == session.invite.peer.host
