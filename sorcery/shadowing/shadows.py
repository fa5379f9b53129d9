"""Which shadow a system has: opened when its configuration changes, put in force with it, and closed after it."""

from __future__ import annotations

from collections.abc import Callable, Container
from collections.abc import Mapping as Table
from typing import TYPE_CHECKING

import attrs

from sorcery.binding import Opener
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, SorceryError
from sorcery.findings import Finding, Severity
from sorcery.layout import Layout
from sorcery.mapping import Mapping
from sorcery.objects import Object
from sorcery.registry import Registry
from sorcery.shadowing.figures import Tally
from sorcery.shadowing.settings import ShadowSettings, shadow_settings
from sorcery.shadowing.shadow import Shadow
from sorcery.wizard import Reader

if TYPE_CHECKING:
    from sorcery.instance import Sorcery

__all__ = ["Second", "Shadows", "second_environment", "unusable"]

Second = Callable[[Layout], "tuple[Sorcery, Callable[[str], Reader]]"]
"""Opens a system, and returns what asks its stores too."""


class Shadows:
    """The shadow that is in force, and the one that is to be; without `second` there never is one."""

    def __init__(self, second: Second | None, registry: Registry) -> None:
        self._second, self._registry = second, registry
        self.current: Shadow | None = None
        self._coming: Shadow | None = None
        self._gone: Shadow | None = None
        self._environment: Environment | None = None
        """That of the shadow which is to be, or is."""
        self.findings: list[Finding] = []
        """What is wrong with `[shadow]`."""

    def prepare(self, layout: Layout) -> Shadow | None:
        """Return the shadow that goes with a layout: the one that is in force, where the files are the same."""
        if layout.environment is not self._environment:
            self.discard()
            self._coming = self._opened(layout)
            self._environment = layout.environment
        return self._coming

    def _opened(self, layout: Layout) -> Shadow | None:
        """Open the second stores; what keeps them from that is a finding, for nobody depends on them."""
        settings, self.findings = shadow_settings(layout.environment, layout.mappings())
        if settings is None or self._second is None:
            return None
        environment = second_environment(layout.environment)
        refused = unusable(settings, layout.types, environment, self._registry)
        self.findings += refused.values()
        tallies = _tallies(settings, self.current, refused)
        if not tallies:
            return None

        def fallback(cls: type[Object]) -> Mapping:
            name = cls.__sorcery__.name
            return settings.mappings[name] if name in tallies else Mapping(name, "memory")

        try:
            system, readers = self._second(Layout(types=layout.types, environment=environment, fallback=fallback))
        except SorceryError as error:
            self.findings.append(_finding(f"{error}; no type has a second store"))
            return None
        return Shadow(settings, system, readers, tallies)

    def put_in_force(self) -> None:
        """Let the shadow that was prepared last be the one in force; blocks on nothing."""
        if self._coming is not self.current:
            self._gone, self.current = self.current, self._coming

    def discard(self) -> None:
        """Close what is not in force, and forget that it was to be."""
        for shadow in (self._gone, self._coming):
            if shadow is not None and shadow is not self.current:
                shadow.close()
        if self._coming is not self.current:
            self._coming, self._environment = self.current, None
        self._gone = None

    def close(self) -> None:
        """Close what there is."""
        self._coming, self._gone, self.current = None, self.current, None
        self.discard()


def second_environment(environment: Environment) -> Environment:
    """Return the environment of a system that has the second stores for its own: all mappings are given to it."""
    kept = {name: lines for name, lines in environment.sections.items() if name not in ("shadow", "image")}
    return attrs.evolve(
        environment, mappings={}, sections=kept, last={}, policies={}, create_on_update_miss=True, findings=()
    )


def unusable(
    settings: ShadowSettings, types: Table[str, type[Object]], environment: Environment, registry: Registry
) -> dict[str, Finding]:
    """Return why some of the second stores cannot be opened, by type."""
    refused: dict[str, Finding] = {}
    opener = Opener(registry)
    try:
        for name, mapping in settings.mappings.items():
            try:
                opener.release(opener.generation({name: types[name]}, {name: (mapping,)}, environment))
            except ConfigurationError as error:
                place = error.place or mapping.place
                refused[name] = attrs.evolve(
                    _finding(f"{error.reason}; {name} has no second store", error.remedy), place=place, type_name=name
                )
    finally:
        opener.close()
    return refused


def _finding(problem: str, remedy: str = "") -> Finding:
    return Finding(severity=Severity.WARNING, rule="unusable-shadow", message=f"[shadow] {problem}", remedy=remedy)


def _tallies(settings: ShadowSettings, before: Shadow | None, refused: Container[str]) -> dict[str, Tally]:
    """Return what counts for each type: what counted before, where its second store is the same."""
    known = {} if before is None else before.tallies
    found = {}
    for name, mapping in settings.mappings.items():
        if name not in refused:
            old = known.get(name)
            found[name] = old if old is not None and old.mapping == str(mapping) else Tally(str(mapping))
    return found
