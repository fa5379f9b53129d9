"""Nonces that need no memory: they prove by themselves when, and for whom, they were made.

The text is `<unix seconds>/<md5 hex of "seconds:source address:server id:realm">`. The source port is left out:
a phone behind NAT may answer from another one. The server id differs at each start, so old nonces die with it.
"""

from __future__ import annotations

import enum
import hashlib
import hmac

__all__ = ["NonceState", "check_nonce", "make_nonce"]


class NonceState(enum.Enum):
    """What a nonce is worth."""

    VALID = "valid"
    EXPIRED = "expired"
    FOREIGN = "foreign"
    """Not made by this server for this source and realm."""


def make_nonce(seconds: int, source: str, server_id: str, realm: str) -> str:
    """Make the nonce of unix time `seconds` for the address `source`."""
    text = f"{seconds}:{source}:{server_id}:{realm}".encode("utf-8", "surrogateescape")
    return f"{seconds}/{hashlib.md5(text, usedforsecurity=False).hexdigest()}"


def check_nonce(nonce: str, *, seconds: int, source: str, server_id: str, realm: str, lifetime: int) -> NonceState:
    """Judge a nonce at unix time `seconds`; it is valid up to an age of `lifetime` seconds."""
    stamp = nonce.partition("/")[0]
    if not (stamp.isascii() and stamp.isdigit()) or len(stamp) > 20:
        return NonceState.FOREIGN
    expected = make_nonce(int(stamp), source, server_id, realm).encode()
    if not hmac.compare_digest(expected, nonce.encode("utf-8", "surrogateescape")):
        return NonceState.FOREIGN
    return NonceState.VALID if seconds - int(stamp) <= lifetime else NonceState.EXPIRED
