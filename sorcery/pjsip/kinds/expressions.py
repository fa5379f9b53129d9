"""Regular expressions that filter names."""

from __future__ import annotations

from sorcery.kinds import Refused, Text, Warn
from sorcery.posix import compile_extended

__all__ = ["Expression"]


class Expression(Text):
    """A POSIX extended regular expression; empty filters nothing."""

    def parse(self, text: str, before: str, warn: Warn) -> str:
        """Check that the expression compiles."""
        try:
            compile_extended(text)
        except (ValueError, OverflowError, RecursionError):
            raise Refused("is no regular expression", f"write {self.expects()}") from None
        return text

    def expects(self) -> str:
        return "a regular expression, in POSIX extended syntax"
