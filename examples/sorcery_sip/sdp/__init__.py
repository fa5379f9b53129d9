"""Session descriptions: values, parser, writer, codecs, and the rules of offer and answer."""

from sorcery_sip.sdp.codecs import TELEPHONE_EVENT, Codec
from sorcery_sip.sdp.description import Connection, Direction, MediaDescription, Origin, SessionDescription
from sorcery_sip.sdp.parser import parse_sdp
from sorcery_sip.sdp.writer import write_sdp

__all__ = [
    "TELEPHONE_EVENT",
    "Codec",
    "Connection",
    "Direction",
    "MediaDescription",
    "Origin",
    "SessionDescription",
    "parse_sdp",
    "write_sdp",
]
