"""One copy from beginning to end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from collections.abc import Mapping as Table

from sorcery.binding import Binding
from sorcery.chain import pages, retrieve_many
from sorcery.collecting import uncollected
from sorcery.copying.carrying import Carrier, behind_caches
from sorcery.copying.outcome import Copied, Emptied, Existing, Failure, Progress, names_of_differing
from sorcery.copying.selection import Chosen, Selection
from sorcery.errors import PartialWrite, Unavailable
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.plan import by_itself, is_alike
from sorcery.query import ALL
from sorcery.standing import TypeName, name_of
from sorcery.writing.transaction import Step
from sorcery.writing.written import Written

__all__ = ["Copying"]

Bindings = Table[str, Binding]


class Copying:
    """A copy from one system to another; `run` carries it out."""

    def __init__(
        self,
        source: Bindings,
        target: Bindings,
        store: Callable[[Sequence[Step]], Sequence[Written]],
        selection: Selection,
        *,
        unreadable: Callable[[Iterable[str]], Iterable[Finding]],
        existing: Existing,
        prune: bool,
        emptied: Collection[TypeName],
        batch: int,
        dry_run: bool,
        verify: bool,
        progress: Callable[[Progress], object],
    ) -> None:
        """Look at what is asked for; raises `UnknownType`, `ValueError`, and `NotListed`.

        `unreadable` tells which objects of some types the source cannot read. Pruning deletes what the source does
        not hold of the types that are chosen whole, from stores that list all; raises `ValueError` where none is.
        `emptied` are the types of which it may delete all.
        """
        if prune and (selection.prefix or selection.regex or selection.where or selection.with_references):
            raise ValueError("what is to be deleted can be told of whole types alone: prune without choosing objects")
        if emptied and not prune:
            raise ValueError("nothing but pruning deletes: what it may empty is not said without it")
        for each in selection.types:
            name_of(each, target)
        self._source, self._target = source, target
        shared = [name for name in source if name in target and _outlives(source[name], target[name])]
        self._chosen = Chosen(source, shared, selection, batch)
        for name in self._chosen.names if prune else ():
            target[name].require_list()
        self._carrier = Carrier(store, existing, dry_run)
        self._unreadable, self._progress, self._batch = unreadable, progress, batch
        self._emptied = frozenset(name_of(each, target) for each in emptied)
        self._prunes, self._dry_run, self._verifies = prune, dry_run, verify and not dry_run

    def run(self) -> Copied:
        """Carry it out, and tell what it came to; blocks on both systems.

        Raises `Unavailable` if nothing was done, and `Emptied` before anything is.
        """
        if self._prunes:
            self._require_held()
        stopped: Unavailable | PartialWrite | None = None
        verified: int | None = None
        differing: list[Failure] = []
        try:
            bad = self._copy()
            if self._prunes:
                self._prune(bad)
            if self._verifies:
                verified, differing = self._verify()
        except (Unavailable, PartialWrite) as error:
            if not self._carrier.fates and isinstance(error, Unavailable):
                raise
            stopped = error
        carried = self._carrier
        return Copied(
            fates=dict(carried.fates),
            failed=tuple(carried.failed),
            changes=tuple(carried.changes),
            verified=verified,
            differing=tuple(differing),
            stopped=stopped,
        )

    def _copy(self) -> dict[str, set[str]]:
        """Copy type by type, and return the ids that the source cannot read."""
        bad: defaultdict[str, set[str]] = defaultdict(set)
        for name in self._chosen.names:
            target, done = self._target[name], 0
            is_empty = _is_empty(target, self._batch)
            for page in self._chosen.pages(name):
                with uncollected():
                    self._carrier.carry(target, page, is_empty=is_empty)
                done += len(page)
                self._progress(Progress("copying", name, done, self._chosen.total(name)))
            for finding in self._unreadable([name]):
                bad[name].add(finding.id)
                if self._chosen.may_hold(name, finding.id):
                    self._carrier.fail(name, finding.id, str(finding))
        return bad

    def _require_held(self) -> None:
        """Raise `Emptied` for types of which the source holds nothing and the target something.

        The source may be the directory of somebody else, its file gone, or the two exchanged.
        """
        emptied = [
            name
            for name in self._chosen.names
            if name not in self._emptied
            and not _is_empty(self._target[name], self._batch)
            and _is_empty(self._source[name], self._batch)
            and not self._unreadable([name])
        ]
        if emptied:
            raise Emptied(emptied)

    def _prune(self, bad: Table[str, set[str]]) -> None:
        """Delete what the source does not hold; what it holds and cannot read stays."""
        for name in reversed(self._chosen.names):
            done, source = 0, self._source[name].reader
            for page in pages(behind_caches(self._target[name]), ALL, self._batch):
                there = retrieve_many(source, [obj.id for obj in page])
                gone = [obj for obj in page if obj.id not in there and obj.id not in bad.get(name, ())]
                self._carrier.delete(self._target[name], gone)
                done += len(page)
                self._progress(Progress("deleting", name, done))

    def _verify(self) -> tuple[int, list[Failure]]:
        """Read back what was copied; return how many objects that were, and what is not as it should be."""
        count, differing, left = 0, list[Failure](), self._carrier.left
        for name in self._chosen.names:
            done = 0
            for page in self._chosen.pages(name):
                meant = [by_itself(obj) for obj in page if (name, obj.id) not in left]
                held = retrieve_many(behind_caches(self._target[name]), [obj.id for obj in meant])
                differing.extend(failure for obj in meant if (failure := _difference(obj, held.get(obj.id))))
                done += len(page)
                count += len(meant)
                self._progress(Progress("verifying", name, done, self._chosen.total(name)))
        return count, differing


def _is_empty(binding: Binding, size: int) -> bool:
    """Tell whether nothing is there that can be read; where a store hides what it holds, that cannot be told."""
    return all(bound.lists_all for bound in binding.bound) and not any(pages(behind_caches(binding), ALL, size))


def _outlives(source: Binding, target: Binding) -> bool:
    """Tell whether what is copied stays as long as it does now: memory is no place for what was stored."""
    return _is_stored(target) or not _is_stored(source)


def _is_stored(binding: Binding) -> bool:
    return any(bound.mapping.wizard != "memory" for bound in binding.bound if not bound.mapping.caching)


def _difference(obj: Object, held: Object | None) -> Failure | None:
    """Tell in what the object that the target holds is not the one that it should be."""
    if held is None:
        return Failure(obj.__sorcery__.name, obj.id, "the target does not hold it, or cannot read it")
    if is_alike(held, obj):
        return None
    return Failure(
        obj.__sorcery__.name, obj.id, f"other than in the source: {', '.join(names_of_differing(obj, held))}"
    )
