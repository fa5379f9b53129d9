"""OPTIONS outside dialogs: what this server is able to do (RFC 3261 11)."""

from __future__ import annotations

from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import PASS, Decision, Incoming, answer, refuse
from sorcery_sip.modules.extensions import Extensions
from sorcery_sip.modules.names import Names
from sorcery_sip.pbx.dialplan.model import Match

__all__ = ["ALLOW", "METHODS", "Options"]

METHODS = ("OPTIONS", "REGISTER", "INVITE", "ACK", "BYE", "CANCEL", "UPDATE", "PRACK", "INFO", "MESSAGE", "REFER")
"""What somebody here answers."""
ALLOW = ", ".join(METHODS)

_ABILITIES = (
    ("Accept", "application/sdp"),
    ("Allow", ALLOW),
    ("Supported", "100rel, timer, path"),
    ("Accept-Encoding", "identity"),
    ("Accept-Language", "en"),
)


class Options:
    """Answer for the server itself, and for the extensions that the endpoint may call."""

    priority = 200

    def __init__(self, names: Names, extensions: Extensions) -> None:
        self._names, self._extensions = names, extensions

    def handle(self, incoming: Incoming) -> Decision:
        """Answer an OPTIONS: 200 without a user or for an extension, else 404; 416 for a scheme other than sip."""
        request = incoming.request
        if request.method != "OPTIONS":
            return PASS
        if not isinstance(request.uri, SipUri):
            return refuse(416, f"options: the Request-URI is {request.uri.scheme!r}; write sip: or sips:")
        user, _ = self._names.user_and_domain(request.uri)
        if not user:
            return answer(200, "options: the server itself", _ABILITIES)
        context = incoming.endpoint.context if incoming.endpoint else ""
        if self._extensions.exists(context, user) is Match.EXISTS:
            return answer(200, f"options: extension {user!r} in context {context!r}", _ABILITIES)
        return refuse(404, f"options: no extension {user!r} in context {context!r}", _ABILITIES)
