"""Session descriptions as values (RFC 8866): what the lines of an SDP say, as far as calls need it."""

from __future__ import annotations

import enum

import attrs

__all__ = ["Attributes", "Connection", "Direction", "MediaDescription", "Origin", "SessionDescription"]

Attributes = tuple[tuple[str, str | None], ...]
"""The `a=` lines in order: names and values, None for a flag."""


class Direction(enum.Enum):
    """Which way media flows, as the party sees it that writes the line."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Whether the writer of the line sends."""
        return self is Direction.SENDRECV or self is Direction.SENDONLY

    @property
    def receives(self) -> bool:
        """Whether the writer of the line receives."""
        return self is Direction.SENDRECV or self is Direction.RECVONLY

    @property
    def reverse(self) -> Direction:
        """The same flow as the other party sees it."""
        return _REVERSE.get(self, self)


_REVERSE = {Direction.SENDONLY: Direction.RECVONLY, Direction.RECVONLY: Direction.SENDONLY}


@attrs.frozen(slots=True)
class Origin:
    """The `o=` line: who made the description, of which session, and which version it is."""

    username: str
    session_id: int
    version: int
    address: str

    @property
    def next(self) -> Origin:
        """The origin of the version after this one."""
        return Origin(self.username, self.session_id, self.version + 1, self.address)


@attrs.frozen(slots=True)
class Connection:
    """The `c=` line: an IPv4 or IPv6 address without brackets, or a host name, and the address family."""

    host: str
    is_ipv6: bool = False

    @property
    def is_unspecified(self) -> bool:
        """Whether this is `0.0.0.0` or `::`: nothing may be sent there, which is how RFC 2543 says hold."""
        return self.host in ("0.0.0.0", "::")


@attrs.frozen(slots=True, kw_only=True)
class MediaDescription:
    """An `m=` line and what belongs to it; what stands for the whole session is in every line.

    A stream that is declined or ended has `port` 0.
    """

    media: str
    port: int
    protocol: str
    formats: tuple[str, ...]
    connection: Connection | None = None
    direction: Direction = Direction.SENDRECV
    attributes: Attributes = ()

    @property
    def is_declined(self) -> bool:
        """Whether this stream carries nothing."""
        return self.port == 0

    @property
    def declined(self) -> MediaDescription:
        """The line that declines this one: same media, protocol and formats, port 0, nothing else."""
        return MediaDescription(media=self.media, port=0, protocol=self.protocol, formats=self.formats)

    def get(self, name: str) -> str | None:
        """Return the value of the first attribute of that name; None for a flag, and for an absent one."""
        for key, value in self.attributes:
            if key == name:
                return value
        return None

    def __contains__(self, name: object) -> bool:
        return any(key == name for key, _ in self.attributes)


@attrs.frozen(slots=True, kw_only=True)
class SessionDescription:
    """A whole description: its origin and name, and its streams, whose order matters."""

    origin: Origin
    name: str = "-"
    media: tuple[MediaDescription, ...] = ()
    attributes: Attributes = ()
    """Those above the first `m=` line, the direction aside, which is in every line."""
