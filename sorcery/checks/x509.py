"""What a certificate file says, as far as rules need it: when it holds, and whether a key fits it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs

__all__ = ["NotACertificate", "Validity", "key_fits", "validity"]

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_SEQUENCE, _EXPLICIT_0, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


class NotACertificate(ValueError):
    """A file that holds no certificate in PEM form."""


@attrs.frozen(slots=True)
class Validity:
    """From when to when a certificate holds."""

    start: datetime
    end: datetime


def validity(path: str) -> Validity:
    """Read the first certificate of a PEM file; raises `NotACertificate`, and `OSError` for an unreadable file."""
    if not Path(path).is_file():
        raise NotACertificate("it is no file")  # devices and pipes have no end
    text = Path(path).read_text("ascii", "replace")
    begin, end = text.find(_BEGIN), text.find(_END)
    if begin < 0 or end < begin:
        raise NotACertificate("it holds no certificate in PEM form")
    try:
        der = ssl.PEM_cert_to_DER_cert(text[begin : end + len(_END)])
        return _validity(der)
    except (ValueError, IndexError, StopIteration) as error:
        raise NotACertificate("its certificate cannot be read") from error


def key_fits(certificate: str, key: str, password: str) -> bool:
    """Tell whether a key belongs to a certificate; True also where the key cannot be opened with the password."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=lambda: password)
    except ssl.SSLError as error:
        return error.reason not in ("KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH")
    except (OSError, ValueError):
        return True
    return True


def _validity(der: bytes) -> Validity:
    """Walk to the validity: of the certificate's first part, behind version, serial number, algorithm and issuer."""
    _, certificate = next(_elements(der))
    _, body = next(_elements(certificate))
    parts = [element for element in _elements(body) if element[0] != _EXPLICIT_0]
    tag, times = parts[3]
    if tag != _SEQUENCE:
        raise ValueError("no validity")
    start, end = (_time(tag, content) for tag, content in _elements(times))
    return Validity(start, end)


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield tag and content of each element (X.690 section 8.1)."""
    at = 0
    while at < len(der):
        tag, size, at = der[at], der[at + 1], at + 2
        if size & 0x80:
            count = size & 0x7F
            size, at = int.from_bytes(der[at : at + count], "big"), at + count
        if at + size > len(der):
            raise ValueError("an element is longer than what holds it")
        yield tag, der[at : at + size]
        at += size


def _time(tag: int, content: bytes) -> datetime:
    """Read a time; years of two digits are those from 1950 to 2049 (RFC 5280 section 4.1.2.5)."""
    text = content.decode("ascii")
    if tag == _UTC_TIME:
        text = f"{'19' if text[:2] >= '50' else '20'}{text}"
    elif tag != _GENERALIZED_TIME:
        raise ValueError("no time")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
