"""Which mappings each type has: those of `sorcery.conf`, the caller's among them, or else the default."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table

import attrs

from sorcery.environment import Environment
from sorcery.errors import ConfigurationError
from sorcery.mapping import Mapping
from sorcery.objects import Object

__all__ = ["Layout", "Placed", "types_by_name"]


@attrs.frozen(slots=True)
class Placed:
    """A mapping that the caller made, and where it stands among those of `sorcery.conf`."""

    mapping: Mapping
    behind: int | None = None
    """How many of these stand in front of it; None for all, however many there come to be."""


@attrs.frozen(slots=True, kw_only=True)
class Layout:
    """The types with their mappings between two changes of configuration; an immutable value."""

    types: Table[str, type[Object]]
    environment: Environment
    fallback: Callable[[type[Object]], Mapping]
    """Gives the mapping of a type that nothing else maps."""
    placed: Table[str, tuple[Placed, ...]] = attrs.field(factory=dict)
    """The caller's mappings by type, in order."""

    def mappings(self) -> dict[str, tuple[Mapping, ...]]:
        """Return the mappings of each type, in the order in which they are asked."""
        found = {}
        for name, cls in self.types.items():
            chosen = self._chosen(name) or (self.fallback(cls),)
            last = self.environment.last.get(name)
            found[name] = chosen if last is None or last in chosen else (*chosen, last)
        return found

    def _chosen(self, name: str) -> tuple[Mapping, ...]:
        """Return the mappings of a type that somebody chose; one that was chosen twice counts once."""
        return tuple(dict.fromkeys(mapping for mapping, _ in self._merged(name)))

    def _merged(self, name: str) -> list[tuple[Mapping, Placed | None]]:
        """Return the mappings of `sorcery.conf` with the caller's between them."""
        configured, waiting = self._configured(name), list(self.placed.get(name, ()))
        merged: list[tuple[Mapping, Placed | None]] = []
        for position, mapping in enumerate(configured):
            while waiting and waiting[0].behind is not None and waiting[0].behind <= position:
                merged.append((waiting[0].mapping, waiting.pop(0)))
            merged.append((mapping, None))
        return merged + [(each.mapping, each) for each in waiting]

    def _configured(self, name: str) -> tuple[Mapping, ...]:
        """Return the mappings that `sorcery.conf` gives a type."""
        own = self.types[name].__sorcery__
        section = self.environment.mappings.get(own.section.lower(), ()) if own.section else ()
        return tuple(attrs.evolve(each, type_name=name) for each in section if each.type_name == own.plain_name)

    def with_mapping(self, mapping: Mapping, position: int | None = None) -> Layout:
        """Return the layout with one more mapping, before the one at that position; behind all for None.

        Raises `ConfigurationError` for one that is there already, and for a position that is not.
        """
        name, merged = mapping.type_name, self._merged(mapping.type_name)
        if any(mapping == other for other, _ in merged):
            arguments = mapping.arguments and f",{mapping.arguments}"
            raise ConfigurationError(f"{name} is mapped to {mapping.wizard}{arguments} already")
        if position is not None and not 0 <= position <= len(merged):
            raise ConfigurationError(
                f"{name} has no position {position}: {_count(len(merged))} chosen for it",
                remedy=f"pass 0 to {len(merged)}, or None for the last",
            )
        ahead = merged if position is None else merged[:position]
        before = [placed for _, placed in ahead if placed is not None]
        behind = None if len(ahead) == len(merged) else len(ahead) - len(before)
        own = self.placed.get(name, ())
        return self._with(name, (*before, Placed(mapping, behind), *own[len(before) :]))

    def without_mapping(self, name: str, wizard: str, arguments: str | None = None) -> Layout:
        """Return the layout without the first of the caller's mappings to a wizard (with arguments, if given).

        Raises `ConfigurationError` if there is none.
        """

        def is_meant(mapping: Mapping) -> bool:
            return mapping.wizard == wizard and arguments in (None, mapping.arguments)

        own = self.placed.get(name, ())
        found = next((placed for placed in own if is_meant(placed.mapping)), None)
        if found is None:
            named = wizard + (f",{arguments}" if arguments else "")
            raise ConfigurationError(
                f"{name} has no mapping to {named} that was made by map()",
                remedy=_remedy(filter(is_meant, self._configured(name))),
            )
        return self._with(name, (placed for placed in own if placed is not found))

    def _with(self, name: str, placed: Iterable[Placed]) -> Layout:
        return attrs.evolve(self, placed={**self.placed, name: tuple(placed)})


def types_by_name(types: Iterable[type[Object]]) -> dict[str, type[Object]]:
    """Return the types by name; raises `ConfigurationError` where two classes have the same."""
    known: dict[str, type[Object]] = {}
    for cls in types:
        name = cls.__sorcery__.name
        if known.setdefault(name, cls) is not cls:
            raise ConfigurationError(f"{name} is the name of another class", remedy=f"rename {cls.__qualname__}'s type")
    return known


def _count(mappings: int) -> str:
    return "1 mapping is" if mappings == 1 else f"{mappings} mappings are"


def _remedy(configured: Iterable[Mapping]) -> str:
    """Say how to be rid of a mapping that `sorcery.conf` made."""
    line = next(iter(configured), None)
    return f"remove the line {line.place} and reload" if line else ""
