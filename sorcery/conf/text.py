"""Bytes as text: a `.conf` file has no encoding, and every byte must survive.

Strings are bytes decoded as UTF-8 with `surrogateescape`. Only the 33 bytes from 00 to 20 hex are blank and
only A-Z fold, so the Unicode-aware methods of `str` (`strip()`, `lower()`) must not be used on them unguarded.
"""

from __future__ import annotations

__all__ = ["BLANKS", "cut", "decode", "encode", "fold", "rejoin"]

BLANKS = "".join(map(chr, range(0x21)))
"""What is stripped from lines, keys and values: space and every control character, nothing else."""


def decode(data: bytes) -> str:
    """Turn bytes into text; a byte that is not UTF-8 becomes one lone surrogate."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Turn text back into the bytes that it was read from."""
    return text.encode("utf-8", "surrogateescape")


def rejoin(text: str) -> str:
    """Decode again what was put together from pieces: two halves of a character that meet become one."""
    return text if text.isascii() else decode(encode(text))


def cut(text: str, limit: int) -> str:
    """Keep the first `limit` bytes, be it half a character."""
    if len(text) <= limit and text.isascii():
        return text
    return decode(encode(text)[:limit])


def fold(text: str) -> str:
    """Lower A-Z and nothing else: `É` and `é` stay different."""
    return text.lower() if text.isascii() else decode(encode(text).lower())
