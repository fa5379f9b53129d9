"""Passwords that somebody will guess or read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sorcery.checks.rule import Fault, rule
from sorcery.checks.system import System
from sorcery.findings import Severity
from sorcery.objects import Object
from sorcery.pjsip import Auth
from sorcery.resolving import SecretFiles, looks_like_reference
from sorcery.secret import Secret

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
_EXAMPLES = {"env": "env = yes", "file": "file = /run/secrets", "vault": "vault = …"}
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


@rule(
    "reference-not-followed",
    Severity.WARNING,
    what="A secret is written like a reference, as `env:NAME` or `file:/PATH`, and no line of `[secrets]` allows that.",
    why="It is taken literally, as Asterisk takes it: whoever can read it knows the password.",
    mending="Allow the scheme in `[secrets]` of `sorcery.conf`, or write the secret itself.",
)
def reference_not_followed(system: System) -> Iterator[Fault]:
    for obj, option, secret in _secrets(system):
        if not secret.reference and looks_like_reference(secret.reveal()):
            scheme = secret.reveal().partition(":")[0]
            yield Fault(
                problem="what looks like a reference to a secret is the secret itself: references are not followed",
                remedy=f"write {_EXAMPLES[scheme]} into [secrets] of sorcery.conf, or the secret itself here",
                obj=obj,
                option=option,
            )


@rule(
    "secret-file-exposed",
    Severity.WARNING,
    what="A secret lies in a file that others than its owner may read or write.",
    why="Every program and user of the group, or of the machine, can log in with it.",
    mending="Let its owner alone read it: `chmod 600`, or mount it so.",
)
def secret_file_exposed(system: System) -> Iterator[Fault]:
    files = system.environment.secrets.by_scheme.get("file")
    if not isinstance(files, SecretFiles):
        return
    for obj, option, secret in _secrets(system):
        scheme, _, path = secret.reference.partition(":")
        if scheme == "file" and files.is_exposed(path):
            yield Fault(
                problem=f"others than its owner may read {files.path(path)}",
                remedy=f"chmod 600 {files.path(path)}",
                obj=obj,
                option=option,
            )


def _secrets(system: System) -> Iterator[tuple[Object, str, Secret]]:
    """Yield each secret that is one text, with its object and option."""
    for cls in system.sorcery.types.values():
        for option in cls.__sorcery__.hidden:
            for obj in system.all(cls):
                yield obj, option.name, getattr(obj, option.attribute)


def _is_id(auth: Auth) -> bool:
    text = auth.password.reveal().lower()
    names = {auth.username.lower(), auth.id.lower()} - {""}
    return any(text in (name, name[::-1], name * 2) for name in names)


def _fault(auth: Auth, problem: str) -> Fault:
    return Fault(problem=f"the password {problem}", remedy=REMEDY, obj=auth, option="password")


RULES = (secret_is_id, default_secret, weak_secret, reference_not_followed, secret_file_exposed)
