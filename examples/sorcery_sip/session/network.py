"""What sessions ask about the network."""

from __future__ import annotations

from typing import Protocol

from sorcery_sip.address import Address
from sorcery_sip.message.uri import SipUri

__all__ = ["Network"]


class Network(Protocol):
    """Where messages go, and what they say of where they come from. Never blocks."""

    def route(self, uri: SipUri, transport: str | None, /) -> Address | None:
        """Return where a request whose next hop is `uri` goes; None where that is not known yet, or to nobody."""

    def local(self, destination: Address, /) -> Address:
        """Return our address as `destination` shall see it in Via."""
