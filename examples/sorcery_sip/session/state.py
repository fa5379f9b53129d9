"""Where a session stands."""

from __future__ import annotations

import enum

__all__ = ["State"]


class State(enum.Enum):
    """The life of a session, from its INVITE to its end."""

    CALLING = "our INVITE is on its way"
    INCOMING = "the peer's INVITE is here"
    EARLY = "a 1xx with a tag was sent or received"
    CONNECTING = "a 2xx was sent or received, its ACK was not"
    CONFIRMED = "the ACK was sent or received"
    DISCONNECTED = "over"

    __hash__ = object.__hash__
