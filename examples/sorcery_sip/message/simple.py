"""Header values of one number or one word: CSeq, Expires, Max-Forwards, Content-Type and the like."""

from __future__ import annotations

import re

import attrs

from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message.params import NO_PARAMS, Params, parse_params
from sorcery_sip.message.remembered import remembered

__all__ = ["TOKEN", "CSeq", "MediaType", "number_or_none", "parse_number"]

TOKEN = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
"""RFC 3261 25.1 `token`, in full match."""

_CSEQ = re.compile(r"([0-9]+)\s+([A-Za-z0-9.!%*_+`'~-]+)")
_MEDIA = re.compile(r"([^\s/;,\"]+)\s*/\s*([^\s/;,\"]+)\s*((?:;.*)?)", re.DOTALL)
_MAX = 2**32 - 1


@attrs.frozen(slots=True)
class CSeq:
    """The number that orders the requests of a dialog, and the method (RFC 3261 20.16)."""

    number: int
    method: str

    @classmethod
    def parse(cls, text: str) -> CSeq:
        """Parse a value; numbers are below 2**31 (RFC 3261 8.1.1.5). Raises `HeaderError`."""
        return _parse_cseq(text)

    def __str__(self) -> str:
        return f"{self.number} {self.method}"


@remembered
def _parse_cseq(text: str) -> CSeq:
    match = _CSEQ.fullmatch(text)
    if match is None:
        raise HeaderError("CSeq", text, "write a number and a method")
    if len(match[1].lstrip("0")) > 10 or int(match[1]) >= 2**31:
        raise HeaderError("CSeq", text, "the number has to be below 2147483648")
    return CSeq(int(match[1]), match[2])


@attrs.frozen(slots=True)
class MediaType:
    """A type of body, in lower case, with its parameters (RFC 3261 20.15)."""

    type: str
    subtype: str
    params: Params = NO_PARAMS

    @classmethod
    def parse(cls, text: str) -> MediaType:
        """Parse a value. Raises `HeaderError`."""
        match = _MEDIA.fullmatch(text)
        if match is None:
            raise HeaderError("Content-Type", text, "write type/subtype")
        try:
            return cls(match[1].lower(), match[2].lower(), parse_params(match[3]))
        except ParseError as error:
            raise HeaderError("Content-Type", text, error.reason) from None

    @property
    def essence(self) -> str:
        """Type and subtype, without parameters."""
        return f"{self.type}/{self.subtype}"

    def __str__(self) -> str:
        return f"{self.essence}{self.params}"


def parse_number(name: str, text: str, maximum: int = _MAX) -> int:
    """Parse the value of header `name`, a number up to `maximum`. Raises `HeaderError`."""
    number = number_or_none(text)
    if number is None or number > maximum or len(text.lstrip("0")) > 10:
        raise HeaderError(name, text, f"write a number within 0 to {maximum}")
    return number


def number_or_none(text: str | None) -> int | None:
    """Return a number cut to 2**32 - 1, None for anything else: malformed Expires count as absent."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    return _MAX if len(text.lstrip("0")) > 10 else min(int(text), _MAX)
