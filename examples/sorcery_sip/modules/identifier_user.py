"""Identification by a user's name: that of From, or that of the credentials."""

from __future__ import annotations

from sorcery import Sorcery, Unavailable
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
        """Return the endpoint of that name; raises `Unavailable` where a silent store may hold it."""
        user, domain = self._names.user_and_domain(incoming.request.from_.uri)
        return self._find(user, domain, incoming)

    def _find(self, user: str, domain: str, incoming: Incoming) -> Endpoint | None:
        """A hit is a fact even where a store was silent about an id before it: so phones in a cache stay served."""
        if not user:
            return None
        silent: Unavailable | None = None
        for id in self._names.endpoint_ids(user, domain, incoming.source.transport):
            try:
                endpoint = self._sorcery.retrieve_by_id(Endpoint, id)
            except Unavailable as error:
                silent = silent or error
                continue
            if endpoint is not None:
                if self.name in endpoint.identify_by:
                    return endpoint
                break
        if silent is not None:
            raise silent
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
