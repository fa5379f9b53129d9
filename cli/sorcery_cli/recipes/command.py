"""One recipe as a command, whose options are the recipe's keyword arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from sorcery import ConfigurationError
from sorcery.recipes import Recipe
from sorcery_cli.context import Json, Secrets, Writable, session_of
from sorcery_cli.recipes.making import Wanted, make
from sorcery_cli.recipes.parameters import Parameter, parameters

__all__ = ["command_of", "own_parameters"]


def _shared(
    context: typer.Context,
    id: Annotated[str | None, typer.Argument(metavar="ID", help="What it is called, and registers as.")] = None,
    settings: Annotated[
        list[str] | None, typer.Argument(metavar="TYPE/NAME=VALUE", help="Options of the objects, as files hold them.")
    ] = None,
    from_csv: Annotated[
        Path | None, typer.Option("--from-csv", metavar="FILE", help="Make one of each row: columns id, name, …")
    ] = None,
    seal: Annotated[
        str | None,
        typer.Option("--seal", metavar="REALM", help="Store digests for this realm in the place of the password."),
    ] = None,
    keep_reference: Annotated[
        bool, typer.Option("--keep-reference", help="Store where the password lies, which `[secrets]` has to follow.")
    ] = False,
    allow_dangling: Annotated[
        bool, typer.Option("--allow-dangling", help="Store them even if they refer to objects that do not exist.")
    ] = False,
    writable: Writable = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the lines that a file would hold, and store nothing.")
    ] = False,
    secrets: Secrets = False,
    json: Json = False,
) -> None:
    """Declare what the commands of all recipes take."""


_ARGUMENTS = 3
"""The first ones above are no options."""


def command_of(name: str, recipe: Recipe) -> Any:
    """Return a recipe's command; raises what `own_parameters` raises."""
    own = own_parameters(name, recipe)

    def run(context: typer.Context, json: bool, **words: Any) -> None:
        values = {name: words.pop(each.argument) for name, each in own.items()}
        make(session_of(context, json), Wanted(recipe=recipe, parameters=own, values=values, **words))

    app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    app.command(name, help=inspect.getdoc(recipe))(_signed(run, [each.declared() for each in own.values()]))
    return typer.main.get_command(app)


def own_parameters(name: str, recipe: Recipe) -> Mapping[str, Parameter]:
    """Return what a recipe's command takes of its own; raises `ConfigurationError` where it can be no command."""
    shared = {f"--{each.replace('_', '-')}" for each in list(inspect.signature(_shared).parameters)[_ARGUMENTS:]}
    own = parameters(recipe)
    for each in own.values():
        if each.option in shared:
            raise ConfigurationError(
                f"recipe {name}: {each.option} is an option of all recipes", remedy=f"rename its parameter {each.name}"
            )
    return own


def _signed(function: Callable[..., None], own: list[inspect.Parameter]) -> Callable[..., None]:
    """Give a function the parameters that all commands share, with some of its own before the options."""
    hints = get_type_hints(_shared, include_extras=True)
    shared = [each.replace(annotation=hints[each.name]) for each in inspect.signature(_shared).parameters.values()]
    keywords = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in shared]
    declared = [*keywords[:_ARGUMENTS], *own, *keywords[_ARGUMENTS:]]
    function.__signature__ = inspect.Signature(declared)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in declared}
    return function
