"""Identification by a user's name: that of From, or that of the credentials."""

from __future__ import annotations

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.names import Names

__all__ = ["AuthUsernameIdentifier", "UsernameIdentifier"]


class UsernameIdentifier:
    """The user of From; only endpoints with `username` in `identify_by`."""

    name = "username"

    def __init__(self, sorcery: Sorcery, names: Names) -> None:
        self._sorcery, self._names = sorcery, names

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint of that name; raises `Unavailable`."""
        user, domain = self._names.user_and_domain(incoming.request.from_.uri)
        return self._find(user, domain, incoming)

    def _find(self, user: str, domain: str, incoming: Incoming) -> Endpoint | None:
        if not user:
            return None
        for id in self._names.endpoint_ids(user, domain, incoming.source.transport):
            endpoint = self._sorcery.retrieve_by_id(Endpoint, id)
            if endpoint is not None:
                return endpoint if self.name in endpoint.identify_by else None
        return None


class AuthUsernameIdentifier(UsernameIdentifier):
    """User name and realm of each answer to a challenge; only endpoints with `auth_username` in `identify_by`."""

    name = "auth_username"

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint that the first credentials name; raises `Unavailable`, `HeaderError`."""
        for credentials in incoming.request.credentials:
            if credentials.is_digest:
                endpoint = self._find(credentials.username, credentials.realm, incoming)
                if endpoint is not None:
                    return endpoint
        return None
