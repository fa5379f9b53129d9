"""Codecs: Asterisk's names for formats, and what `rtpmap` and `fmtp` call them (RFC 3551, RFC 4855)."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable

import attrs

from sorcery_sip.sdp.description import Attributes, MediaDescription

__all__ = ["CODECS", "TELEPHONE_EVENT", "Codec", "numbered", "read_codecs", "rtp_attributes", "telephone_event"]

TELEPHONE_EVENT = "telephone-event"
_EVENTS = "0-16"
_LONGEST_KEPT = 512


@attrs.frozen(slots=True)
class Codec:
    """A format on the wire: Asterisk's name for it, and the number that stands for it in the packets of one call."""

    name: str
    """As `allow` writes it: `ulaw`, `g722`, `opus`; or `telephone-event`."""
    encoding: str
    """As `rtpmap` writes it: `PCMU`, `G722`, `opus`."""
    clock_rate: int
    """Ticks per second of the RTP timestamp."""
    channels: int = 1
    payload_type: int = -1
    """The number in the packets; in `CODECS` the one that is taken where it is free."""
    fmtp: str = ""
    """What the `fmtp` line says after the number."""
    ptime: int = 20
    """Milliseconds per packet."""
    maxptime: int = 0
    """The most milliseconds per packet; 0 where that has no meaning."""
    media: str = "audio"

    @property
    def is_event(self) -> bool:
        """Whether this is no sound or picture, but digits beside it (RFC 4733)."""
        return self.name == TELEPHONE_EVENT

    @property
    def rtpmap(self) -> str:
        """What the `rtpmap` line says after the number."""
        text = f"{self.encoding}/{self.clock_rate}"
        return text if self.channels == 1 else f"{text}/{self.channels}"


def _audio(
    name: str,
    encoding: str,
    rate: int,
    number: int,
    maxptime: int,
    fmtp: str = "",
    *,
    ptime: int = 20,
    channels: int = 1,
) -> Codec:
    return Codec(name, encoding, rate, channels, number, fmtp, ptime, maxptime)


def _video(name: str, encoding: str, number: int) -> Codec:
    return Codec(name, encoding, 90000, payload_type=number, ptime=0, media="video")


CODECS = {
    codec.name: codec
    for codec in (
        _audio("ulaw", "PCMU", 8000, 0, 140),
        _audio("alaw", "PCMA", 8000, 8, 140),
        _audio("g722", "G722", 8000, 9, 140),  # which samples at 16000: an error of RFC 1890 that stayed (RFC 3551)
        _audio("gsm", "GSM", 8000, 3, 300),
        _audio("g723", "G723", 8000, 4, 300, ptime=30),
        _audio("adpcm", "DVI4", 8000, 5, 300),
        _audio("lpc10", "LPC", 8000, 7, 20),
        _audio("g729", "G729", 8000, 18, 220, "annexb=no"),
        _audio("ilbc", "iLBC", 8000, 97, 300, "mode=20"),
        _audio("amr", "AMR", 8000, 98, 20),
        _audio("amrwb", "AMR-WB", 16000, 113, 20),
        _audio("codec2", "CODEC2", 8000, 114, 300),
        _audio("g726", "G726-32", 8000, 111, 300),
        _audio("g726aal2", "AAL2-G726-32", 8000, 112, 300),
        _audio("siren7", "G7221", 16000, 102, 80, "bitrate=32000"),
        _audio("siren14", "G7221", 32000, 115, 80, "bitrate=48000"),
        _audio("g719", "G719", 48000, 116, 80),
        _audio("opus", "opus", 48000, 107, 60, channels=2),
        _audio("speex", "speex", 8000, 110, 60),
        _audio("speex16", "speex", 16000, 117, 60),
        _audio("speex32", "speex", 32000, 119, 60),
        _audio("slin", "L16", 8000, 10, 60),
        _audio("slin12", "L16", 12000, 122, 60),
        _audio("slin16", "L16", 16000, 118, 60),
        _audio("slin24", "L16", 24000, 123, 60),
        _audio("slin32", "L16", 32000, 124, 60),
        _audio("slin44", "L16", 44100, 125, 60),
        _audio("slin48", "L16", 48000, 126, 60),
        _audio("slin96", "L16", 96000, 127, 60),
        _audio("slin192", "L16", 192000, 96, 60),
        _video("h261", "H261", 31),
        _video("h263", "H263", 34),
        _video("h263p", "h263-1998", 103),
        _video("h264", "H264", 99),
        _video("h265", "H265", 109),
        _video("mpeg4", "MP4V-ES", 104),
        _video("vp8", "VP8", 100),
        _video("vp9", "VP9", 108),
    )
}
"""Every format that goes in RTP, by Asterisk's name, with the numbers that Asterisk gives."""

