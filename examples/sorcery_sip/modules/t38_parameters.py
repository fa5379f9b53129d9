"""What fax machines agree on over T.38: the attributes of an `m=image … udptl t38` line (T.38 annex D)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import attrs

from sorcery_sip.sdp import MediaDescription

__all__ = ["T38Parameters"]

_RATES = (14400, 12000, 9600, 7200, 4800, 2400)
_TRANSFERRED, _LOCAL = "transferredTCF", "localTCF"
_SCHEMES = {"t38udpfec": "fec", "t38udpredundancy": "redundancy"}
_WRITTEN_SCHEMES = {"fec": "t38UDPFEC", "redundancy": "t38UDPRedundancy"}


@attrs.frozen(slots=True, kw_only=True)
class T38Parameters:
    """The abilities of one side."""

    version: int = 0
    max_bit_rate: int = 14400
    """Bits per second."""
    fill_bit_removal: bool = False
    transcoding_mmr: bool = False
    transcoding_jbig: bool = False
    rate_management: str = _TRANSFERRED
    """`transferredTCF`, or `localTCF`."""
    max_datagram: int = 0
    """The most octets that it takes in one datagram; 0 where it does not say."""
    error_correction: str = "none"
    """As `t38_udptl_ec` has it: `none`, `fec`, `redundancy`."""

    @classmethod
    def parse(cls, media: MediaDescription) -> Self:
        """Read the attributes, their names in any case; what cannot be read counts as not written."""
        found = {name.lower(): (value or "").strip() for name, value in media.attributes}
        return cls(
            version=_number(found.get("t38faxversion"), 0),
            max_bit_rate=_rate(found.get("t38maxbitrate")),
            fill_bit_removal=_flag(found.get("t38faxfillbitremoval")),
            transcoding_mmr=_flag(found.get("t38faxtranscodingmmr")),
            transcoding_jbig=_flag(found.get("t38faxtranscodingjbig")),
            rate_management=_LOCAL if found.get("t38faxratemanagement", "").lower() == "localtcf" else _TRANSFERRED,
            max_datagram=_number(found.get("t38faxmaxdatagram"), 0),
            error_correction=_SCHEMES.get(found.get("t38faxudpec", "").lower(), "none"),
        )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Make them of what `values` returned on the other side of a bridge; unknown names are passed over."""
        known = {field.name for field in attrs.fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})

    def values(self) -> dict[str, str | int | bool]:
        """Return them by name, for those who know no SDP."""
        return attrs.asdict(self)

    def common(self, other: T38Parameters) -> T38Parameters:
        """Return what both can do; limits and error correction stay those of this side."""
        return attrs.evolve(
            self,
            version=min(self.version, other.version),
            max_bit_rate=min(self.max_bit_rate, other.max_bit_rate),
            fill_bit_removal=self.fill_bit_removal and other.fill_bit_removal,
            transcoding_mmr=self.transcoding_mmr and other.transcoding_mmr,
            transcoding_jbig=self.transcoding_jbig and other.transcoding_jbig,
            rate_management=other.rate_management,
        )

    def corrected_as(self, other: T38Parameters, *, always: bool = False) -> T38Parameters:
        """Return these with the error correction of `other` where both have it, or `always`; else without any."""
        is_same = always or self.error_correction == other.error_correction
        return attrs.evolve(self, error_correction=other.error_correction if is_same else "none")

    def attributes(self) -> tuple[tuple[str, str | None], ...]:
        """Return the attributes to write."""
        flags = (
            ("T38FaxFillBitRemoval", self.fill_bit_removal),
            ("T38FaxTranscodingMMR", self.transcoding_mmr),
            ("T38FaxTranscodingJBIG", self.transcoding_jbig),
        )
        scheme = _WRITTEN_SCHEMES.get(self.error_correction)
        return (
            ("T38FaxVersion", str(self.version)),
            ("T38MaxBitRate", str(self.max_bit_rate)),
            *((name, None) for name, is_set in flags if is_set),
            ("T38FaxRateManagement", self.rate_management),
            *((("T38FaxMaxDatagram", str(self.max_datagram)),) if self.max_datagram else ()),
            *((("T38FaxUdpEC", scheme),) if scheme is not None else ()),
        )


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else default


def _rate(text: str | None) -> int:
    """Return the highest rate there is that is not above the one written."""
    written = _number(text, _RATES[0])
    return next((rate for rate in _RATES if rate <= written), _RATES[-1])


def _flag(text: str | None) -> bool:
    """Read a flag: it is set by standing there, unless it says 0."""
    return text is not None and text != "0"
