"""How a run ends: which exit code an error means, and what is told of it."""

from __future__ import annotations

import difflib
import enum
import re
from typing import Any

from typer import TyperException

from sorcery import NotListed, PartialWrite, SorceryError, Unavailable, UnknownType
from sorcery_cli.output import without_passwords

__all__ = ["Exit", "Misuse", "NotKept", "error_data", "exit_for", "message"]


class Exit(enum.IntEnum):
    """The exit codes of every command."""

    GOOD = 0
    FINDINGS = 1
    """Something is wrong with what was looked at: findings, differences, no such object, an object refused."""
    MISUSE = 2
    """The command line asks for something that cannot be."""
    UNAVAILABLE = 3
    """A store could not answer."""


class Misuse(SorceryError):
    """A command line that asks for something that cannot be."""


class NotKept(SorceryError):
    """A change to a type that lies in memory only: it would be gone when the command ends."""

    def __init__(self, type_name: str) -> None:
        self.type_name = type_name
        super().__init__(
            f"{type_name} is held in memory only here, so nothing would remain; "
            "map it to realtime or astdb in sorcery.conf"
        )


def exit_for(error: Exception) -> Exit:
    """Return the exit code that an error means."""
    match error:
        case TyperException() | Misuse() | UnknownType():
            return Exit.MISUSE
        case NotListed():
            return Exit.FINDINGS
        case Unavailable():
            return Exit.UNAVAILABLE
        case PartialWrite() if isinstance(error.__cause__, Unavailable):
            return Exit.UNAVAILABLE
        case SorceryError():
            return Exit.FINDINGS
    return Exit.UNAVAILABLE


BEFORE_THE_COMMAND = frozenset({"-C", "--config-dir", "--db", "--compat", "--target", "--version"})
"""The options of `sorcery` itself."""


def message(error: Exception) -> str:
    """Return what is wrong and what would be right, in one line; what else is known stands in the error's notes."""
    match error:
        case TyperException():
            text = error.format_message() or "Missing command."
            if getattr(error, "option_name", None) in BEFORE_THE_COMMAND:
                text = f"{text.removesuffix('.')} here: it stands before the command"
        case UnknownType():
            near = difflib.get_close_matches(error.name, error.known, 1)
            hint = f"did you mean {near[0]}? " if near else ""
            text = f"unknown object type {error.name!r}; {hint}use one of: {', '.join(error.known)}"
        case OSError() if not isinstance(error, SorceryError) and error.filename is not None:
            hint = "; let this user get at it" if isinstance(error, PermissionError) else ""
            text = f"{error.filename}: {error.strerror}{hint}"
        case _:
            text = str(error)
    return without_passwords(text)


def error_data(error: Exception) -> dict[str, Any]:
    """Return what `--json` prints in the place of a result."""
    name = "Usage" if isinstance(error, TyperException) else type(error).__name__
    data: dict[str, Any] = {
        "kind": re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower(),
        "message": message(error),
        "exit": int(exit_for(error)),
    }
    if notes := getattr(error, "__notes__", None):
        data["notes"] = [without_passwords(each) for each in notes]
    return {"error": data}
