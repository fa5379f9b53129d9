"""Ranges of keys: what starts with a text, as bounds that an index answers."""

from __future__ import annotations

__all__ = ["after"]

_LAST = "\U0010ffff"


def after(prefix: str) -> str:
    """Return the least text above all that start with the prefix, in byte order of UTF-8."""
    kept = prefix.rstrip(_LAST)
    following = ord(kept[-1]) + 1
    if following == 0xD800:
        following = 0xE000  # the surrogates between are no characters
    return kept[:-1] + chr(following)
