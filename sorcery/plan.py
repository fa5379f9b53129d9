"""The difference between two systems, as changes that can be printed and applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

import attrs

from sorcery.binding import Binding
from sorcery.findings import Finding
from sorcery.objects import Object, differences
from sorcery.plain import plain
from sorcery.wizard import Op
from sorcery.writing.transaction import Step, ordered

__all__ = ["ORIGIN", "Plan", "PlannedChange", "by_itself", "changes_between", "compare", "is_alike"]

ORIGIN = "@pjsip_wizard"
"""The field that names the section of `pjsip_wizard.conf` which an object was made from."""


@attrs.frozen(slots=True)
class PlannedChange:
    """One object that has to be created, updated or deleted."""

    op: Op
    obj: Object
    old: Object | None = None

    @property
    def type_name(self) -> str:
        """The object's type."""
        return self.obj.__sorcery__.name

    def differences(self) -> list[tuple[str, str | None, str | None]]:
        """Return (option, old text, new text); for a created object what it sets, secrets masked."""
        if self.op is Op.DELETE:
            return []
        if self.old is not None:
            return differences(self.old, self.obj)
        return [(name, None, text) for name, text in self.obj.__sorcery__.masked(self.obj.settings())]

    def __str__(self) -> str:
        sign = {Op.CREATE: "+", Op.UPDATE: "~", Op.DELETE: "-"}[self.op]
        lines = [f"{sign} {self.type_name} {plain(self.obj.id)}"]
        for name, old, new in self.differences():
            change = f"{name}: {new}" if old is None else f"{name}: {_shown(old)} -> {_shown(new)}"
            lines.append(f"    {plain(change)}")
        return "\n".join(lines)


def _shown(text: str | None) -> str:
    return "(unset)" if text is None else text or "(empty)"


@attrs.frozen(slots=True)
class Plan:
    """The changes that make one system like another, in the order in which they can be applied."""

    changes: tuple[PlannedChange, ...]
    _store: Callable[[Sequence[Step]], object] = attrs.field(repr=False, eq=False)
    unreadable: tuple[Finding, ...] = ()
    """What keeps objects of the other system from being read. These are not absent: nothing is deleted for them."""

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __len__(self) -> int:
        return len(self.changes)

    def __str__(self) -> str:
        return "\n".join(map(str, self.changes)) or "no differences"

    def select(self, keeps: Callable[[PlannedChange], bool]) -> Plan:
        """Return the plan with only some of its changes."""
        return attrs.evolve(self, changes=tuple(filter(keeps, self.changes)))

    def apply(self, *, overwrite: bool = False) -> None:
        """Carry out all changes, all or nothing; raises what a transaction raises.

        An object that is not, any more, as it was when the plan was made is a `Conflict`, unless told to `overwrite`.
        """
        self._store([Step(each.op, each.obj, None if overwrite else each.old) for each in self.changes])


def changes_between(
    mine: Mapping[str, Binding],
    theirs: Mapping[str, Binding],
    names: Iterable[str],
    *,
    replaced: Iterable[Finding],
    spared: Iterable[Finding],
) -> tuple[PlannedChange, ...]:
    """Return the changes that turn the objects of some types into those of another system, in dependency order.

    `replaced` tells which of mine cannot be read, `spared` which of theirs. Reads both whole; raises `Unavailable`.
    """
    mine_bad, theirs_bad = _ids(replaced), _ids(spared)
    found: dict[tuple[Op, str, str], PlannedChange] = {}
    for name in names:
        held, wanted = mine[name].everything(), {obj.id: obj for obj in theirs[name].everything()}
        for change in compare(held, wanted, replaced=mine_bad[name], spared=theirs_bad[name]):
            found[change.op, name, change.obj.id] = change
    known = {name: binding.object_type for name, binding in mine.items()}
    steps = ordered([Step(change.op, change.obj) for change in found.values()], known)
    return tuple(found[step.op, *step.key] for step in steps)


def _ids(findings: Iterable[Finding]) -> defaultdict[str, set[str]]:
    """Return the ids that findings are about, by type."""
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for finding in findings:
        ids[finding.type_name].add(finding.id)
    return ids


def compare(
    mine: Iterable[Object],
    theirs: Mapping[str, Object],
    *,
    replaced: Collection[str] = (),
    spared: Collection[str] = (),
) -> list[PlannedChange]:
    """Return the changes that turn the objects of one type into those of another system, by id.

    What a store keeps is compared: what an object takes over from another one differs without a change of its own, and
    the section that it was made from stays where it is.
    `replaced` are ids of objects that are mine and cannot be read, `spared` of those that are theirs and cannot.
    """
    own = {obj.id: obj for obj in mine}
    theirs = {id: by_itself(obj) for id, obj in theirs.items()}
    changes = [
        PlannedChange(Op.UPDATE if key in replaced else Op.CREATE, theirs[key])
        for key in sorted(theirs.keys() - own.keys())
    ]
    changes += [
        PlannedChange(Op.UPDATE, theirs[key], own[key])
        for key in sorted(theirs.keys() & own.keys())
        if not is_alike(own[key], theirs[key])
    ]
    return changes + [
        PlannedChange(Op.DELETE, own[key], own[key]) for key in sorted(own.keys() - theirs.keys() - set(spared))
    ]


def is_alike(mine: Object, theirs: Object) -> bool:
    """Tell whether a store would keep the same of two objects; theirs is `by_itself`."""
    return theirs == mine or theirs.settings() == by_itself(mine).settings()


def by_itself(obj: Object) -> Object:
    """Return an object without the name of the section that it was made from: a table has no column for it."""
    extended = [field for field in obj.extended if field[0] != ORIGIN]
    return obj if len(extended) == len(obj.extended) else obj.evolve(extended=extended)
