"""Session descriptions as octets."""

from __future__ import annotations

from sorcery_sip.sdp.description import Connection, Direction, MediaDescription, Origin, SessionDescription

__all__ = ["write_sdp"]

_NOWHERE = Connection("0.0.0.0")
_DIRECTION_LINES = {direction: f"a={direction.value}" for direction in Direction}


def write_sdp(description: SessionDescription) -> bytes:
    """Serialise a description; the first stream's `c=` line stands for all, others only where theirs differs.

    Raises `ValueError` where a text has a line end in it.
    """
    shared = next((m.connection for m in description.media if m.connection is not None), _NOWHERE)
    lines = [
        "v=0",
        f"o={_origin(description.origin)}",
        f"s={description.name}",
        f"c={_connection(shared)}",
        "t=0 0",
    ]
    lines += [_attribute(name, value) for name, value in description.attributes]
    for media in description.media:
        _write_media(media, shared, lines)
    text = "\r\n".join(lines)
    if text.count("\n") != len(lines) - 1 or text.count("\r") != len(lines) - 1:
        raise ValueError("a text in a session description has a line end in it")
    return f"{text}\r\n".encode("utf-8", "surrogateescape")


def _write_media(media: MediaDescription, shared: Connection, lines: list[str]) -> None:
    lines.append(f"m={media.media} {media.port} {media.protocol} {' '.join(media.formats)}")
    if media.connection is not None and media.connection != shared:
        lines.append(f"c={_connection(media.connection)}")
    for name, value in media.attributes:
        lines.append(_attribute(name, value))
    if media.port:
        lines.append(_DIRECTION_LINES[media.direction])


def _attribute(name: str, value: str | None) -> str:
    return f"a={name}" if value is None else f"a={name}:{value}"


def _origin(origin: Origin) -> str:
    family = "IP6" if ":" in origin.address else "IP4"
    return f"{origin.username} {origin.session_id} {origin.version} IN {family} {origin.address}"


def _connection(connection: Connection) -> str:
    return f"IN {'IP6' if connection.is_ipv6 else 'IP4'} {connection.host}"
