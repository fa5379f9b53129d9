"""Octets as session descriptions (RFC 8866), read once and checked: what comes out can be negotiated."""

from __future__ import annotations

from sorcery_sip.errors import SdpError, shorten
from sorcery_sip.sdp.description import Connection, Direction, MediaDescription, Origin, SessionDescription

__all__ = ["MAX_FORMATS", "MAX_MEDIA", "parse_sdp"]

MAX_MEDIA = 16
"""Most `m=` lines of a description."""
MAX_FORMATS = 72
"""Most formats of an `m=` line."""

_DIRECTIONS = {direction.value: direction for direction in Direction}


def parse_sdp(data: bytes) -> SessionDescription:
    """Parse a description. Lines that calls do not need are passed over.

    Raises `SdpError` for a line that breaks the grammar, when `v=`, `o=` or `s=` is missing, an active stream has no
    address or no format, or a payload number has no meaning.
    """
    parser = _Parser()
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").split("\n"), 1):
        if line and line != "\r":
            parser.line(number, line.rstrip("\r"))
    return parser.finish()


class _Parser:
    """Take the lines in order. `_section` is what the current line belongs to: the session, then stream by stream."""

    def __init__(self) -> None:
        self._origin: Origin | None = None
        self._name: str | None = None
        self._session = self._section = _Section(0, None)
        self._streams: list[_Section] = []

    def line(self, number: int, line: str) -> None:
        kind, value = line[:2], line[2:]
        if kind == "a=":
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
        if self._origin is None or self._name is None:
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

    def __init__(self, number: int, head: list[str] | None) -> None:
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
        media, port, protocol, *formats = self.head or ()
        description = MediaDescription(
            media=media,
            port=int(port),
            protocol=protocol,
            formats=tuple(formats),
            connection=self.connection or session.connection,
            direction=self.direction or session.direction or Direction.SENDRECV,
            attributes=tuple(self.attributes),
        )
        if description.port:
            _check(self.number, description)
        return description


def _media(number: int, value: str) -> list[str]:
    words = value.split()
    if len(words) < 4:
        raise SdpError(number, f"m={shorten(value)} lacks something; write m=MEDIA PORT PROTOCOL FORMATS")
    if len(words) > 3 + MAX_FORMATS:
        raise SdpError(number, f"more than {MAX_FORMATS} formats in an m= line")
    words[1] = port = words[1].partition("/")[0]
    if not (port.isascii() and port.isdigit() and len(port) < 6 and int(port) < 65536):
        raise SdpError(number, f"{shorten(port)} is no port; write a number from 0 to 65535")
    return words


def _connection(number: int, value: str) -> Connection:
    words = value.split()
    if len(words) != 3 or words[0] != "IN" or words[1] not in ("IP4", "IP6"):
        raise SdpError(number, f"c={shorten(value)} is no connection; write IN IP4 ADDRESS or IN IP6 ADDRESS")
    return Connection(words[2].partition("/")[0], words[1] == "IP6")


def _origin(number: int, value: str) -> Origin:
    words = value.split()
    if len(words) != 6:
        raise SdpError(number, f"o={shorten(value)} is no origin; write USER ID VERSION IN IP4 ADDRESS")
    return Origin(words[0], _number(words[1]), _number(words[2]), words[5])


def _number(text: str) -> int:
    """Read what should be a number and decides nothing: what is none counts as 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else 0


def _check(number: int, media: MediaDescription) -> None:
    """Refuse a stream nobody could send to, and payload numbers without a meaning."""
    if media.connection is None:
        raise SdpError(number, f"the {media.media} stream has no address; write a c= line")
    if "RTP/" not in media.protocol:
        return
    for format in media.formats:
        if not format.isascii() or not format.isdigit() or len(format) > 3 or int(format) > 127:
            raise SdpError(number, f"{shorten(format)} is no payload type; write a number from 0 to 127")
