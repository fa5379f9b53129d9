"""OPTIONS outside dialogs: what this server is able to do (RFC 3261 11)."""

from __future__ import annotations

from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import PASS, Decision, Incoming, answer, refuse
from sorcery_sip.modules.names import Names

__all__ = ["METHODS", "Options"]

METHODS = ("OPTIONS", "REGISTER")
"""What somebody here answers."""

_ABILITIES = (
    ("Accept", "application/sdp"),
    ("Allow", ", ".join(METHODS)),
    ("Supported", "path"),
    ("Accept-Encoding", "identity"),
    ("Accept-Language", "en"),
)


class Options:
    """Answer for the server itself; extensions are asked for by their user, and without a dialplan there are none."""

    priority = 200

    def __init__(self, names: Names) -> None:
        self._names = names

    def handle(self, incoming: Incoming) -> Decision:
        """Answer an OPTIONS: 200 without a user in the Request-URI, else 404; 416 for a scheme other than sip."""
        request = incoming.request
        if request.method != "OPTIONS":
            return PASS
        if not isinstance(request.uri, SipUri):
            return refuse(416, f"options: the Request-URI is {request.uri.scheme!r}; write sip: or sips:")
        user, _ = self._names.user_and_domain(request.uri)
        if user:
            context = incoming.endpoint.context if incoming.endpoint else ""
            return refuse(404, f"options: no extension {user!r} in context {context!r}", _ABILITIES)
        return answer(200, "options: the server itself", _ABILITIES)
