"""Opening a directory although some of its mappings cannot be used: the rest is to be checked too."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from pathlib import Path
from typing import NoReturn

import attrs

from sorcery.binding import Opener
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.findings import Finding, Severity
from sorcery.instance import Sorcery
from sorcery.layout import Layout
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.pjsip import TYPES
from sorcery.query import Query
from sorcery.registry import Registry
from sorcery.release import Release
from sorcery.target import target_of
from sorcery.wizard import Store

__all__ = ["open_usable"]

UNUSABLE = "a mapping that cannot be used"


def open_usable(
    directory: Path, *, compat: bool = False, release: Release | None = None
) -> tuple[Sorcery, list[Finding]]:
    """Open a directory without the mappings that cannot be used, and return the findings for these.

    What they map is as good as silent: nothing is said of it. Raises `ConfigurationError` for what is wrong with
    more than one mapping.
    """
    target = target_of(str(directory), TYPES, compat=compat, release=release)
    types = {cls.__sorcery__.name: cls for cls in TYPES}
    layout = Layout(types=types, environment=target.environment, fallback=target.fallback)
    refused = _refused(layout)
    registry = Registry()
    registry.register(UNUSABLE, _Unusable)
    usable = _without(target.environment, types, refused)
    opened = Sorcery(usable, registry=registry, fallback=target.fallback, image=False)
    return opened, [_finding(mapping, error) for mapping, error in refused.items()]


def _refused(layout: Layout) -> dict[Mapping, ConfigurationError]:
    """Return the mappings that cannot be opened, each by itself, and why."""
    refused: dict[Mapping, ConfigurationError] = {}
    opener = Opener(Registry())
    try:
        for name, mappings in layout.mappings().items():
            for mapping in mappings:
                try:
                    opener.release(
                        opener.generation({name: layout.types[name]}, {name: (mapping,)}, layout.environment)
                    )
                except ConfigurationError as error:
                    refused[mapping] = error
    finally:
        opener.close()
    return refused


def _without(environment: Environment, types: Table[str, type[Object]], refused: Iterable[Mapping]) -> Environment:
    """Return the environment with mappings to nobody in the place of those; a cache just goes."""
    mappings = dict(environment.mappings)
    for each in refused:
        own = types[each.type_name].__sorcery__
        section, line = own.section.lower(), attrs.evolve(each, type_name=own.plain_name)
        kept = [other for other in mappings.get(section, ()) if other != line]
        if not each.caching:
            kept.append(attrs.evolve(line, wizard=UNUSABLE))
        mappings[section] = tuple(kept)
    return attrs.evolve(environment, mappings=mappings)


def _finding(mapping: Mapping, error: ConfigurationError) -> Finding:
    return Finding(
        severity=Severity.ERROR,
        rule="unusable-mapping",
        message=f"{error.reason}; {mapping.type_name} was not checked",
        remedy=error.remedy,
        place=error.place,
        type_name=mapping.type_name,
    )


@attrs.define(eq=False)
class _Nobody:
    """A store that never answers."""

    label: str

    def retrieve(self, id: str) -> NoReturn:
        raise Unavailable(self.label, "its mapping cannot be used")

    def search(self, query: Query) -> NoReturn:
        raise Unavailable(self.label, "its mapping cannot be used")


class _Unusable:
    """The wizard of those."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Store:
        return _Nobody(f"{object_type.name} = {arguments}")

    def release(self, store: Store) -> None:
        """Keep nothing."""

    def close(self) -> None:
        """Keep nothing."""
