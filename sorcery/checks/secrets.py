"""Passwords that somebody will guess."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.pjsip import Auth

__all__ = ["DEFAULTS", "RULES"]

SHORTEST = 8
DEFAULTS = frozenset(
    (
        *("password", "passwd", "pass", "secret", "admin", "administrator", "asterisk", "freepbx", "default"),
        *("changeme", "change_me", "changethis", "letmein", "welcome", "qwerty", "qwertyuiop", "abc123"),
        *("password1", "passw0rd", "p@ssw0rd", "secret123", "test", "testtest", "guest", "user", "phone"),
        *("extension", "voip", "sip", "sippassword", "12345678", "123456789", "1234567890", "87654321"),
        *("00000000", "11111111", "unsecurepassword"),
    )
)
"""What scanners try first, and what examples and devices come with."""
_ONE_KIND = re.compile(r"\d{1,11}|(.)\1*", re.DOTALL)
REMEDY = "write a random one of 16 characters or more"


@rule(
    "secret-is-id",
    Severity.WARNING,
    what="A password is the user name or the id, perhaps reversed or repeated.",
    why="It is the first that a scanner tries, and the number is known to all who are called.",
    mending="Write a random password.",
)
def secret_is_id(system: System) -> Iterator[Fault]:
    for auth in system.auths_of_devices():
        if _is_id(auth):
            yield _fault(auth, "is the user name or the id")


@rule(
    "default-secret",
    Severity.WARNING,
    what="A password is one that examples and devices come with.",
    why="Scanners try these within minutes of finding the port.",
    mending="Write a random password.",
)
def default_secret(system: System) -> Iterator[Fault]:
    for auth in system.auths_of_devices():
        if auth.password.reveal().lower() in DEFAULTS and not _is_id(auth):
            yield _fault(auth, "is one of those that everybody tries")


@rule(
    "weak-secret",
    Severity.WARNING,
    what=f"A password has fewer than {SHORTEST} characters, or is one repeated, or a number of fewer than 12 digits.",
    why="A challenge that was overheard tells it within minutes, without another request.",
    mending="Write a random password.",
)
def weak_secret(system: System) -> Iterator[Fault]:
    for auth in system.auths_of_devices():
        text = auth.password.reveal()
        if not text or text.lower() in DEFAULTS or _is_id(auth):
            continue
        if len(text) < SHORTEST:
            yield _fault(auth, f"has {len(text)} characters, and fewer than {SHORTEST} are quickly guessed")
        elif _ONE_KIND.fullmatch(text):
            yield _fault(auth, "is a short number or one character repeated")


def _is_id(auth: Auth) -> bool:
    text = auth.password.reveal().lower()
    names = {auth.username.lower(), auth.id.lower()} - {""}
    return any(text in (name, name[::-1], name * 2) for name in names)


def _fault(auth: Auth, problem: str) -> Fault:
    return Fault(problem=f"the password {problem}", remedy=REMEDY, obj=auth, option="password")


RULES = (secret_is_id, default_secret, weak_secret)
