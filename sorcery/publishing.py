"""What a cache finds by itself, told to the observers in the order of all changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

import attrs

from sorcery.errors import Unavailable
from sorcery.observers import Notifier, events_of
from sorcery.snapshot import Difference
from sorcery.wizard import Cache, LoadedStore, Op
from sorcery.writing.transaction import Step
from sorcery.writing.writes import Stripes

__all__ = ["CacheNews"]


@attrs.frozen(slots=True, eq=False)
class CacheNews:
    """Whom one cache tells what it found when it read objects anew aside."""

    type_name: str
    fronts: Sequence[Cache]
    """The caches in front of that one, which are to see the same."""
    stripes: Stripes
    notifier: Notifier
    note: Callable[[Iterable[Step]], None]
    """Takes down changes, so that a load that is under way tells nothing older of these objects."""
    untold: Callable[[str, Difference], Difference]
    """Returns what a load that is under way has not told yet."""

    def publish(self, ids: Collection[str], settle: Callable[[], LoadedStore]) -> None:
        """Make a finding visible while nobody changes these objects, and queue its events."""
        with self.stripes.hold((self.type_name, id) for id in ids):
            difference = settle().difference
            if difference:
                news = self.untold(self.type_name, difference)
                self.note(_steps(news))
                self._pass_on([step.obj.id for step in _steps(difference)])
                self.notifier.queue(events_of(self.type_name, news))

    def deliver(self) -> None:
        """Call the observers of all queued events."""
        self.notifier.deliver()

    def _pass_on(self, ids: Collection[str]) -> None:
        for cache in reversed(self.fronts):
            try:
                cache.reconcile(ids)
            except Unavailable:
                for id in ids:
                    cache.doubt(id)


def _steps(difference: Difference) -> list[Step]:
    here = (*difference.created, *(new for new, _ in difference.updated))
    return [*(Step(Op.PUT, obj) for obj in here), *(Step(Op.DELETE, obj) for obj in difference.deleted)]
