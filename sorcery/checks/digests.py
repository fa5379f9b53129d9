"""Digests that match no password, no realm or no algorithm."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.pjsip import Auth, Endpoint, Global, Registration, sealing

__all__ = ["RULES"]

_HEX = re.compile(r"[0-9a-fA-F]+")


@rule(
    "digest-not-hex",
    Severity.ERROR,
    what="A digest holds characters that are no hexadecimal digits.",
    why="Asterisk checks its length alone, and compares it with one that it can never be equal to: all are refused.",
    mending="Compute it anew, of `username:realm:password`.",
)
def digest_not_hex(system: System) -> Iterator[Fault]:
    for auth in system.all(Auth):
        for algorithm, digest in auth.password_digest.items():
            if not _HEX.fullmatch(digest.reveal()):
                yield Fault(
                    problem=f"the digest for {algorithm} is not hexadecimal, and matches nothing",
                    remedy=f"write the {algorithm} of {_ingredients(system, auth)}",
                    obj=auth,
                    option=_option(system, auth),
                )


@rule(
    "digest-mismatch",
    Severity.WARNING,
    what="An auth object has a password and a digest, and the one is not made of the other.",
    why="The digest counts for its algorithm: the former password still opens, and the new one is refused.",
    mending="Leave one of them out, or compute the digest anew.",
)
def digest_mismatch(system: System) -> Iterator[Fault]:
    for auth in system.all(Auth):
        realm = _realm(system, auth)
        if not auth.password or realm is None:
            continue
        for algorithm in sealing.mismatched(auth, realm):
            yield Fault(
                problem=f"the digest for {algorithm} is not that of {_ingredients(system, auth)}",
                remedy="compute it anew, or leave the digest or the password out",
                obj=auth,
                option=_option(system, auth),
            )


@rule(
    "digest-without-realm",
    Severity.WARNING,
    what="An auth object has a digest and no realm.",
    why="A digest is made for one realm. Without one here it is compared for the global `default_realm`, or sent to "
    "whatever realm asks, and fits only where the realms happen to be equal.",
    mending="Write the realm that the digest was made for.",
)
def digest_without_realm(system: System) -> Iterator[Fault]:
    for auth in system.all(Auth):
        if auth.password_digest and not auth.password and auth.realm in ("", "*"):
            yield Fault(
                problem="there is a digest and no realm, and a digest belongs to one realm",
                remedy="write realm=, the one that the digest was made for",
                obj=auth,
                option=_option(system, auth),
            )


@rule(
    "digest-unused",
    Severity.WARNING,
    what="A digest is for an algorithm that neither list of algorithms names.",
    why="It is never looked at; the stronger algorithm that was meant is not offered.",
    mending="Name the algorithm in `supported_algorithms_uas` and `supported_algorithms_uac`.",
)
def digest_unused(system: System) -> Iterator[Fault]:
    for auth in system.all(Auth):
        used = {*auth.supported_algorithms_uas, *auth.supported_algorithms_uac}
        for algorithm in auth.password_digest:
            if algorithm not in used:
                yield Fault(
                    problem=f"the digest for {algorithm} is never used: no list of algorithms names it",
                    remedy=f"add {algorithm} to supported_algorithms_uas and supported_algorithms_uac",
                    obj=auth,
                    option=_option(system, auth),
                )


@rule(
    "shadowed-auth",
    Severity.WARNING,
    what="`outbound_auth` lists two objects for one realm, or two without a realm.",
    why="Of several for the same realm the first answers; the others never do.",
    mending="Give each its realm, or leave all but one out.",
)
def shadowed_auth(system: System) -> Iterator[Fault]:
    auths = system.by_id(Auth)
    users: tuple[Object, ...] = (*system.all(Endpoint), *system.all(Registration))
    for user in users:
        first: dict[str, str] = {}
        for name in getattr(user, "outbound_auth"):  # noqa: B009 - both types have it
            if name not in auths:
                continue
            realm = "" if auths[name].realm == "*" else auths[name].realm.lower()
            other = first.setdefault(realm, name)
            if other != name:
                where = f"realm {realm!r}" if realm else "any realm"
                yield Fault(
                    problem=f"{name} is never used: {other} answers for {where} before it",
                    remedy="give each its own realm, or leave one out",
                    obj=user,
                    option="outbound_auth",
                    value=name,
                )


def _realm(system: System, auth: Auth) -> str | None:
    """Return the realm that an object's digests are made for; None where others name it, or it cannot be told."""
    if auth.realm not in ("", "*"):
        return auth.realm
    if auth.realm == "*" or auth.id in system.only_answering or not system.is_known(Global):
        return None
    return next((each.default_realm for each in system.all(Global)), "asterisk")


def _ingredients(system: System, auth: Auth) -> str:
    return f"{auth.username}:{_realm(system, auth) or 'REALM'}:PASSWORD"


def _option(system: System, auth: Auth) -> str:
    """Return the option that wrote the digest: a lone MD5 one may stand under either name."""
    is_named = system.place(auth, "md5_cred") != system.place(auth)
    return "md5_cred" if list(auth.password_digest) == ["MD5"] and is_named else "password_digest"


RULES = (digest_not_hex, digest_mismatch, digest_without_realm, digest_unused, shadowed_auth)
