"""The last handler: methods that nobody here takes."""

from __future__ import annotations

from sorcery_sip.modules.contract import DROP, Decision, Incoming, refuse
from sorcery_sip.modules.options import METHODS

__all__ = ["Unhandled"]


class Unhandled:
    """Refuse what no other handler claimed; an ACK never gets an answer (RFC 3261 17)."""

    priority = 1_000_000

    def handle(self, incoming: Incoming) -> Decision:
        """Return 501, or drop an ACK."""
        method = incoming.request.method
        if method == "ACK":
            return DROP
        return refuse(501, f"unhandled: no module takes {method}", (("Allow", ", ".join(METHODS)),))
