"""Which source a port listens to: learnt from what comes, then kept."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

__all__ = ["Source", "SourceLock"]

Source = tuple[Any, ...]
"""Where a packet came from, as sockets say it: IP address, port, and for IPv6 two numbers more."""


class SourceLock:
    """Let one source in: one that is expected at any time, another after `probation` packets in a row, if it is first.

    Without `strict` everybody is let in. `expected` are IP addresses with ports.
    """

    def __init__(self, expected: Container[tuple[str, int]], *, strict: bool = True, probation: int = 4) -> None:
        self._expected, self._strict, self._probation = expected, strict, probation
        self._locked: Source | None = None
        self._candidate: Source | None = None
        self._next, self._seen = 0, 0

    def admits(self, source: Source, sequence: int) -> bool:
        """Whether a packet is to be taken in; ask for each that is not from the source admitted last."""
        if not self._strict:
            return True
        if source[:2] in self._expected or (self._locked is None and self._has_qualified(source, sequence)):
            self._locked = source
        return source == self._locked

    def _has_qualified(self, source: Source, sequence: int) -> bool:
        in_a_row = source == self._candidate and sequence == self._next
        self._seen = self._seen + 1 if in_a_row else 1
        self._candidate, self._next = source, (sequence + 1) & 0xFFFF
        return self._seen >= self._probation
