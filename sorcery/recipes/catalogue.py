"""Recipes by name: ours, and those that other distributions bring."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from sorcery.errors import ConfigurationError
from sorcery.recipes.bundle import Bundle
from sorcery.recipes.phones import ata, phone, softphone, webrtc
from sorcery.recipes.transports import transport
from sorcery.recipes.trunks import registered_trunk, trunk

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["GROUP", "RECIPES", "Recipe", "find", "names"]

GROUP = "sorcery.recipes"
"""The entry point group in which a distribution names its recipes."""

Recipe = Callable[..., Bundle]
"""A function that takes an id and keyword arguments, and gives the objects that belong together."""

RECIPES: Mapping[str, Recipe] = {
    "phone": phone,
    "softphone": softphone,
    "webrtc": webrtc,
    "ata": ata,
    "trunk": trunk,
    "registered-trunk": registered_trunk,
    "transport": transport,
}
"""Our own."""


def names() -> tuple[str, ...]:
    """Return the names of all recipes, ours first; nothing is imported for them."""
    return tuple(dict.fromkeys((*RECIPES, *sorted(point.name for point in _points()))))


def find(name: str) -> Recipe:
    """Return a recipe by its name, ours before those of others.

    Raises `ConfigurationError` where there is none, where two distributions claim the name, or where it cannot be
    imported or called.
    """
    if name in RECIPES:
        return RECIPES[name]
    named = [point for point in _points() if point.name == name]
    if not named:
        near = difflib.get_close_matches(name, names(), 1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(names())}"
        raise ConfigurationError(f"there is no recipe {name!r}", remedy=remedy)
    if len({point.value for point in named}) > 1:
        raise ConfigurationError(f"recipe {name!r} is claimed by {' and '.join(point.value for point in named)}")
    try:
        found: Recipe = named[0].load()
    except Exception as error:  # whatever somebody else's module does
        raise ConfigurationError(f"recipe {name!r} ({named[0].value}) cannot be loaded: {error}") from error
    if not callable(found):
        raise ConfigurationError(f"recipe {name!r} ({named[0].value}) is no function")
    return found


def _points() -> tuple[EntryPoint, ...]:
    from importlib.metadata import entry_points  # costs more than the look-up itself

    return tuple(entry_points(group=GROUP))
