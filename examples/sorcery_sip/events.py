"""What the stack tells its user, in the order in which it happened."""

from __future__ import annotations

import attrs

from sorcery_sip.address import Address
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.server import ServerTransaction

__all__ = [
    "Cancelled",
    "Dropped",
    "Event",
    "Refused",
    "RequestReceived",
    "ResponseReceived",
    "TransactionTimedOut",
    "TransportFailed",
]


@attrs.frozen(slots=True)
class RequestReceived:
    """A new request; its repeats are absorbed until it is answered, and after.

    The top Via carries where it really came from. `transaction` is None for an ACK, which has no answer: it is the
    one to a 2xx, since those to other responses end in their transactions.

    Via, From, To, Call-ID and CSeq are known to be well-formed. Other fields are parsed when they are read and may
    then raise `HeaderError`, which calls for a 400.
    """

    request: Request
    source: Address
    transaction: ServerTransaction | None


@attrs.frozen(slots=True)
class Cancelled:
    """The peer no longer wants an answer to the INVITE of `transaction`, which has had no final one yet: 487 fits.

    The CANCEL, `received`, is answered already.
    """

    transaction: ServerTransaction
    received: RequestReceived


@attrs.frozen(slots=True)
class ResponseReceived:
    """A response to the request of `transaction`; None when nothing that still lives asked for it.

    A request gets one final response; an INVITE may get several 2xx, repeats among them, each of which calls for an
    ACK (RFC 6026).
    """

    response: Response
    source: Address
    transaction: ClientTransaction | None


@attrs.frozen(slots=True)
class TransactionTimedOut:
    """No final response came in time: the same to the user as a 408 (RFC 3261 8.1.3.1).

    That is timer B for an INVITE without any response, 64 times T1 for one that was cancelled, else timer F.
    """

    transaction: ClientTransaction


@attrs.frozen(slots=True)
class TransportFailed:
    """The network refused what a transaction sent: the same to the user as a 503 (RFC 3261 8.1.3.1).

    The transaction has ended, save that of an INVITE that we answer: it may tell so again (RFC 6026 8.7).
    """

    transaction: ClientTransaction | ServerTransaction


@attrs.frozen(slots=True)
class Refused:
    """A malformed request that was answered with `status` already."""

    status: int
    reason: str
    source: Address


@attrs.frozen(slots=True)
class Dropped:
    """A datagram nothing could be made of."""

    reason: str
    source: Address


Event = RequestReceived | Cancelled | ResponseReceived | TransactionTimedOut | TransportFailed | Refused | Dropped
