"""The keyword arguments of a recipe as options of a command."""

from __future__ import annotations

import inspect
import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
import typer

from sorcery import ConfigurationError, Secret
from sorcery.recipes import Recipe

__all__ = ["Parameter", "parameters"]

NAMES = tuple[str, ...]


@attrs.frozen
class Parameter:
    """One keyword argument of a recipe."""

    name: str
    type: Any
    """`str`, `int`, `bool`, `Secret`, a `Literal`, or a tuple of texts."""
    default: Any
    """`inspect.Parameter.empty` where it has to be given."""
    doc: str

    @property
    def is_required(self) -> bool:
        """Whether the recipe cannot do without it."""
        return self.default is inspect.Parameter.empty

    @property
    def option(self) -> str:
        """How it is written on the command line: of a secret only the place where it lies is."""
        dashed = self.name.replace("_", "-")
        return f"--{dashed}-from" if self.type is Secret else f"--{dashed}"

    @property
    def argument(self) -> str:
        """What the command calls it: none of its own is called so."""
        return f"recipe_{self.name}"

    def declared(self) -> inspect.Parameter:
        """Return the parameter of the command; None is what was not given, for a table may give it."""
        kind, default, doc = self.type, self.default, self.doc
        if self.type is Secret:
            kind, default = str | None, None
        elif self.is_required:
            kind, default = (str if self.type == NAMES else self.type) | None, None
        elif self.type == NAMES:
            kind, default = str, ",".join(default)
        option = typer.Option(
            *self._words(),
            help=f"{doc} Required." if self.is_required else doc,
            metavar="PLACE" if self.type is Secret else None,
        )
        return inspect.Parameter(
            self.argument, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[kind, option]
        )

    def _words(self) -> tuple[str, ...]:
        return (f"{self.option}/--no-{self.option[2:]}",) if self.type is bool else (self.option,)

    def read(self, text: str) -> Any:
        """Return the value that a text means; raises `ValueError`, which says what would be right."""
        if self.type == NAMES:
            return tuple(item for part in text.split(",") if (item := part.strip()))
        if self.type is int:
            if not text.strip().isdecimal():
                raise ValueError("write a whole number")
            return int(text)
        if self.type is bool:
            words = {"yes": True, "no": False}
            if text.strip().lower() not in words:
                raise ValueError("write yes or no")
            return words[text.strip().lower()]
        if get_origin(self.type) is Literal and text not in get_args(self.type):
            raise ValueError(f"write one of {', '.join(get_args(self.type))}")
        return Secret(text) if self.type is Secret else text


def parameters(recipe: Recipe) -> Mapping[str, Parameter]:
    """Return the keyword arguments of a recipe by name.

    Raises `ConfigurationError` for a recipe of somebody else's that no command can be made of.
    """
    called = f"recipe {recipe.__module__}.{recipe.__qualname__}"
    try:
        hints = get_type_hints(recipe, include_extras=True)
    except NameError as error:
        raise ConfigurationError(f"{called}: {error}", remedy="import what its annotations name") from error
    found = {}
    for each in list(inspect.signature(recipe).parameters.values())[1:]:  # the first is the id
        hint, doc = _documented(hints.get(each.name, str))
        is_one = each.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        if not is_one or (hint not in (str, int, bool, Secret, NAMES) and get_origin(hint) is not Literal):
            raise ConfigurationError(
                f"{called}: no option can be made of parameter {each.name!r}",
                remedy="give it one of the types str, int, bool, Secret, tuple[str, ...], or a Literal of texts",
            )
        found[each.name] = Parameter(each.name, hint, each.default, doc)
    return found


def _documented(hint: Any) -> tuple[Any, str]:
    """Return the type behind `Annotated[…, "what it is"]` and `… | None`, and what it is."""
    doc = ""
    if get_origin(hint) is Annotated:
        hint, *told = get_args(hint)
        doc = next((each for each in told if isinstance(each, str)), "")
    if get_origin(hint) in (Union, types.UnionType):
        (hint,) = [each for each in get_args(hint) if each is not type(None)][:1]
    return hint, doc
