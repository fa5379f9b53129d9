"""Digest authentication of what opens something: registrations, calls, questions (RFC 3261 22, RFC 8760)."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sorcery import Sorcery
from sorcery.pjsip import Auth, Endpoint
from sorcery.pjsip.kinds.digests import Algorithms
from sorcery_sip.auth import Algorithm, NonceState, check_nonce, ha1, make_challenge, make_nonce, verify
from sorcery_sip.message.authorization import Credentials
from sorcery_sip.modules.contract import PASS, Decision, Fields, Incoming, Verdict, challenge, refuse
from sorcery_sip.modules.settings import Settings

__all__ = ["DigestAuthenticator"]

_NEVER_CHALLENGED = ("ACK", "CANCEL")


class _Proof(enum.Enum):
    """What credentials prove."""

    GOOD = enum.auto()
    STALE = enum.auto()
    BAD = enum.auto()


class _Judgement(NamedTuple):
    proof: _Proof
    reason: str = ""


class DigestAuthenticator:
    """Challenge endpoints that have `auth`, and strangers, who see the same and never succeed.

    `server_id` is a random text of this start of the server: nonces of an earlier one are stale.
    """

    def __init__(self, sorcery: Sorcery, settings: Settings, server_id: str) -> None:
        self._sorcery, self._settings, self._server_id = sorcery, settings, server_id
        self._opaque = hashlib.sha256(f"opaque {server_id}".encode()).hexdigest()[:16]
        unguessable = hashlib.sha256(f"nobody {server_id}".encode()).hexdigest()
        self._nobody = (Auth.from_objectset("nobody", [("username", unguessable), ("password", unguessable)]),)

    def authenticate(self, incoming: Incoming) -> Decision:
        """Return `PASS`, a 401, or 500 for an auth object that is missing; raises `Unavailable`, `HeaderError`."""
        request, endpoint = incoming.request, incoming.endpoint
        if request.method in _NEVER_CHALLENGED or (endpoint is not None and _is_free(endpoint, request.method)):
            return PASS
        auths: tuple[Auth, ...] = self._nobody
        if endpoint is not None:
            found = {id: self._sorcery.retrieve_by_id(Auth, id) for id in endpoint.auth}
            auths = tuple(auth for auth in found.values() if auth is not None)
            if len(auths) < len(found):
                missing = next(id for id, auth in found.items() if auth is None)
                return refuse(500, f"authentication: auth {missing!r} of {incoming.identity} does not exist")
        return self._judged(incoming, auths)

    def _judged(self, incoming: Incoming, auths: tuple[Auth, ...]) -> Decision:
        credentials = [given for given in incoming.request.credentials if given.is_digest]
        judgements = [self._judge(incoming, auth, given) for auth in auths for given in credentials]
        proofs = {judgement.proof for judgement in judgements}
        if _Proof.GOOD in proofs:
            return PASS
        headers = self._challenges(incoming, auths, stale=_Proof.STALE in proofs)
        if incoming.endpoint is None:
            return refuse(401, f"identification: {incoming.identity}", headers)
        if not credentials:
            return challenge(Verdict.CHALLENGE, f"authentication: {incoming.identity} gave no credentials yet", headers)
        reasons = "; ".join(dict.fromkeys(judgement.reason for judgement in judgements))
        if _Proof.STALE in proofs:
            return challenge(Verdict.RENEW, f"authentication of {incoming.identity}: {reasons}", headers)
        return refuse(401, f"authentication of {incoming.identity}: {reasons}", headers)

    def _judge(self, incoming: Incoming, auth: Auth, given: Credentials) -> _Judgement:
        """Check the digest first, whoever it is for: names must not be told apart by the time it takes."""
        realm = self._realm(auth)
        is_right = _matches(auth, given, incoming.request.method)
        if given.username != auth.username:
            return _Judgement(_Proof.BAD, f"user name {given.username!r} is not that of auth {auth.id!r}")
        if Algorithm.named(given.algorithm) not in self._algorithms(auth):
            return _Judgement(_Proof.BAD, f"auth {auth.id!r} does not support algorithm {given.algorithm!r}")
        if not is_right:
            return _Judgement(_Proof.BAD, f"wrong password for auth {auth.id!r} (realm {given.realm!r})")
        if given.realm != realm:
            return _Judgement(_Proof.STALE, f"realm {given.realm!r} is not {realm!r}, that of auth {auth.id!r}")
        state = check_nonce(
            given.nonce,
            seconds=int(incoming.now),
            source=incoming.source.host,
            server_id=self._server_id,
            realm=realm,
            lifetime=auth.nonce_lifetime,
        )
        if state is NonceState.VALID:
            return _Judgement(_Proof.GOOD)
        return _Judgement(_Proof.STALE, f"the nonce is {state.value}")

    def _challenges(self, incoming: Incoming, auths: Iterable[Auth], *, stale: bool) -> Fields:
        """Return one challenge per realm and algorithm, in the order of the auth objects."""
        wanted = dict.fromkeys((self._realm(auth), algo) for auth in auths for algo in self._algorithms(auth))
        seconds, source = int(incoming.now), incoming.source.host
        return tuple(
            (
                "WWW-Authenticate",
                str(
                    make_challenge(
                        realm,
                        make_nonce(seconds, source, self._server_id, realm),
                        opaque=self._opaque,
                        algorithm=algorithm,
                        stale=stale,
                    )
                ),
            )
            for realm, algorithm in wanted
        )

    def _realm(self, auth: Auth) -> str:
        return auth.realm or self._settings.current.default_realm

    def _algorithms(self, auth: Auth) -> list[Algorithm]:
        supported: Algorithms = auth.supported_algorithms_uas
        names = self._settings.current.default_auth_algorithms_uas.names if supported.inherited else supported
        return list(_known(names))


def _is_free(endpoint: Endpoint, method: str) -> bool:
    return not endpoint.auth or (method == "OPTIONS" and endpoint.allow_unauthenticated_options)


def _known(names: Iterable[str]) -> Iterator[Algorithm]:
    return (algorithm for name in names if (algorithm := Algorithm.named(name)) is not None)


def _matches(auth: Auth, given: Credentials, method: str) -> bool:
    """Tell whether the digest was made with the password of `auth`, in whatever realm the client says.

    A stored digest is bound to one realm, so for it the client's realm has to be the right one.
    """
    algorithm = Algorithm.named(given.algorithm)
    if algorithm is None:
        return False
    stored = auth.password_digest.get(algorithm.value)
    if stored is not None:
        return verify(given, method, stored.reveal())
    if not auth.password:
        return False
    return verify(given, method, ha1(algorithm, given.username, given.realm, auth.password.reveal()))
