"""`sorcery show`: the objects as they are understood."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from sorcery import Object
from sorcery_cli.context import Json, Secrets, TypeName, existing, session_of, tell_refused
from sorcery_cli.output import object_data, print_json, print_table, printed_pairs

__all__ = ["show"]


def show(
    context: typer.Context,
    type_name: TypeName,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="One object; all without it.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every option, not only those that are set.")] = False,
    secrets: Secrets = False,
    json: Json = False,
) -> None:
    """Show one object, or all of a type.

    People see what is set, JSON holds every option as Asterisk prints it.
    """
    session = session_of(context, json)
    with session.open() as s:
        objects = s.retrieve_all(type_name) if id is None else [existing(s, type_name, id)]
        if session.json:
            print_json([object_data(obj, compat=session.compat, secrets=secrets) for obj in objects])
        elif id is None and not every:
            _print_summary(objects, secrets=secrets)
        else:
            for obj in objects:
                _print_object(obj, every=every, compat=session.compat, secrets=secrets)
        if id is None:
            tell_refused(s, type_name)


def _print_summary(objects: Iterable[Object], *, secrets: bool) -> None:
    rows = [(obj.id, "  ".join(f"{name}={text}" for name, text in _set(obj, secrets=secrets))) for obj in objects]
    print_table(("id", "set"), rows)


def _print_object(obj: Object, *, every: bool, compat: bool, secrets: bool) -> None:
    pairs = printed_pairs(obj, compat=compat, secrets=secrets) if every else _set(obj, secrets=secrets)
    print_table(("option", "value"), pairs, title=f"{obj.__sorcery__.name} {obj.id}")


def _set(obj: Object, *, secrets: bool) -> Iterable[tuple[str, str]]:
    """Return the lines that a file would hold."""
    return obj.settings() if secrets else obj.__sorcery__.masked(obj.settings())
