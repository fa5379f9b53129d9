"""Requests that belong to a dialog or call that nobody here has."""

from __future__ import annotations

from sorcery_sip.modules.contract import DROP, PASS, Decision, Incoming, refuse

__all__ = ["StrayGate"]


class StrayGate:
    """Stop what refers to something that is not there (RFC 3261 12.2.2, 9.2)."""

    def check(self, incoming: Incoming) -> Decision:
        """Return 481 for BYE and CANCEL, and for a To tag, which a REGISTER may have (RFC 3261 10.2); drop an ACK."""
        request = incoming.request
        if request.method == "ACK":
            return DROP
        if request.method in ("BYE", "CANCEL"):
            return refuse(481, f"dialog: {request.method} for a call that is not here")
        if request.method != "REGISTER" and request.to.tag is not None:
            return refuse(481, "dialog: the To tag names one that is not here")
        return PASS
