"""New objects as they are printed: as changes, or as the lines of a file."""

from __future__ import annotations

import collections
from collections.abc import Iterable, Sequence

from sorcery import InvalidObject, Object
from sorcery.conf.editing.forms import Style, Unwritable, header
from sorcery.pjsip import Auth
from sorcery.wizard import Op
from sorcery_cli.output import print_json, print_text

__all__ = ["print_changes", "print_counts", "print_lines", "print_passwords"]


def print_changes(objects: Iterable[Object], *, json: bool, secrets: bool) -> None:
    """Print objects as changes that create them, as `plan` does; passwords only if `secrets` are asked for."""
    if json:
        print_json([_data(obj, secrets=secrets) for obj in objects])
        return
    for obj in objects:
        lines = [f"    {name}: {text}" for name, text in _pairs(obj, secrets=secrets)]
        print_text("\n".join([f"+ {obj.__sorcery__.name} {obj.id}", *lines]))


def print_counts(objects: Iterable[Object]) -> None:
    """Print how many objects of each type were created."""
    counts = collections.Counter(obj.__sorcery__.name for obj in objects)
    print_text("created " + (", ".join(f"{count} of type {name}" for name, count in counts.items()) or "nothing"))


def print_lines(objects: Iterable[Object], *, secrets: bool) -> None:
    """Print objects as the sections of a file; passwords only if `secrets` are asked for.

    Raises `InvalidObject` for one that no file can hold.
    """
    print_text("\n\n".join("\n".join(_section(obj, secrets=secrets)) for obj in objects))


def print_passwords(auths: Sequence[Auth]) -> None:
    """Print the passwords that nobody knows yet."""
    print_text("\n".join(f"password of {auth.username}: {auth.password.reveal()}" for auth in auths))


def _data(obj: Object, *, secrets: bool) -> dict[str, object]:
    changes = [{"option": name, "old": None, "new": text} for name, text in _pairs(obj, secrets=secrets)]
    return {"op": Op.CREATE.value, "type": obj.__sorcery__.name, "id": obj.id, "changes": changes}


def _section(obj: Object, *, secrets: bool) -> list[str]:
    pairs = [("type", obj.__sorcery__.plain_name), *_pairs(obj, secrets=secrets)]
    try:
        lines = [header(obj.id), *(Style().setting(name, text) for name, text in pairs)]
    except Unwritable as error:
        raise InvalidObject(obj.__sorcery__.name, obj.id, str(error), remedy=error.remedy) from None
    return [line.decode("utf-8", "surrogateescape") for line in lines]


def _pairs(obj: Object, *, secrets: bool) -> list[tuple[str, str]]:
    return obj.settings() if secrets else list(obj.__sorcery__.masked(obj.settings()))
