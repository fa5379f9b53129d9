"""What of the dialplan is asked before there is a call."""

from __future__ import annotations

from typing import Protocol

from sorcery_sip.pbx.dialplan.model import Match

__all__ = ["Extensions", "NoExtensions"]


class Extensions(Protocol):
    """Knows which extensions there are; asked by several threads, never blocks."""

    def exists(self, context: str, exten: str, caller_number: str = "", /) -> Match:
        """Return whether an extension exists at priority 1, or could with more digits."""


class NoExtensions:
    """There is no dialplan."""

    def exists(self, context: str, exten: str, caller_number: str = "", /) -> Match:
        """Return that there is none."""
        return Match.NO
