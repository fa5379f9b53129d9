"""Where offer and answer stand (RFC 3264, 6337): at most one offer is open, whosever it is."""

from __future__ import annotations

import attrs

__all__ = ["OfferAnswer"]


@attrs.define(slots=True, eq=False)
class OfferAnswer:
    """The descriptions agreed last, and the offer that waits for its answer; all are opaque octets."""

    local: bytes | None = None
    """Ours of the pair agreed last, None before there is one."""
    remote: bytes | None = None
    """Theirs of that pair."""
    ours: bytes | None = None
    """The offer of ours that is open."""
    theirs: bytes | None = None
    """The offer of theirs that is open."""

    @property
    def is_open(self) -> bool:
        """Whether an offer waits for its answer."""
        return self.ours is not None or self.theirs is not None

    @property
    def is_agreed(self) -> bool:
        """Whether there has been an answer at all."""
        return self.remote is not None

    def offer(self, sdp: bytes) -> None:
        """Note that we offer. Raises `ValueError` while another offer is open."""
        self._claim()
        self.ours = sdp

    def take_offer(self, sdp: bytes) -> None:
        """Note that they offer. Raises `ValueError` while another offer is open."""
        self._claim()
        self.theirs = sdp

    def answer(self, sdp: bytes) -> None:
        """Note our answer. Raises `ValueError` when nothing was offered."""
        if self.theirs is None:
            raise ValueError("no offer of the peer waits for an answer")
        self.local, self.remote, self.theirs = sdp, self.theirs, None

    def take_answer(self, sdp: bytes) -> None:
        """Note their answer. Raises `ValueError` when we did not offer."""
        if self.ours is None:
            raise ValueError("we have not offered anything")
        self.local, self.remote, self.ours = self.ours, sdp, None

    def withdraw(self) -> None:
        """Close the open offer without an answer: what was agreed before stays (RFC 3264 8)."""
        self.ours = self.theirs = None

    def _claim(self) -> None:
        if self.is_open:
            raise ValueError("an offer is open already; there can be only one (RFC 3264 4)")
