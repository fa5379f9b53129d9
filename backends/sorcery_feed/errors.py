"""What a neighbour may answer that is no success."""

from __future__ import annotations

from sorcery.errors import SorceryError

__all__ = ["TellingRefused"]


class TellingRefused(SorceryError):
    """A neighbour that answers, and did not do what it was told; it is told again, a few times."""

    def __init__(self, target: str, text: str, reason: str) -> None:
        self.target, self.text, self.reason = target, text, reason
        super().__init__(f"{target} refuses to {text}: {reason}")
