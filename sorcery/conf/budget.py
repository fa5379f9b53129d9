"""What one parse may spend where the length of its files does not bound the work."""

from __future__ import annotations

from sorcery.conf.messages import Fault

__all__ = ["APPENDED", "COMPARED", "Budget"]

APPENDED = 1 << 28
"""Bytes of text that `+=` may append to in all, so that no value is copied for ever."""
COMPARED = 20_000_000
"""Steps of comparing that all conditions of `(+...)` may take in all; some seconds."""
_TEXTS = {
    "appends-too-many": f"+= appends to more than {APPENDED} bytes of values",
    "conditions-too-many": "the conditions of (+...) take too long to compare",
}


class Budget:
    """Something of which there is so much for one parse."""

    def __init__(self, code: str, left: int) -> None:
        self._code, self._left = code, left

    def spend(self, amount: int) -> None:
        """Take some of what is left. Raises `Fault`, which ends the parse, where that is too little."""
        self._left -= amount
        if self._left < 0:
            raise Fault(self._code, _TEXTS[self._code])
