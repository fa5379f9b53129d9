"""Passwords that nobody guesses, and that a person can type into a phone."""

from __future__ import annotations

from sorcery.secret import Secret

__all__ = ["strong_secret"]

UNAMBIGUOUS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and digits without those that look alike: I, l and 1, O, o and 0. No file, URL or shell minds any."""
LENGTH = 24
"""Characters: 139 bits, more than any digest of SIP has."""


def strong_secret() -> Secret:
    """Return a new random password of 24 letters and digits, none of which is taken for another."""
    import secrets  # which brings OpenSSL

    return Secret("".join(secrets.choice(UNAMBIGUOUS) for _ in range(LENGTH)))
