"""What sessions tell their owner, in the order in which it happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import attrs

from sorcery_sip.events import RequestReceived, ResponseReceived
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = [
    "Accepted",
    "Answered",
    "By",
    "Cancelled",
    "Challenged",
    "Confirmed",
    "Ended",
    "OfferFailed",
    "OfferWanted",
    "Offered",
    "Progressed",
    "Redirected",
    "Refreshed",
    "Rejected",
    "RequestInDialog",
    "ResponseInDialog",
    "SessionEvent",
]

By = Literal["remote", "local", "timeout", "failure"]
"""Who ended a session: the peer, its owner here, time, or something that went wrong."""


@attrs.frozen(slots=True)
class SessionEvent:
    """Something that happened to a session."""

    session: InviteSession = attrs.field(repr=False)


@attrs.frozen(slots=True)
class Progressed(SessionEvent):
    """A 1xx other than 100 to our INVITE; `sdp` is the answer it brought, None when it brought none that counts."""

    response: Response
    sdp: bytes | None


@attrs.frozen(slots=True)
class Accepted(SessionEvent):
    """The 2xx to our INVITE. `sdp` is the answer it brought, None when a 1xx brought it, or none is due."""

    response: Response
    sdp: bytes | None


@attrs.frozen(slots=True)
class Rejected(SessionEvent):
    """The refusal of our INVITE, when nothing is left to try; `Ended` follows."""

    response: Response


@attrs.frozen(slots=True)
class Redirected(SessionEvent):
    """A 3xx to our INVITE that the session does not follow itself; `Ended` comes next."""

    response: Response
    contacts: tuple[NameAddr, ...]


@attrs.frozen(slots=True)
class Challenged(SessionEvent):
    """A 401 or 407: the session waits for `authenticate` or `give_up`. That of a BYE comes after `Ended`."""

    response: Response
    request: Request


@attrs.frozen(slots=True)
class Offered(SessionEvent):
    """The peer offers; the session waits for `answer_offer` or `refuse_offer`.

    `method` is that of the request which brought the offer, or which is to bring the answer to an offer in a response:
    "INVITE", "UPDATE", "PRACK", "ACK".
    """

    received: RequestReceived | ResponseReceived
    sdp: bytes
    method: str


@attrs.frozen(slots=True)
class OfferWanted(SessionEvent):
    """A re-INVITE without an offer asks for ours, by `answer_offer`; or `refuse_offer`."""

    received: RequestReceived


@attrs.frozen(slots=True)
class Answered(SessionEvent):
    """The answer to an offer of ours other than the one in our first INVITE, which `Progressed` or `Accepted` bring."""

    sdp: bytes


@attrs.frozen(slots=True)
class OfferFailed(SessionEvent):
    """A change that we asked for was refused: what was agreed before stays. `status` is the refusal's."""

    status: int


@attrs.frozen(slots=True)
class Refreshed(SessionEvent):
    """The session goes on unchanged: the peer's refresh, or the response to ours."""

    message: Request | Response


@attrs.frozen(slots=True)
class Confirmed(SessionEvent):
    """The ACK to the first 2xx has come, or gone."""


@attrs.frozen(slots=True)
class RequestInDialog(SessionEvent):
    """A request that is the owner's to answer, by `respond`: INFO, MESSAGE, REFER, NOTIFY and the like."""

    received: RequestReceived


@attrs.frozen(slots=True)
class ResponseInDialog(SessionEvent):
    """The final response to what `request` sent: made here (408, 503) when nobody answered."""

    response: Response
    request: Request


@attrs.frozen(slots=True)
class Cancelled(SessionEvent):
    """The peer took an INVITE back, which is answered 487 already: the first one (`Ended` follows), or a re-INVITE."""

    received: RequestReceived


@attrs.frozen(slots=True)
class Ended(SessionEvent):
    """The session is over; this comes once for each, and after it at most `Challenged` for its BYE.

    `status` is what the INVITE was answered with or the failure that ended it, 200 for a call that was hung up;
    `message` the BYE, CANCEL or response that did it.
    """

    by: By
    status: int
    message: Request | Response | None
    reason: str
    """For people."""
