"""What a cache finds by itself, told to the observers in the order of all changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import attrs

from sorcery.errors import Unavailable
from sorcery.loading import Outcome
from sorcery.objects import Object
from sorcery.observers import Notifier
from sorcery.wizard import Cache, LoadedStore
from sorcery.writes import Stripes

__all__ = ["CacheNews"]


@attrs.frozen(slots=True, eq=False)
class CacheNews:
    """Whom one cache tells what it found when it read objects anew aside."""

    type_name: str
    fronts: Sequence[Cache]
    """The caches in front of that one, which are to see the same."""
    stripes: Stripes
    notifier: Notifier
    note: Callable[[str, str, Object | None], None]
    """Tells a load that is under way of a newer state of an object, by type and id."""

    def publish(self, ids: Collection[str], settle: Callable[[], LoadedStore]) -> None:
        """Make a finding visible while nobody changes these objects, and queue its events."""
        with self.stripes.hold((self.type_name, id) for id in ids):
            found = settle()
            self._pass_on(found)
            outcome = Outcome()
            outcome.add(self.type_name, found)
            self.notifier.queue(outcome.news())

    def deliver(self) -> None:
        """Call the observers of all queued events."""
        self.notifier.deliver()

    def _pass_on(self, found: LoadedStore) -> None:
        states: dict[str, Object | None] = {obj.id: None for obj in found.difference.deleted}
        states.update((obj.id, obj) for obj in found.difference.created)
        states.update((new.id, new) for new, _ in found.difference.updated)
        for id, obj in states.items():
            self.note(self.type_name, id, obj)
        for cache in reversed(self.fronts) if states else ():
            try:
                cache.reconcile(states.keys())
            except Unavailable:
                for id in states:
                    cache.doubt(id)
