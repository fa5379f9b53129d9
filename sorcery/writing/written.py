"""What became of a change, store by store."""

from __future__ import annotations

import enum

import attrs

from sorcery.plain import plain
from sorcery.wizard import Op

__all__ = ["Effect", "Written"]


class Effect(enum.StrEnum):
    """What a store made of a change."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    REPAIRED = "repaired"
    """It lacked the object of an update, which another store held, and has it now."""
    MISSED = "missed"
    """It does not hold the object of an update or delete."""
    SKIPPED = "skipped"
    """It was not asked: it cannot be written to, or the type's policy passes it over."""
    QUEUED = "queued"
    """It does not answer, and does not hold the change: that is kept, and carried out when it does."""


@attrs.frozen(slots=True)
class Written:
    """One change that was stored, or is queued, and what each store made of it."""

    op: Op
    """What it came down to: an update that created its object is a creation."""
    type_name: str
    id: str
    stores: tuple[tuple[str, Effect], ...]
    """(label, effect) of each store in mapping order, caches aside."""

    @property
    def is_queued(self) -> bool:
        """Whether the change is not stored anywhere yet."""
        return any(effect is Effect.QUEUED for _, effect in self.stores)

    def __str__(self) -> str:
        effects = ", ".join(f"{effect} in {label}" for label, effect in self.stores)
        return plain(f"{self.type_name} {self.id}: {effects}")
