"""What plugs into a media session: a handler for each media type, which makes the streams of that type.

Streams are values. A negotiation makes the next ones beside those in force, so that one that fails changes nothing;
`begin` is called once they count.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import attrs

from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.sdp import Codec, MediaDescription

__all__ = ["Closable", "MediaStream", "RemoteMedia", "SdpHandler", "Terms"]


class Closable(Protocol):
    """What receives a stream: a pair of sockets."""

    def close(self) -> None:
        """Give the sockets back; may be called twice."""


@attrs.frozen(slots=True)
class RemoteMedia:
    """Where a peer takes audio in, and the codecs agreed with it: what direct media hands to the other leg."""

    host: str
    port: int
    codecs: tuple[Codec, ...]


@attrs.frozen(slots=True, kw_only=True)
class Terms:
    """What a negotiation takes place under, beside the endpoint's options."""

    address: MediaAddress
    is_holding: bool = False
    """Whether we put the peer on hold."""
    direct: RemoteMedia | None = None
    """Where the peer is to send its audio instead of to us."""
    codecs: tuple[Codec, ...] | None = None
    """What the other leg has, which limits this one: nobody transcodes. None where there is no other leg."""
    all_codecs: bool = False
    """Whether an offer names all that the endpoint allows, rather than what is in use."""
    accepted: int = 0
    """How many streams of the same media type come before this one."""


class MediaStream(Protocol):
    """One stream as agreed, or as offered."""

    @property
    def local(self) -> MediaDescription:
        """What we write of it."""

    @property
    def port(self) -> Closable:
        """What receives it; the same object for as long as the stream keeps its place."""

    @property
    def remote_is_holding(self) -> bool:
        """Whether the peer takes nothing in."""

    def begin(self) -> None:
        """Let what was agreed count."""

    def pause(self) -> None:
        """Send nothing and expect nothing, the port stays open: another stream took the place."""


S = TypeVar("S", bound=MediaStream)


class SdpHandler(Protocol[S]):
    """Makes the streams of one media type; it is given back only those that it made."""

    media: str
    """What stands first in the `m=` line: `audio`, `video`, `image`."""

    def answer(self, offered: MediaDescription, before: S | None, terms: Terms) -> S | None:
        """Return what answers an offered stream, None to decline it.

        `before` is the stream that had this place, whose port is kept. Raises `NegotiationFailed` when the whole
        offer has to be refused, `NoPorts` and `OSError` when there is no port.
        """

    def offer(self, before: S | None, terms: Terms) -> S | None:
        """Return a stream to offer, None when there is nothing to; raises as `answer`."""

    def apply(self, offered: S, answered: MediaDescription, terms: Terms) -> S | None:
        """Return the stream that an answer makes of an offered one, None when it cannot be used; raises as `answer`."""
