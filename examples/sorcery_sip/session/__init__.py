"""Sessions that INVITE makes, without sockets, clock, chance or threads (RFC 3261 13-15, 3262, 3264, 3311, 4028)."""

from sorcery_sip.session.agent import UserAgent
from sorcery_sip.session.events import (
    Accepted,
    Answered,
    Cancelled,
    Challenged,
    Confirmed,
    Ended,
    Offered,
    OfferFailed,
    OfferWanted,
    Progressed,
    Redirected,
    Refreshed,
    Rejected,
    RequestInDialog,
    ResponseInDialog,
    SessionEvent,
)
from sorcery_sip.session.invite_session import InviteSession
from sorcery_sip.session.network import Network
from sorcery_sip.session.profile import OutgoingInvite, Profile
from sorcery_sip.session.state import State

__all__ = [
    "Accepted",
    "Answered",
    "Cancelled",
    "Challenged",
    "Confirmed",
    "Ended",
    "InviteSession",
    "Network",
    "OfferFailed",
    "OfferWanted",
    "Offered",
    "OutgoingInvite",
    "Profile",
    "Progressed",
    "Redirected",
    "Refreshed",
    "Rejected",
    "RequestInDialog",
    "ResponseInDialog",
    "SessionEvent",
    "State",
    "UserAgent",
]
