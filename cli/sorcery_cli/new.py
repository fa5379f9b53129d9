"""`sorcery new`: a phone or a trunk in a few words, and the objects that belong to it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from sorcery import ConfigurationError
from sorcery_cli.context import Json, session_of
from sorcery_cli.output import print_json, print_table

if TYPE_CHECKING:
    from sorcery.recipes import Recipe

__all__ = ["new"]

# Recipes, and what makes commands of them, are imported where they are used: they bring all object types.


class _Recipes(TyperGroup):
    """The recipes as commands, each made when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of the recipes that can be commands."""
        return [name for name, recipe in _known().items() if not isinstance(recipe, ConfigurationError)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of a recipe, None where there is none; raises `ConfigurationError`."""
        from sorcery.recipes import find, names
        from sorcery_cli.recipes.command import command_of

        return command_of(cmd_name, find(cmd_name)) if cmd_name in names() else None


new = typer.Typer(cls=_Recipes, invoke_without_command=True)


@new.callback()
def recipes(context: typer.Context, json: Json = False) -> None:
    """Create the objects of a phone or a trunk together, all or nothing. Without a recipe: list them.

    `sorcery new RECIPE --help` says what each takes.
    """
    if context.invoked_subcommand is not None:
        context.obj = session_of(context, json)
        return
    found = {name: _summary(recipe) for name, recipe in _known().items()}
    if session_of(context, json).json:
        print_json([{"recipe": name, "summary": summary} for name, summary in found.items()])
    else:
        print_table(("recipe", "makes"), list(found.items()))


def _known() -> dict[str, Recipe | ConfigurationError]:
    """Return all recipes by name; in the place of one that can be no command, why: it hides no other."""
    from sorcery.recipes import find, names
    from sorcery_cli.recipes.command import own_parameters

    found: dict[str, Recipe | ConfigurationError] = {}
    for name in names():
        try:
            found[name] = recipe = find(name)
            own_parameters(name, recipe)
        except ConfigurationError as error:
            found[name] = error
    return found


def _summary(recipe: Recipe | ConfigurationError) -> str:
    """Return the first sentence of what a recipe says of itself, or why there is none."""
    if isinstance(recipe, ConfigurationError):
        return str(recipe)
    return (inspect.getdoc(recipe) or "").partition("\n\n")[0].replace("\n", " ")
