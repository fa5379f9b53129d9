"""The last step of each chain: the store opened, loaded where it loads, and all that it holds read."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from sorcery.binding import Bound, Opener
from sorcery.errors import ConfigurationError
from sorcery.findings import Finding, Severity
from sorcery.layout import Layout
from sorcery.mapping import Mapping
from sorcery.registry import Registry
from sorcery.steps import Broken, Limited, Step
from sorcery.survey import survey
from sorcery.wizard import Loader, Wizard

__all__ = ["Stores"]

PATIENCE = 60.0
"""Seconds to read everything that a store holds."""


class Stores:
    """The stores of all mappings that can be opened; a context manager that closes them."""

    def __init__(self, layout: Layout, registry: Registry) -> None:
        self._layout, self._opener = layout, Opener(registry)

    def step(self, mapping: Mapping) -> Step:
        """Return the step from a mapping to its objects."""
        return Step("objects", functools.partial(self._look, mapping), patience=PATIENCE)

    def _look(self, mapping: Mapping) -> str | Limited:
        bound, findings = self._opened[mapping], self._loaded
        if isinstance(bound, ConfigurationError):
            raise bound
        read = survey(bound.store)
        own = [each for each in findings if each.type_name == mapping.type_name]
        bad = [*dict.fromkeys(each for each in (*own, *read.faults) if each.severity is Severity.ERROR)]
        if bad:
            raise _refused(bad, len(read.objects or ()))
        if read.objects is None:
            return "not listed, as the mapping says"
        return f"{len(read.objects)} object{'' if len(read.objects) == 1 else 's'}"

    @functools.cached_property
    def _opened(self) -> dict[Mapping, Bound | ConfigurationError]:
        opened: dict[Mapping, Bound | ConfigurationError] = {}
        for name, mappings in self._layout.mappings().items():
            for mapping in mappings:
                try:
                    made = self._opener.generation(
                        {name: self._layout.types[name]}, {name: (mapping,)}, self._layout.environment
                    )
                except ConfigurationError as error:
                    opened[mapping] = error
                else:
                    opened[mapping] = made.bindings[name].bound[0]
        return opened

    @functools.cached_property
    def _loaded(self) -> Sequence[Finding]:
        """What loading found, of all types of a file at once as always."""
        bounds = [bound for bound in self._opened.values() if isinstance(bound, Bound)]
        wizards: dict[int, Wizard] = {id(bound.wizard): bound.wizard for bound in bounds}
        found: list[Finding] = []
        for wizard in wizards.values():
            if isinstance(wizard, Loader):
                loaded = wizard.load([bound.store for bound in bounds if bound.wizard is wizard])
                loaded.commit()
                found.extend(loaded.findings)
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opener.close()


def _refused(bad: Iterable[Finding], good: int) -> Broken:
    first, *more = bad
    others = f" (and {len(more)} more: `sorcery check` lists them)" if more else ""
    return Broken(
        f"{first.message}{others}; {good} can be read",
        first.remedy or "correct it",
        place=first.place,
        goes_on=True,
    )
