"""What a line and a header of a file can hold."""

from __future__ import annotations

from sorcery.conf.editing.forms import Style, Unwritable, header

__all__ = ["unnameable", "unwritable"]

_SURELY_SHORT = 1000
"""Characters that are fewer than a line has room for, whatever the encoding."""


def unwritable(option: str, text: str) -> str:
    """Return why no line can hold an option; empty if one can."""
    if text.isprintable() and text == text.strip() and len(text) < _SURELY_SHORT:
        return ""
    try:
        Style().setting(option, text)
    except Unwritable as error:
        return str(error)
    return ""


def unnameable(id: str) -> str:
    """Return why no section can have a name; empty if one can."""
    try:
        header(id)
    except Unwritable as error:
        return str(error)
    return ""
