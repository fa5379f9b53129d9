"""Texts with a rule: cut, dashed, restricted, optional, paths."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Iterable

from sorcery.kinds import Boolean, Kind, Refused, Text, Warn

__all__ = ["URI_USER", "CutText", "Dashed", "Dead", "OptionalText", "Patterned", "ReadablePath", "cut_bytes"]

URI_USER = re.compile(r"[A-Za-z0-9._~%!$&'()*+,;=:-]*")
"""What may stand before the @ of a SIP URI (RFC 3261 section 25.1), as Asterisk checks it."""


def cut_bytes(text: str, most: int) -> str:
    """Return the characters that fit into a number of bytes in UTF-8; a stray byte of a file counts as one."""
    if text.isascii():
        return text[:most]
    sizes = (1 if "\udc80" <= char <= "\udcff" else len(char.encode("utf-8", "surrogatepass")) for char in text)
    fitting = itertools.takewhile(lambda size: size <= most, itertools.accumulate(sizes))
    return text[: sum(1 for _ in fitting)]


class CutText(Text):
    """A text of which only the first bytes are kept."""

    def __init__(self, most: int, *, empty: bool = True) -> None:
        super().__init__(empty=empty)
        self.most = most

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Cut the text."""
        kept = cut_bytes(super().parse(text, before, warn), self.most)
        if kept != text:
            warn(f"is longer than {self.most} bytes", f"only {kept!r} is kept")
        return kept


class Dashed(Text):
    """A field of an SDP line, where `-` stands for none: it replaces an empty value, or one with a blank.

    A control character is as good as a blank.
    """

    def __init__(self, *, blanks: bool) -> None:
        super().__init__()
        self.blanks = blanks

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Keep the text, or repair it."""
        if text.strip() and (self.blanks or min(text) > " "):
            return text
        warn(f"{text!r} cannot stand in SDP", "it becomes -")
        return "-"


class Patterned(Text):
    """A text that a whole pattern must match; `meaning` says in words what that is. Empty is always fine."""

    def __init__(self, pattern: re.Pattern[str], meaning: str) -> None:
        super().__init__()
        self.pattern, self.meaning = pattern, meaning

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Match the text."""
        if text and self.pattern.fullmatch(text) is None:
            raise Refused("has a character that cannot stand there", f"write {self.expects()}")
        return text

    def expects(self) -> str:
        return self.meaning


class OptionalText(Kind[str | None]):
    """A text that prints nothing while it was never set, and the empty text once it was set to that."""

    zero = None

    def parse(self, text: str, before: str | None, warn: Warn) -> str | None:
        """Keep the text."""
        return text

    def accept(self, value: object) -> str | None:
        """Take None: not set."""
        return None if value is None else super().accept(value)

    def expects(self) -> str:
        return "text or None"

    def texts(self, value: str | None) -> tuple[str, ...]:
        """Write nothing where nothing was set."""
        return () if value is None else (value,)

    def pairs(self, name: str, value: str | None) -> Iterable[tuple[str, str]]:
        """Print nothing where nothing was set."""
        return () if value is None else ((name, value),)


class ReadablePath(Text):
    """The path of a file or directory that must be readable when the object is made; empty names none.

    With `clears=False` an empty text names none only where nothing was named before it.
    """

    looks_outside = True

    def __init__(self, *, clears: bool = True) -> None:
        super().__init__()
        self.clears = clears

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Check that the path can be read."""
        if before and not text and not self.clears:
            warn("is empty, which does not take away what was named before", f"it stays {before}")
            return before
        if text and not _is_readable(text):
            raise Refused("cannot be read", "name a file or directory that this process may read")
        return text

    def expects(self) -> str:
        return "the path of a readable file"


class Dead(Boolean):
    """A switch that does nothing any more: every text is taken, and it stays off."""

    def parse(self, text: str, before: bool, warn: Warn) -> bool:
        """Ignore the text."""
        return False

    def accept(self, value: object) -> bool:
        """Take False only."""
        if value is not False:
            raise Refused("cannot be switched on any more")
        return False


def _is_readable(path: str) -> bool:
    try:
        return os.access(path, os.R_OK)
    except ValueError:  # no file system takes such a name
        return False
