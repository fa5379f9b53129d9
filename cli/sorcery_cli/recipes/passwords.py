"""Where the passwords of new objects come from: never from the command line, which everybody on the machine sees."""

from __future__ import annotations

import sys

from sorcery import Secret
from sorcery.resolving import Resolvers, read_secret
from sorcery_cli.exits import Misuse

__all__ = ["GENERATE", "STDIN", "password_from"]

GENERATE, STDIN = "generate", "-"
"""What names no place: a new password for each, which is made elsewhere, and a line that is read here."""
_SOURCES = "write env:VARIABLE, file:PATH, - for standard input, or generate"


def password_from(source: str, option: str, followed: Resolvers | None) -> Secret:
    """Return the password that lies at a source.

    With `followed`, the resolvers of a system, it is one that stores keep by reference. Raises `Misuse`, which quotes
    no source that is none, for that may be the password; `Unresolvable` and `Unavailable` where there is nothing.
    """
    if followed is not None:
        return _reference(source, option, followed)
    if source == STDIN:
        return _typed(option)
    if not source.startswith(("env:", "file:")):
        raise Misuse(f"{option}: that is no place; {_SOURCES}")
    return Secret(read_secret(source))


def _reference(source: str, option: str, followed: Resolvers) -> Secret:
    found = followed.follow(Secret(source))
    if not found.reference:
        raise Misuse(
            f"{option}: nothing here follows such a reference, and it would be taken for the password itself; "
            "allow it in [secrets] of sorcery.conf, or leave --keep-reference out"
        )
    return found


def _typed(option: str) -> Secret:
    """Return a line of standard input, unseen where somebody types it."""
    if sys.stdin.isatty():
        import getpass

        line = getpass.getpass(f"{option.removeprefix('--').removesuffix('-from')}: ")
    else:
        try:
            line = sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise Misuse(f"{option}: standard input holds bytes that are no text here") from None
    if not line:
        raise Misuse(f"{option}: standard input holds no line with a password")
    return Secret(line)
