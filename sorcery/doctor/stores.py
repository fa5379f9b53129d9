"""The last step of each chain: the store opened, loaded where it loads, and all that it holds read."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Table
from types import TracebackType
from typing import Self

from sorcery.binding import Bound, Generation, Opener
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
        self._findings: dict[int, Sequence[Finding]] = {}
        """What loading found, by the wizard's identity."""

    def step(self, mapping: Mapping) -> Step:
        """Return the step from a mapping to its objects."""
        return Step("objects", functools.partial(self._look, mapping), patience=PATIENCE)

    def bound(self, mapping: Mapping) -> Bound:
        """Return what a mapping opened; raises why it could not."""
        found = self._opened[mapping]
        if isinstance(found, Exception):
            raise found
        return found

    def together(self) -> str:
        """Say that the mappings can be open beside each other; raises why not, where each of them alone can."""
        if isinstance(self._whole, Exception) and all(isinstance(each, Bound) for each in self._opened.values()):
            raise self._whole
        return f"{len(self._opened)} mappings"

    def _look(self, mapping: Mapping) -> str | Limited:
        bound = self.bound(mapping)
        own = [each for each in self._loaded(bound.wizard) if each.type_name == mapping.type_name]
        read = survey(bound.store)
        bad = [*dict.fromkeys(each for each in (*own, *read.faults) if each.severity is Severity.ERROR)]
        if bad:
            raise _refused(bad, len(read.objects or ()))
        if read.objects is None:
            return "not listed, as the mapping says"
        return f"{len(read.objects)} object{'' if len(read.objects) == 1 else 's'}"

    @functools.cached_property
    def _whole(self) -> Generation | Exception:
        """All mappings opened at once, as they are when a system opens."""
        return self._generation(self._layout.mappings())

    @functools.cached_property
    def _opened(self) -> dict[Mapping, Bound | Exception]:
        """What each mapping opened; where they cannot be open at once, each by itself."""
        if isinstance(self._whole, Generation):
            return {bound.mapping: bound for binding in self._whole.bindings.values() for bound in binding.bound}
        return {
            mapping: self._alone(name, mapping)
            for name, mappings in self._layout.mappings().items()
            for mapping in mappings
        }

    def _alone(self, name: str, mapping: Mapping) -> Bound | Exception:
        made = self._generation({name: (mapping,)})
        return made if isinstance(made, Exception) else made.bindings[name].bound[0]

    def _generation(self, mappings: Table[str, tuple[Mapping, ...]]) -> Generation | Exception:
        types = {name: self._layout.types[name] for name in mappings}
        try:
            return self._opener.generation(types, mappings, self._layout.environment)
        except Exception as error:  # noqa: BLE001 - told by the steps of those mappings; it hides no others
            return error

    def _loaded(self, wizard: Wizard) -> Sequence[Finding]:
        """Return what a wizard's loading found, of all types of a file at once as always."""
        if id(wizard) not in self._findings:
            self._findings[id(wizard)] = self._load(wizard)
        return self._findings[id(wizard)]

    def _load(self, wizard: Wizard) -> Sequence[Finding]:
        if not isinstance(wizard, Loader):
            return ()
        bounds = [found for found in self._opened.values() if isinstance(found, Bound) and found.wizard is wizard]
        loaded = wizard.load([bound.store for bound in bounds])
        loaded.commit()
        return loaded.findings

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
