"""Texts of others in lines of ours: what would break the line, or no terminal or log can hold, as escapes."""

from __future__ import annotations

__all__ = ["plain"]


def plain(text: str) -> str:
    """Write control characters, and the lone surrogates that stand for bytes that are no UTF-8, as escapes."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode("ascii")
