"""Octets as session descriptions (RFC 8866), read once and checked: what comes out can be negotiated."""

from __future__ import annotations

from sorcery_sip.errors import SdpError, shorten
from sorcery_sip.sdp.description import Connection, Direction, MediaDescription, Origin, SessionDescription

__all__ = ["MAX_FORMATS", "MAX_MEDIA", "parse_sdp"]

MAX_MEDIA = 16
"""Most `m=` lines of a description: an answer has to have as many."""
MAX_FORMATS = 72
"""Most formats of an `m=` line that are looked at."""

_Head = tuple[str, int, str, tuple[str, ...]]
"""An `m=` line: media, port, protocol, formats."""
_DIRECTIONS = {direction.value: direction for direction in Direction}


def parse_sdp(data: bytes) -> SessionDescription:
    """Parse a description. Lines that calls do not need are passed over.

    Raises `SdpError` for a line that breaks the grammar, when `o=` or `s=` is missing, an active stream has no address,
    or a payload number has no meaning.
    """
    parser = _Parser()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        line = line.rstrip("\r")
        if "\r" in line:
            raise SdpError(number, f"{shorten(line)} has a line end in it; write CR and LF, or LF alone")
        if line:
            parser.line(number, line)
    return parser.finish()


class _Parser:
    """Take the lines in order. `_section` is what the current line belongs to: the session, then stream by stream."""

    def __init__(self) -> None:
        self._origin: Origin | None = None
        self._name: str | None = None
        self._session = self._section = _Section(0, ("", 0, "", ()))
        self._streams: list[_Section] = []

    def line(self, number: int, line: str) -> None:
        kind, value = line[:2], line[2:]
        if kind == "a=":
            if not value:
                raise SdpError(number, "an attribute has no name; write a=NAME or a=NAME:VALUE")
            self._section.attribute(value)
        elif kind == "m=":
            if len(self._streams) == MAX_MEDIA:
                raise SdpError(number, f"more than {MAX_MEDIA} m= lines")
            self._section = _Section(number, _media(number, value))
            self._streams.append(self._section)
        elif kind == "c=":
            self._section.connection = _connection(number, value)
        elif kind == "o=":
            self._origin = _origin(number, value)
        elif kind == "s=":
            self._name = value
        elif kind == "v=":
            if value.strip() != "0":
                raise SdpError(number, f"version {shorten(value)} is unknown; write v=0")
        elif kind[1:] != "=":
            raise SdpError(number, f"{shorten(line)} is no line of a description; write a letter, '=' and a value")

    def finish(self) -> SessionDescription:
        if self._origin is None or not self._name:
            raise SdpError(0, f"there is no {'o=' if self._origin is None else 's='} line")
        session = self._session
        return SessionDescription(
            origin=self._origin,
            name=self._name,
            media=tuple([stream.finish(session) for stream in self._streams]),
            attributes=tuple(session.attributes),
        )


class _Section:
    """What the lines of the session, or of one stream, have said so far."""

    __slots__ = ("attributes", "connection", "direction", "head", "number")

    def __init__(self, number: int, head: _Head) -> None:
        self.number, self.head = number, head
        self.connection: Connection | None = None
        self.direction: Direction | None = None
        self.attributes: list[tuple[str, str | None]] = []

    def attribute(self, text: str) -> None:
        name, colon, value = text.partition(":")
        if colon:
            self.attributes.append((name, value))
        elif name in _DIRECTIONS:
            self.direction = _DIRECTIONS[name]
        else:
            self.attributes.append((name, None))

    def finish(self, session: _Section) -> MediaDescription:
        media, port, protocol, formats = self.head
        description = MediaDescription(
            media=media,
            port=port,
            protocol=protocol,
            formats=formats,
            connection=self.connection or session.connection,
            direction=self.direction or session.direction or Direction.SENDRECV,
            attributes=tuple(self.attributes),
        )
        if description.port:
            _check(self.number, description)
        return description


def _media(number: int, value: str) -> _Head:
    words = value.split()
    if len(words) < 4:
        raise SdpError(number, f"m={shorten(value)} lacks something; write m=MEDIA PORT PROTOCOL FORMATS")
    del words[3 + MAX_FORMATS :]
    port = words[1].partition("/")[0]
    if not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536):
        raise SdpError(number, f"{shorten(port)} is no port; write a number from 0 to 65535")
    return words[0], int(port), words[2], tuple(words[3:])


def _connection(number: int, value: str) -> Connection:
    words = value.split()
    if len(words) != 3 or words[0] != "IN" or words[1] not in ("IP4", "IP6"):
        raise SdpError(number, f"c={shorten(value)} is no connection; write IN IP4 ADDRESS or IN IP6 ADDRESS")
    return Connection(words[2].partition("/")[0], words[1] == "IP6")


def _origin(number: int, value: str) -> Origin:
    words = value.split()
    if len(words) != 6:
        raise SdpError(number, f"o={shorten(value)} is no origin; write USER ID VERSION IN IP4 ADDRESS")
    for word in words[1:3]:
        if not (word.isascii() and word.isdigit() and len(word) <= 20):
            raise SdpError(number, f"{shorten(word)} in an o= line is no number")
    return Origin(words[0], int(words[1]), int(words[2]), words[5])


def _check(number: int, media: MediaDescription) -> None:
    """Refuse a stream nobody could send to, and payload numbers without a meaning."""
    if media.connection is None:
        raise SdpError(number, f"the {media.media} stream has no address; write a c= line")
    mapped = [value.strip().partition(" ")[0] for name, value in media.attributes if name == "rtpmap" and value]
    for payload in media.formats:
        if not (payload.isascii() and payload.isdigit()):
            continue
        if len(payload) > 3 or int(payload) > 127:
            raise SdpError(number, f"{shorten(payload)} is no payload type; write a number from 0 to 127")
        if len(payload) > 1 and int(payload) >= 96 and payload not in mapped:
            raise SdpError(number, f"payload type {payload} means nothing by itself; write an rtpmap line for it")
