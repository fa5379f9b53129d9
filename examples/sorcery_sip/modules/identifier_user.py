"""Identification by a user's name: that of From, or that of the credentials."""

from __future__ import annotations

from sorcery.pjsip import Endpoint
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.names import Names

__all__ = ["AuthUsernameIdentifier", "UsernameIdentifier"]


class UsernameIdentifier:
    """The user of From; only endpoints with `username` in `identify_by`."""

    name = "username"

    def __init__(self, names: Names) -> None:
        self._names = names

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint of that name; raises `Unavailable` where a silent store may hold it."""
        user, domain = self._names.user_and_domain(incoming.request.from_.uri)
        return self._names.endpoint(user, domain, incoming.source.transport, by=self.name) if user else None


class AuthUsernameIdentifier:
    """User name and realm of each answer to a challenge; only endpoints with `auth_username` in `identify_by`."""

    name = "auth_username"

    def __init__(self, names: Names) -> None:
        self._names = names

    def identify(self, incoming: Incoming) -> Endpoint | None:
        """Return the endpoint that the first credentials name; raises `Unavailable`, `HeaderError`."""
        for given in incoming.request.credentials:
            if given.is_digest and given.username:
                transport = incoming.source.transport
                endpoint = self._names.endpoint(given.username, given.realm, transport, by=self.name)
                if endpoint is not None:
                    return endpoint
        return None
