"""Digests in the place of passwords: an `auth` that checks the same phones, and tells nobody what they know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from sorcery.errors import SorceryError
from sorcery.kinds import Refused
from sorcery.pjsip.auth import Auth
from sorcery.pjsip.kinds.digests import Algorithms, read_algorithms
from sorcery.secret import Secret

__all__ = ["ALGORITHMS", "HASHES", "Unsealable", "digest", "is_sealed", "mismatched", "seal"]

HASHES: Mapping[str, str] = MappingProxyType({"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"})
"""The hash function of each digest algorithm, as hashlib names it."""
ALGORITHMS = ("MD5", "SHA-256")
"""What is made unless something else is asked for; phones are challenged in this order."""
_ANY_REALM = ("", "*")


class Unsealable(SorceryError, ValueError):
    """An `auth` that digests cannot take the password of; `reason` says why, `remedy` what to do."""

    def __init__(self, id: str, reason: str, remedy: str = "") -> None:
        self.id, self.reason, self.remedy = id, reason, remedy
        super().__init__(f"auth {id!r} cannot be sealed: {reason}" + (f"; {remedy}" if remedy else ""))


def is_sealed(auth: Auth) -> bool:
    """Tell whether an object holds digests and no password."""
    return bool(auth.password_digest) and not auth.password


def seal(auth: Auth, realm: str = "", algorithms: Iterable[str] = ALGORITHMS) -> Auth:
    """Return the object with digests in the place of its password, made for its realm, or else for the one given.

    The algorithms are made, and offered to phones in their order, unless the object itself says which it offers:
    these are made too then. `auth_type` becomes md5, which every release of Asterisk and every table takes, and
    which means the same as digest. Raises `Unsealable`.
    """
    wanted = _known(auth, algorithms)
    own_realm = realm.strip() if auth.realm in _ANY_REALM else auth.realm
    _require_sealable(auth, own_realm)
    offers = {name: getattr(auth, name) for name in ("supported_algorithms_uas", "supported_algorithms_uac")}
    written = [name for offer in offers.values() if not offer.inherited for name in offer]
    made = {name: _digest(auth, name, own_realm) for name in dict.fromkeys((*wanted, *written))}
    changed = {
        name: Algorithms(wanted) for name, offer in offers.items() if offer.inherited and set(offer) != set(wanted)
    }
    return auth.evolve(password="", password_digest=made, realm=own_realm, auth_type="md5", **changed)


def digest(algorithm: str, username: str, realm: str, password: str) -> str | None:
    """Return the hexadecimal digest of `username:realm:password`, or None where this Python lacks the hash."""
    import hashlib

    name = HASHES[algorithm]
    if name not in hashlib.algorithms_available:
        return None
    text = f"{username}:{realm}:{password}".encode("utf-8", "surrogateescape")
    return hashlib.new(name, text, usedforsecurity=False).hexdigest()


def mismatched(auth: Auth, realm: str) -> Iterator[str]:
    """Yield the algorithms for which an object has a digest that is not made of its password, for a realm.

    Phones log in by the digest then. What this Python lacks the hash of is taken to be right.
    """
    for algorithm, held in auth.password_digest.items():
        made = digest(algorithm, auth.username, realm, auth.password.reveal())
        if made is not None and made != held.reveal().lower():
            yield algorithm


def _known(auth: Auth, algorithms: Iterable[str]) -> tuple[str, ...]:
    try:
        wanted = tuple(dict.fromkeys(read_algorithms(algorithms)))
    except Refused as refusal:
        raise Unsealable(auth.id, refusal.reason, refusal.remedy) from None
    if not wanted:
        raise Unsealable(auth.id, "no algorithm is named", f"name one of {', '.join(HASHES)}")
    return wanted


def _require_sealable(auth: Auth, realm: str) -> None:
    if auth.auth_type == "google_oauth":
        raise Unsealable(auth.id, "its tokens are no password")
    if is_sealed(auth):
        raise Unsealable(auth.id, "it holds digests alone already")
    if not auth.password:
        raise Unsealable(auth.id, "it has no password")
    if auth.password.reference:
        reason = "its password lies elsewhere, and a reference to it is all that is stored"
        raise Unsealable(auth.id, reason, "store the password itself first if digests are to take its place")
    if realm in _ANY_REALM:
        reason = "it names no realm, and a digest belongs to one"
        raise Unsealable(auth.id, reason, "name the realm that phones are challenged with: the global default_realm")
    if wrong := next(mismatched(auth, realm), ""):
        reason = f"its digest for {wrong} is not made of its password for realm {realm}, and is what phones log in by"
        raise Unsealable(auth.id, reason, "leave one of the two out")
    if ":" in auth.username:
        raise Unsealable(auth.id, "its user name holds a colon, which digests cannot tell from their own")


def _digest(auth: Auth, algorithm: str, realm: str) -> Secret:
    if algorithm not in HASHES:
        raise Unsealable(auth.id, f"it offers {algorithm}, which needs the password", "take it out of the list")
    made = digest(algorithm, auth.username, realm, auth.password.reveal())
    if made is None:
        raise Unsealable(auth.id, f"this Python cannot compute {algorithm}", "name other algorithms")
    return Secret(made)
