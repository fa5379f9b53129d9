"""Messages as values: grammar, without state and time."""

from sorcery_sip.message.authorization import Challenge, Credentials
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.params import Params
from sorcery_sip.message.parser import parse_datagram
from sorcery_sip.message.reply import reply
from sorcery_sip.message.simple import CSeq, MediaType
from sorcery_sip.message.uri import OtherUri, SipUri, TelUri, Uri, parse_uri
from sorcery_sip.message.via import Via
from sorcery_sip.message.writer import write

__all__ = [
    "CSeq",
    "Challenge",
    "Credentials",
    "Headers",
    "MediaType",
    "NameAddr",
    "OtherUri",
    "Params",
    "Request",
    "Response",
    "SipUri",
    "TelUri",
    "Uri",
    "Via",
    "parse_datagram",
    "parse_uri",
    "reply",
    "write",
]
