"""A call as the modules see it, and the checks that an INVITE passes before there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from sorcery.pjsip import Aor, Contact, Endpoint, Transport
from sorcery_sip.modules.serializer import Serializer

if TYPE_CHECKING:
    from sorcery_sip.modules.media_session import MediaSession
    from sorcery_sip.modules.settings import Settings
    from sorcery_sip.pbx.channel import Channel
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["CallSession"]


@attrs.define(slots=True, eq=False, kw_only=True)
class CallSession:
    """One leg of a call: the SIP session, its media and its channel, made with one endpoint object.

    The endpoint is the one of the call's beginning, whatever a reload makes of it meanwhile.
    """

    endpoint: Endpoint
    settings: Settings
    invite: InviteSession
    media: MediaSession
    transport: Transport | None
    """The section of the socket that the call came in on, or goes out by."""
    channel: Channel | None = None
    """None before there is one, and after it is gone."""
    aor: Aor | None = None
    """Of an outgoing call, where it was dialed by one."""
    contact: Contact | None = None
    """Of an outgoing call, where it was dialed by one."""
    exten: str = ""
    """The extension an incoming call is for."""
    serializer: Serializer = attrs.field(factory=Serializer)
    remembered: dict[type[Any], Any] = attrs.field(factory=dict)
    """What supplements remember about the call, each by a type of its own."""
