"""Users and domains: the ids under which an endpoint or AOR may be kept, and the endpoint that they find."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from sorcery import Sorcery, Unavailable
from sorcery.pjsip import DomainAlias, Endpoint, Transport
from sorcery_sip.message.uri import SipUri, TelUri, Uri
from sorcery_sip.modules.settings import Settings

__all__ = ["Names"]


class Names:
    """Turn the user and domain of a URI into ids to look up."""

    def __init__(self, sorcery: Sorcery, settings: Settings) -> None:
        self._sorcery, self._settings = sorcery, settings

    def user_and_domain(self, uri: Uri) -> tuple[str, str]:
        """Return both without escapes; `ignore_uri_user_options` cuts the user at its first semicolon.

        A `tel:` URI has its number as user and no domain; others have neither.
        """
        if isinstance(uri, SipUri):
            user = uri.user or ""
            return self._cut(unquote(user) if "%" in user else user), uri.host
        return (self._cut(uri.number), "") if isinstance(uri, TelUri) else ("", "")

    def endpoint(self, user: str, domain: str, transport: str, *, by: str = "") -> Endpoint | None:
        """Return the endpoint of the most telling id that is known; it counts only with `by` in its `identify_by`.

        A hit is a fact even where a store was silent about an id before it: so phones in a cache stay served. Without
        one, raises `Unavailable` for the first silence: the endpoint may be there.
        """
        silent: Unavailable | None = None
        for id in self.endpoint_ids(user, domain, transport):
            try:
                endpoint = self._sorcery.retrieve_by_id(Endpoint, id)
            except Unavailable as error:
                silent = silent or error
                continue
            if endpoint is not None:
                if not by or by in endpoint.identify_by:
                    return endpoint
                break
        if silent is not None:
            raise silent
        return None

    def endpoint_ids(self, user: str, domain: str, transport: str) -> Iterator[str]:
        """Yield the ids an endpoint may have, most telling first; raises `Unavailable`.

        `user@domain`, then the domain that the alias `domain` stands for, then that of the transport, then the
        bare user; with `disable_multi_domain` the last alone.
        """
        if domain and not self._settings.current.disable_multi_domain:
            yield from self._qualified(user, domain)
            arrival = self._sorcery.retrieve_by_id(Transport, transport)
            if arrival is not None and arrival.domain:
                yield f"{user}@{arrival.domain}"
        yield user

    def aor_ids(self, user: str, domain: str) -> Iterator[str]:
        """Yield the ids an AOR may have: `user@domain`, `user@` what an alias stands for, the bare user."""
        if domain:
            yield from self._qualified(user, domain)
        yield user

    def _qualified(self, user: str, domain: str) -> Iterator[str]:
        yield f"{user}@{domain}"
        alias = self._sorcery.retrieve_by_id(DomainAlias, domain)
        if alias is not None:
            yield f"{user}@{alias.domain}"

    def _cut(self, user: str) -> str:
        return user.partition(";")[0] if ";" in user and self._settings.current.ignore_uri_user_options else user