_BY_RTPMAP = {codec.rtpmap.lower(): codec for codec in CODECS.values()} | {"g722/16000": CODECS["g722"]}
_STATIC = {
    str(CODECS[name].payload_type): CODECS[name]
    for name in ("ulaw", "alaw", "g722", "gsm", "g723", "adpcm", "lpc10", "g729", "h261", "h263")
}
_FREE = (*range(96, 128), *range(35, 64))
"""The numbers for what has none of its own, in the order in which they are given out."""


def telephone_event(clock_rate: int, number: int = 101) -> Codec:
    """Return the format of digits beside sound of that clock rate."""
    return Codec(TELEPHONE_EVENT, TELEPHONE_EVENT, clock_rate, 1, number, _EVENTS, 0)


def read_codecs(media: MediaDescription, *, g726_is_aal2: bool = False) -> tuple[Codec, ...]:
    """Return the codecs of a line that we know, in its order and with its numbers; digits are among them.

    `g726_is_aal2` takes `G726-32` for the packing of AAL2 (`g726_non_standard`).
    """
    maps, parameters = _by_number(media, "rtpmap"), _by_number(media, "fmtp")
    found = [_remembered(number, maps.get(number, ""), parameters.get(number, "")) for number in media.formats]
    codecs = tuple([codec for codec in found if codec is not None and codec.media == media.media])
    if g726_is_aal2 and any(codec.name == "g726" for codec in codecs):
        return tuple([attrs.evolve(codec, name="g726aal2") if codec.name == "g726" else codec for codec in codecs])
    return codecs


def _by_number(media: MediaDescription, name: str) -> dict[str, str]:
    """Return what the attributes of that name say, by the number they begin with."""
    pairs = [value.strip().partition(" ") for key, value in media.attributes if key == name and value]
    return {number: text for number, _, text in pairs}


def _remembered(number: str, rtpmap: str, fmtp: str) -> Codec | None:
    """Return what `_codec` does; texts that no phone has are not kept, for they may be as long as a datagram."""
    return (_codec if len(rtpmap) + len(fmtp) <= _LONGEST_KEPT else _codec.__wrapped__)(number, rtpmap, fmtp)


@functools.lru_cache(maxsize=4096)  # a value of its arguments alone, and phones ask for the same few over and over
def _codec(number: str, rtpmap: str, fmtp: str) -> Codec | None:
    """Return the codec that a number stands for, None when we know none; a line without `rtpmap` means RFC 3551."""
    if not _is_number(number):
        return None
    text = rtpmap.strip().lower().removesuffix("/1")
    encoding, _, rate = text.partition("/")
    if encoding == TELEPHONE_EVENT:
        return telephone_event(int(rate), int(number)) if _is_number(rate) else None
    known = _BY_RTPMAP.get(text) if text else _STATIC.get(number)
    if known is None or not _fits(known, fmtp):
        return None
    return attrs.evolve(known, payload_type=int(number), fmtp=known.fmtp if known.name == "g729" else fmtp.strip())


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 7


def _fits(known: Codec, fmtp: str) -> bool:
    """Tell whether a G.722.1 has the bit rate that its name means; other parameters bind the peers, not a relay."""
    return known.encoding != "G7221" or "bitrate" not in fmtp or known.fmtp in fmtp.replace(" ", "")


def numbered(codecs: Iterable[Codec], before: Collection[Codec] = ()) -> tuple[Codec, ...]:
    """Give each codec its number for an offer of ours.

    What the stream has had a number for keeps it, `before` (RFC 3264 8.3.2); else it is the usual one, or the next
    that is free. A codec is left out when no number is.
    """
    known = {(codec.name, codec.clock_rate): codec.payload_type for codec in before}
    taken = set(known.values())
    result = []
    for codec in codecs:
        number = known.get((codec.name, codec.clock_rate), -1)
        if number < 0:
            usual = (codec.payload_type,) if codec.payload_type >= 0 else ()
            number = next((free for free in (*usual, *_FREE) if free not in taken), -1)
            taken.add(number)
        if number >= 0:
            result.append(codec if number == codec.payload_type else attrs.evolve(codec, payload_type=number))
    return tuple(result)


def rtp_attributes(codecs: Iterable[Codec], ptime: int = 0) -> Attributes:
    """Return the attributes that say what a stream carries: `rtpmap`, `fmtp`, `ptime` unless it is 0, `maxptime`."""
    attributes: list[tuple[str, str | None]] = []
    maxptime = 0
    for codec in codecs:
        attributes.append(("rtpmap", f"{codec.payload_type} {codec.rtpmap}"))
        if codec.fmtp:
            attributes.append(("fmtp", f"{codec.payload_type} {codec.fmtp}"))
        if codec.maxptime:
            maxptime = min(maxptime or codec.maxptime, codec.maxptime)
    if ptime:
        attributes.append(("ptime", str(ptime)))
    if maxptime:
        attributes.append(("maxptime", str(maxptime)))
    return tuple(attributes)
