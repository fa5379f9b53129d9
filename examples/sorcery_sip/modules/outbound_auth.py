"""Challenges to requests of ours, answered with `outbound_auth` of the endpoint (RFC 3261 22.2, RFC 8760)."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import attrs

from sorcery import SorceryError
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery.pjsip.kinds.digests import Algorithms
from sorcery.plain import plain
from sorcery_sip.auth import Algorithm, answer_challenge, choose_challenge, ha1
from sorcery_sip.errors import HeaderError
from sorcery_sip.message.authorization import Challenge
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.modules.contract import Fields
from sorcery_sip.modules.settings import Settings
from sorcery_sip.session.events import Challenged

if TYPE_CHECKING:
    from sorcery_sip.modules.session import CallSession

__all__ = ["OutboundAuth"]

_ANY_REALM = ("", "*")

_LOG = logging.getLogger(__name__)


@attrs.frozen(slots=True)
class _Login:
    """An auth object that can answer, and the algorithms that it does."""

    auth: Auth
    algorithms: Sequence[Algorithm]


class OutboundAuth:
    """Answer those who ask who we are. `cnonce` makes a random text."""

    def __init__(
        self, sorcery: AsyncSorcery, settings: Settings, cnonce: Callable[[], str] = lambda: secrets.token_hex(8)
    ) -> None:
        self._sorcery, self._settings, self._cnonce = sorcery, settings, cnonce

    async def answer(self, session: CallSession, challenged: Challenged) -> Fields:
        """Return the header fields to send the request again with; none when its refusal is final.

        Final it is without fitting credentials, and when they were wrong; the log says which. How often a peer may ask
        about one request is up to its session. Waits for stores, and raises nothing.
        """
        endpoint, response, request = session.endpoint, challenged.response, challenged.request
        if not endpoint.outbound_auth:
            return _refused(endpoint, response, "it has no outbound_auth")
        try:
            asked = _challenges(response)
            if any(_is_final(challenge, request, response) for challenge in asked):
                return _refused(endpoint, response, "user or password are wrong")
            fields = self._answers(asked, await self._logins(endpoint), request, response)
        except (SorceryError, HeaderError) as error:
            return _refused(endpoint, response, plain(str(error)))
        if not fields:
            realms = ", ".join(sorted({plain(challenge.realm) for challenge in asked})) or "none that can be read"
            return _refused(endpoint, response, f"no auth of outbound_auth fits the realms asked for ({realms})")
        return fields

    async def _logins(self, endpoint: Endpoint) -> list[_Login]:
        found = []
        for id in endpoint.outbound_auth:
            auth = await self._sorcery.retrieve_by_id(Auth, id)
            if auth is None:
                _LOG.warning("endpoint %r: auth %r of outbound_auth does not exist", endpoint.id, id)
            else:
                found.append(_Login(auth, self._algorithms(auth)))
        return found

    def _algorithms(self, auth: Auth) -> list[Algorithm]:
        """Return what the object supports, and has a secret for."""
        supported: Algorithms = auth.supported_algorithms_uac
        settings = self._settings.latest
        names: Iterable[str] = supported
        if supported.inherited and settings is not None:
            names = settings.default_auth_algorithms_uac.names
        known = [algorithm for name in names if (algorithm := Algorithm.named(name)) is not None]
        return [algorithm for algorithm in known if auth.password or algorithm.value in auth.password_digest]

    def _answers(
        self, asked: Sequence[Challenge], logins: Sequence[_Login], request: Request, response: Response
    ) -> Fields:
        """Answer one challenge of each realm that there are credentials for."""
        name = "Proxy-Authorization" if response.status == 407 else "Authorization"
        fields = []
        for realm in dict.fromkeys(challenge.realm for challenge in asked):
            rivals = [challenge for challenge in asked if challenge.realm == realm]
            login = _login_for(realm, logins)
            chosen = choose_challenge(rivals, login.algorithms) if login is not None else None
            if login is not None and chosen is not None:
                fields.append((name, self._answered(chosen, login.auth, request)))
        return tuple(fields)

    def _answered(self, challenge: Challenge, auth: Auth, request: Request) -> str:
        algorithm = Algorithm.named(challenge.algorithm) or Algorithm.MD5
        stored = auth.password_digest.get(algorithm.value)
        if stored is None:
            secret = ha1(algorithm, auth.username, challenge.realm, auth.password.reveal())
        else:
            secret = stored.reveal()
        credentials = answer_challenge(
            challenge,
            username=auth.username,
            ha1_hex=secret,
            method=request.method,
            uri=str(request.uri),
            cnonce=self._cnonce(),
        )
        return str(credentials)


def _login_for(realm: str, logins: Sequence[_Login]) -> _Login | None:
    exact = next((login for login in logins if login.auth.realm == realm), None)
    return exact or next((login for login in logins if login.auth.realm in _ANY_REALM), None)


def _challenges(response: Response) -> tuple[Challenge, ...]:
    return response.proxy_challenges if response.status == 407 else response.challenges


def _is_final(challenge: Challenge, request: Request, response: Response) -> bool:
    """Tell whether a challenge refuses what was answered: it asks the same again, and not because that was too old."""
    given = request.proxy_credentials if response.status == 407 else request.credentials
    return not challenge.stale and any(
        credentials.realm == challenge.realm and credentials.nonce == challenge.nonce for credentials in given
    )


def _refused(endpoint: Endpoint, response: Response, why: str) -> Fields:
    _LOG.warning("endpoint %r challenged our %s with %d: %s", endpoint.id, response.cseq.method, response.status, why)
    return ()
