"""Identification of everybody else, where an endpoint `anonymous` exists."""

from __future__ import annotations

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.names import Names

__all__ = ["AnonymousIdentifier"]


class AnonymousIdentifier:
    """`anonymous@` the domain of From, its alias or that of the transport, then `anonymous`."""

    name = "anonymous"

    def __init__(self, sorcery: Sorcery, names: Names) -> None:
        self._sorcery, self._names = sorcery, names

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint for strangers, if there is one; raises `Unavailable`."""
        _, domain = self._names.user_and_domain(incoming.request.from_.uri)
        for id in self._names.endpoint_ids("anonymous", domain, incoming.source.transport):
            endpoint = self._sorcery.retrieve_by_id(Endpoint, id)
            if endpoint is not None:
                return endpoint
        return None
