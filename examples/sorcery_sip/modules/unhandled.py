"""The last handler: methods that nobody here takes."""

from __future__ import annotations

from sorcery_sip.modules.contract import Decision, Incoming, refuse
from sorcery_sip.modules.options import ALLOW

__all__ = ["Unhandled"]


class Unhandled:
    """Refuse what no other handler claimed."""

    priority = 1_000_000

    def handle(self, incoming: Incoming) -> Decision:
        """Return 501."""
        reason = f"unhandled: no module takes {incoming.request.method}"
        return refuse(501, reason, (("Allow", ALLOW),))
