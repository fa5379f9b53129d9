"""The media of one call: its streams, the description in force, and what is being negotiated."""

from __future__ import annotations

import enum

__all__ = ["HoldState"]


class HoldState(enum.Flag):
    """Who put whom on hold."""

    NONE = 0
    LOCAL = enum.auto()
    REMOTE = enum.auto()
