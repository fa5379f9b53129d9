"""How chan_sip reads the words of an option, and what they are in PJSIP."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["Reading", "as_is", "is_off", "listed", "number", "one_of", "opposite", "truth", "unquoted", "yes_no"]

Read = tuple[str, str]
"""The text for PJSIP, and how its meaning changed (empty: it did not)."""
Reading = Callable[[str], Read | None]
"""Reads the value of a line; None for one that means nothing."""

_FALSE = frozenset({"no", "false", "n", "f", "0", "off", "never", ""})
_TRUE = frozenset({"yes", "true", "y", "t", "1", "on"})


def is_off(text: str) -> bool:
    """Tell whether a text says no in so many words, or nothing."""
    return text.strip().lower() in _FALSE


def truth(text: str) -> bool:
    """Tell whether a text means yes; all others mean no."""
    return text.strip().lower() in _TRUE


def as_is(text: str) -> Read | None:
    """Take the text over."""
    return text, ""


def yes_no(text: str) -> Read | None:
    """Write `yes` or `no`."""
    return ("yes" if truth(text) else "no"), ""


def opposite(text: str) -> Read | None:
    """Write `no` for what means yes."""
    return ("no" if truth(text) else "yes"), ""


def number(text: str) -> Read | None:
    """Take a number that is not negative, whatever blanks are around it."""
    digits = text.strip()
    return (digits, "") if digits.isascii() and digits.isdigit() else None


def one_of(words: Mapping[str, str | Read], *, other: Reading | None = None) -> Reading:
    """Return the reading that translates these words, without case, and leaves others to `other`."""

    def read(text: str) -> Read | None:
        found = words.get(text.strip().lower())
        if found is None:
            return other(text) if other else None
        return (found, "") if isinstance(found, str) else found

    return read


def listed(text: str) -> list[str]:
    """Split a list at its commas, blanks around the words dropped."""
    return [word for word in (piece.strip() for piece in text.split(",")) if word]


def unquoted(text: str) -> str:
    """Drop the blanks around a text, and a pair of double quotes."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
