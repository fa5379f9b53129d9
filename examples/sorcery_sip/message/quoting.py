"""Quoted strings and lists: what commas and quotes mean in header values (RFC 3261 7.3.1, 25.1)."""

from __future__ import annotations

import re

__all__ = ["quote", "split_list", "unquote"]

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'(["\\])')
_LINE_END = re.compile(r"[\r\n]+")
_ELEMENT = re.compile(r'(?:[^,"<]+|"(?:[^"\\]|\\.)*(?:"|\\?\Z)|<[^>]*(?:>|\Z))*', re.DOTALL)


def quote(text: str) -> str:
    """Put `text` in quotes, its own quotes and backslashes escaped; quotes can hold no line end: it becomes a blank."""
    return '"' + _SPECIAL.sub(r"\\\1", _LINE_END.sub(" ", text)) + '"'


def unquote(text: str) -> str:
    """Undo the escapes of a text whose quotes are gone already."""
    return _ESCAPED.sub(r"\1", text) if "\\" in text else text


def split_list(text: str) -> list[str]:
    """Split at the commas that stand outside quotes and angle brackets.

    Elements lose their outer blanks, and empty ones go. A quote or bracket that is never closed reaches
    to the end: whoever reads that element refuses it.
    """
    if "," not in text:
        return [text] if text else []
    if '"' not in text and "<" not in text:
        return [element for piece in text.split(",") if (element := piece.strip())]
    return [element for match in _ELEMENT.finditer(text) if (element := match[0].strip())]
