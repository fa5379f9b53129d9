"""`sorcery conf`: `.conf` files as Asterisk reads them, before anybody takes their sections for objects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from sorcery import ConfigurationError, Secret
from sorcery.conf import Category, ConfFile, Variable, dump, dump_error, read_conf
from sorcery_cli.context import Json, Secrets, session_of
from sorcery_cli.exits import Exit
from sorcery_cli.formatting import fmt
from sorcery_cli.output import names_secret, note, print_json, print_text, without_passwords

__all__ = ["conf"]

conf = typer.Typer(help="Look at .conf files, and format them.", no_args_is_help=True)
conf.command("fmt")(fmt)


@conf.command("dump")
def dump_file(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file; relative to the current directory.")],
    exec_includes: Annotated[bool, typer.Option("--exec-includes", help="Run the commands of #exec lines.")] = False,
    secrets: Secrets = False,
    json: Json = False,
) -> None:
    """Print the categories of one file: templates, inheritance, includes and the line of each value.

    Relative includes count from -C DIR if it is given, else from the file's own folder. JSON holds everything as
    written, passwords too.
    """
    session = session_of(context, json)
    try:
        found = read_conf(file, directory=session.includes, exec_includes=exec_includes)
    except ConfigurationError as error:
        if not session.json:
            raise
        note(f"sorcery: {error}")
        print_json(dump_error(error))
        raise typer.Exit(Exit.FINDINGS) from None
    for message in found.messages:
        note(str(message))
    if session.json:
        print_json(dump(found))
    else:
        print_text("\n\n".join("\n".join(_lines(found, each, secrets=secrets)) for each in found.categories))


def _lines(found: ConfFile, category: Category, *, secrets: bool) -> Iterator[str]:
    """Yield a category as a file would hold it, each line with its origin as a comment."""
    options = [*(["!"] if category.template else []), *category.bases]
    header = f"[{category.name}]" + (f"({','.join(options)})" if options else "")
    yield _with_origin(header, found, category)
    for variable in category.variables:
        text = _value(variable, secrets=secrets)
        line = f"{variable.key} {variable.operator} {text}"
        yield _with_origin(line, found, variable) + (" inherited" if variable.inherited else "")


def _value(variable: Variable, *, secrets: bool) -> str:
    if secrets:
        return variable.value
    if names_secret(variable.key):
        return str(Secret(variable.value))
    return without_passwords(variable.value)


def _with_origin(line: str, found: ConfFile, item: Category | Variable) -> str:
    place = str(found.place_of(item)).removeprefix(f"{found.directory.rstrip('/')}/")
    return f"{line:<50} ; {place}"
