"""Which sections of a file are objects, and of which stores."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, Protocol, TypeVar

from sorcery.conf import Block, Category
from sorcery.conf.text import fold
from sorcery.objecttype import ObjectType
from sorcery_config.arguments import Arguments

__all__ = ["Selection"]


class _Choosing(Protocol):
    """Whatever takes the sections that its arguments describe."""

    @property
    def arguments(self) -> Arguments: ...

    @property
    def object_type(self) -> ObjectType: ...


T = TypeVar("T", bound=_Choosing)
Criteria = Sequence[tuple[str, str]]


class Selection(Generic[T]):
    """Finds the stores that a section of a file is for, by one look at each option that criteria begin with."""

    def __init__(self, stores: Iterable[T]) -> None:
        self._all: list[T] = []
        self._by_name: dict[str, list[T]] = {}
        self._by_value: dict[str, dict[str | None, list[tuple[T, Criteria]]]] = {}
        for store in stores:
            criteria, name = store.arguments.criteria, store.arguments.explicit_name
            if criteria:
                (field, value), *others = criteria
                self._by_value.setdefault(fold(field), {}).setdefault(value, []).append((store, others))
            if name:
                self._by_name.setdefault(name, []).append(store)
            if not criteria and not name:
                self._all.append(store)
        self._shared: dict[tuple[str, int], tuple[Block, str | None]] = {}
        """First values in blocks that several sections share, by identity; the block is kept, so that it lasts."""

    def of(self, section: Category) -> list[T]:
        """Return the stores that the section is an object of."""
        found = list(self._all)
        for field, by_value in self._by_value.items():
            for store, others in by_value.get(self._first(section.blocks, field), ()):
                if not others or all(section.first(key) == text for key, text in others):
                    found.append(store)
        for store in self._by_name.get(section.name, ()):
            if store not in found and _has_only_fields(section, store.object_type):
                found.append(store)
        return found

    def of_copied(self, blocks: Sequence[Block]) -> list[T] | None:
        """Return the stores of every section that begins with these copies, or None if what else it says counts.

        Its name may count still: see `may_name`.
        """
        found = list(self._all)
        for field, by_value in self._by_value.items():
            value = self._first(blocks, field)
            takers = by_value.get(value, ())
            if value is None or any(others for _, others in takers):
                return None
            found += [store for store, _ in takers]
        return found

    def may_name(self, name: str) -> bool:
        """Tell whether a section of that name may be an object for its name's sake."""
        return name in self._by_name

    def _first(self, blocks: Iterable[Block], field: str) -> str | None:
        """Return the first value of an option, looking only once at a block that several sections share."""
        for block in blocks:
            value = self._first_shared(block, field) if block[0].inherited else _first_of(block, field)
            if value is not None:
                return value
        return None

    def _first_shared(self, block: Block, field: str) -> str | None:
        known = self._shared.get((field, id(block)))
        if known is None:
            known = self._shared[field, id(block)] = block, _first_of(block, field)
        return known[1]


def _first_of(block: Block, field: str) -> str | None:
    return next((each.value for each in block if each.key == field or fold(each.key) == field), None)


def _has_only_fields(section: Category, object_type: ObjectType) -> bool:
    return all(each.key == "type" or object_type.has_field(each.key) for each in section.variables)
