"""A SIP stack that reads the configuration a running Asterisk reads.

Layers, arrows one way: `message` <- `transaction` <- `stack` <- `dialog` <- `session`, with `auth` as a helper of
pure functions. None of them has a socket, a clock or chance in it; `io`, `client` and `phone` put these around. What is
exported here is what a user of the stack needs; typed header values live in `sorcery_sip.message`.
"""

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError, NoResponse, NoTransport, ParseError, SipError, UriError
from sorcery_sip.events import (
    Cancelled,
    Dropped,
    Event,
    Refused,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message import Headers, Request, Response, parse_uri, reply
from sorcery_sip.stack import Stack
from sorcery_sip.transaction import ClientTransaction, ServerTransaction, Timers

__all__ = [
    "Address",
    "Cancelled",
    "ClientTransaction",
    "Dropped",
    "Event",
    "HeaderError",
    "Headers",
    "NoResponse",
    "NoTransport",
    "ParseError",
    "Refused",
    "Request",
    "RequestReceived",
    "Response",
    "ResponseReceived",
    "ServerTransaction",
    "SipError",
    "Stack",
    "Timers",
    "TransactionTimedOut",
    "TransportFailed",
    "UriError",
    "parse_uri",
    "reply",
]
