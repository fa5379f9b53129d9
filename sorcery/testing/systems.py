"""What the suite does with whole systems: open another one, reconfigure one, note what its observers are told."""

from __future__ import annotations

from typing import Any

import attrs

from sorcery import Object, Sorcery
from sorcery.mapping import Mapping

__all__ = ["Recorder", "Reopening", "reconfigure"]

Event = tuple[str, Any]


class Recorder:
    """Notes what observers are told, in order."""

    def __init__(self, sorcery: Sorcery, *types: type[Object]) -> None:
        self.events: list[Event] = []
        for cls in types:
            sorcery.observe(
                cls,
                created=lambda new: self.events.append(("created", new)),
                updated=lambda new, old: self.events.append(("updated", (new, old))),
                deleted=lambda old: self.events.append(("deleted", old)),
            )


class Reopening:
    """What is known of two instances on the same stores."""

    survives_reopening: bool = True
    """Another instance of the same stores finds what this one stored."""
    follows_others: bool = True
    """After a reload it holds what another instance changed; not so memory with a store behind it."""

    def reopen(self, sorcery: Sorcery) -> Sorcery:
        """Return a second instance with the same mappings; a wizard that is not installed overrides it."""
        mappings = {name: sorcery.mappings(name) for name in sorcery.types}
        again = Sorcery(
            sorcery.environment,
            types=sorcery.types.values(),
            fallback=lambda cls: Mapping(cls.__sorcery__.name, "memory"),
        )
        for name, found in mappings.items():
            if again.mappings(name) != found:
                for mapping in found:
                    again.map(name, mapping.wizard, mapping.arguments, caching=mapping.caching)
        return again


def reconfigure(sorcery: Sorcery, **changes: Any) -> None:
    """Set fields of the environment that is in force."""
    standing = sorcery._standing
    standing.layout = attrs.evolve(standing.layout, environment=attrs.evolve(sorcery.environment, **changes))
