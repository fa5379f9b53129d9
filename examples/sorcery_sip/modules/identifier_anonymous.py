"""Identification of everybody else, where an endpoint `anonymous` exists."""

from __future__ import annotations

from sorcery.pjsip import Endpoint
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.names import Names

__all__ = ["AnonymousIdentifier"]


class AnonymousIdentifier:
    """`anonymous@` the domain of From, its alias or that of the transport, then `anonymous`."""

    name = "anonymous"

    def __init__(self, names: Names) -> None:
        self._names = names

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint for strangers, if there is one; raises `Unavailable` where a silent store may hold it."""
        _, domain = self._names.user_and_domain(incoming.request.from_.uri)
        return self._names.endpoint(self.name, domain, incoming.source.transport)
