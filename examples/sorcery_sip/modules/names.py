"""Users and domains: under which ids an endpoint or AOR may be kept, and which of them is known."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from types import TracebackType
from typing import TypeVar
from urllib.parse import unquote

from sorcery import Object, Sorcery, Unavailable
from sorcery.pjsip import DomainAlias, Endpoint, Transport
from sorcery_sip.message.uri import SipUri, TelUri, Uri
from sorcery_sip.modules.settings import Settings

__all__ = ["Names"]

T = TypeVar("T", bound=Object)


class Names:
    """Turn the user and domain of a URI into ids, and look these up, the most telling first.

    A hit is a fact even where a store was silent about an id before it: so phones in a cache stay served.
    """

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
        """Return the endpoint that is known; it counts only with `by` in its `identify_by`.

        Its id is `user@domain`, `user@` what the alias `domain` stands for, `user@` the domain of the transport, or
        `user`; with `disable_multi_domain` the last alone. Raises `Unavailable` where none counts and a store was
        silent.
        """
        silences = _Silences()
        for id in self._endpoint_ids(user, domain, transport, silences):
            endpoint = self._ask(Endpoint, id, silences)
            if endpoint is not None:
                if not by or by in endpoint.identify_by:
                    return endpoint
                break
        silences.tell()
        return None

    def aor_id(self, user: str, domain: str, allowed: Collection[str]) -> str | None:
        """Return the id that is `allowed`: `user@domain`, `user@` what the alias `domain` stands for, or `user`.

        Raises `Unavailable` where none is and a store was silent.
        """
        silences = _Silences()
        if domain:
            for id in self._qualified(user, domain, silences):
                if id in allowed:
                    return id
        if user in allowed:
            return user
        silences.tell()
        return None

    def _endpoint_ids(self, user: str, domain: str, transport: str, silences: _Silences) -> Iterator[str]:
        if domain and not self._settings.current.disable_multi_domain:
            yield from self._qualified(user, domain, silences)
            arrival = self._ask(Transport, transport, silences)
            if arrival is not None and arrival.domain:
                yield f"{user}@{arrival.domain}"
        yield user

    def _qualified(self, user: str, domain: str, silences: _Silences) -> Iterator[str]:
        yield f"{user}@{domain}"
        alias = self._ask(DomainAlias, domain, silences)
        if alias is not None:
            yield f"{user}@{alias.domain}"

    def _ask(self, cls: type[T], id: str, silences: _Silences) -> T | None:
        with silences:
            return self._sorcery.retrieve_by_id(cls, id)
        return None

    def _cut(self, user: str) -> str:
        return user.partition(";")[0] if ";" in user and self._settings.current.ignore_uri_user_options else user


class _Silences:
    """Let a search go on past stores that do not answer, and tell of the first of them if it found nothing."""

    def __init__(self) -> None:
        self._first: Unavailable | None = None

    def tell(self) -> None:
        """Raise the first `Unavailable` that there was."""
        if self._first is not None:
            raise self._first

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Unavailable):
            return False
        self._first = self._first or error
        return True
