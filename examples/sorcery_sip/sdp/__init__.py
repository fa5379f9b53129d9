"""Session descriptions: values, parser, writer, codecs, and the rules of offer and answer."""

from sorcery_sip.sdp.codecs import CODECS, TELEPHONE_EVENT, Codec, numbered, read_codecs, rtp_attributes
from sorcery_sip.sdp.description import Connection, Direction, MediaDescription, Origin, SessionDescription
from sorcery_sip.sdp.parser import parse_sdp
from sorcery_sip.sdp.writer import write_sdp

__all__ = [
    "CODECS",
    "TELEPHONE_EVENT",
    "Codec",
    "Connection",
    "Direction",
    "MediaDescription",
    "Origin",
    "SessionDescription",
    "numbered",
    "parse_sdp",
    "read_codecs",
    "rtp_attributes",
    "write_sdp",
]
