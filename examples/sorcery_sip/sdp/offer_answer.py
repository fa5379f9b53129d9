"""The rules of offer and answer (RFC 3264), as Asterisk applies them: which codecs, which direction, which profile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from sorcery_sip.errors import NegotiationFailed, shorten
from sorcery_sip.sdp.codecs import Codec, telephone_event
from sorcery_sip.sdp.description import Direction, MediaDescription, Origin

__all__ = [
    "Profile",
    "answered_codecs",
    "codecs_to_answer",
    "codecs_to_offer",
    "events_to_answer",
    "events_to_offer",
    "next_origin",
    "our_direction",
    "peer_direction",
]

_WITHOUT_RECEIVING = {Direction.SENDRECV: Direction.SENDONLY, Direction.RECVONLY: Direction.INACTIVE}


def codecs_to_answer(offered: Sequence[Codec], allowed: Sequence[Codec], preference: str) -> tuple[Codec, ...]:
    """Return the offered codecs that are allowed, each once, with the offer's number and the packet time of ours.

    `preference` is `local` for the order of `allowed`, `remote` for that of the offer; with `_first` only the first.
    """
    names = {codec.name: codec for codec in allowed}
    common: dict[str, Codec] = {}
    for codec in offered:
        ours = names.get(codec.name)
        if ours is not None and codec.name not in common:
            common[codec.name] = codec if codec.ptime == ours.ptime else attrs.evolve(codec, ptime=ours.ptime)
    if preference.startswith("local"):
        common = {name: common[name] for name in names if name in common}
    chosen = tuple(common.values())
    return chosen[:1] if preference.endswith("_first") else chosen


def codecs_to_offer(
    allowed: Sequence[Codec], others: Sequence[Codec] | None, preference: str = "local"
) -> tuple[Codec, ...]:
    """Return the codecs to offer to one leg of a call when the other has `others`; all that are allowed without it.

    As nobody transcodes, only what both have is offered: the merging preferences differ in their order alone.
    Parameters are those of the other leg, for what they ask of a sender is asked of the far end.
    """
    if others is None:
        return tuple(allowed)
    theirs = {codec.name: codec for codec in others if not codec.is_event}
    ours = {codec.name: codec for codec in allowed}
    order = theirs if preference.startswith("remote") else ours
    common = [_with_fmtp(ours[name], theirs[name].fmtp) for name in order if name in theirs and name in ours]
    return tuple(common[:1] if preference.endswith("_first") else common)


def _with_fmtp(codec: Codec, fmtp: str) -> Codec:
    return codec if codec.fmtp == fmtp else attrs.evolve(codec, fmtp=fmtp)


def events_to_answer(offered: Iterable[Codec], chosen: Iterable[Codec]) -> tuple[Codec, ...]:
    """Return the offered digit formats that go with the chosen codecs: of their clock rates and of 8000, each once."""
    rates = {8000, *[codec.clock_rate for codec in chosen]}
    events: dict[int, Codec] = {}
    for codec in offered:
        if codec.is_event and codec.clock_rate in rates:
            events.setdefault(codec.clock_rate, codec)
    return tuple(events.values())


def events_to_offer(codecs: Iterable[Codec]) -> tuple[Codec, ...]:
    """Return the digit formats to offer beside codecs: one for each clock rate in use, and one of 8000."""
    rates = dict.fromkeys((*[codec.clock_rate for codec in codecs], 8000))
    return tuple([telephone_event(rate) for rate in rates])


def answered_codecs(offered: Iterable[Codec], answered: Iterable[Codec]) -> tuple[tuple[Codec, Codec], ...]:
    """Return which codecs an answer chose of an offer of ours: with our number, and with the peer's.

    The order is the answer's. What was not offered is left out, whatever the answer says.
    """
    ours = {(codec.name, codec.clock_rate): codec for codec in offered}
    pairs: dict[tuple[str, int], tuple[Codec, Codec]] = {}
    for codec in answered:
        key = (codec.name, codec.clock_rate)
        if key in ours:
            pairs.setdefault(key, (ours[key], codec))
    return tuple(pairs.values())


def peer_direction(media: MediaDescription) -> Direction:
    """Return the direction that a peer's line means: one who gives no address to send to receives nothing."""
    if media.connection is not None and media.connection.is_unspecified:
        return _WITHOUT_RECEIVING.get(media.direction, media.direction)
    return media.direction


def our_direction(theirs: Direction, *, is_holding: bool) -> Direction:
    """Return the direction that answers the peer's; `is_holding` says that we take nothing in."""
    ours = theirs.reverse
    return _WITHOUT_RECEIVING.get(ours, ours) if is_holding else ours


def next_origin(ours: Origin | None, theirs: Origin | None, number: int) -> Origin:
    """Return the origin of what we write next, after `ours` and the peer's last one; `number` begins a first offer.

    As Asterisk does, it has the id of the peer once that has said something, and a higher version.
    """
    if theirs is None:
        return Origin("-", number, number, "") if ours is None else ours.next
    if ours is not None and ours.session_id == theirs.session_id and ours.version > theirs.version:
        return ours.next
    return theirs.next


@attrs.frozen(slots=True, kw_only=True)
class Profile:
    """What transport of media an endpoint wants, and how strictly. There is no SRTP: what needs it is refused."""

    encryption: str = "no"
    """`no`, `sdes` or `dtls`."""
    is_optimistic: bool = False
    """Whether plain media will do where encryption was wanted."""
    avpf: bool = False
    """Whether RTCP feedback is wanted (RFC 4585)."""
    as_received: bool = False
    """Whether a peer's word on feedback counts, and not ours."""

    @property
    def protocol(self) -> str:
        """What an offer of ours says; raises `NegotiationFailed` where it would have to be SRTP."""
        self._check_encryption()
        return "RTP/AVPF" if self.avpf else "RTP/AVP"

    def accepts(self, protocol: str) -> bool:
        """Tell whether a stream of that protocol can be served; False declines the stream alone.

        Raises `NegotiationFailed` where the whole description has to be refused: for SRTP, offered or wanted, and when
        feedback is wanted by one side only.
        """
        if "SAVP" in protocol or protocol.startswith("UDP/TLS"):
            raise NegotiationFailed(488, f"{shorten(protocol)} needs SRTP, which is not available; offer RTP/AVP")
        self._check_encryption()
        if not self.as_received and protocol.endswith("F") is not self.avpf:
            wanted = "RTP/AVPF (use_avpf=yes)" if self.avpf else "RTP/AVP (use_avpf=no)"
            raise NegotiationFailed(488, f"{shorten(protocol)} is not what is agreed to; offer {wanted}")
        return protocol in ("RTP/AVP", "RTP/AVPF")

    def _check_encryption(self) -> None:
        if self.encryption != "no" and not self.is_optimistic:
            raise NegotiationFailed(488, f"media_encryption={self.encryption} needs SRTP, which is not available")
