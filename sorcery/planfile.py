"""A plan as a file: made now, looked at by somebody, and carried out later if nothing else has changed by then."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from sorcery.errors import AlreadyExists, ConfigurationError, Conflict, SorceryError, UnknownType
from sorcery.objects import Object, ObjectSet
from sorcery.place import Place
from sorcery.plan import Plan, PlannedChange
from sorcery.replacing import replace
from sorcery.wizard import Op
from sorcery.writing.transaction import Step

if TYPE_CHECKING:
    from sorcery.instance import Sorcery

__all__ = ["OutdatedPlan", "SavedChange", "SavedPlan"]

FORMAT = "sorcery-plan 1"
SHOWN = 20
"""Conflicts that a message names."""
FEW = 50
"""Objects of one type that are asked for one by one, so that a bad one is named; more of them are asked for at once."""
_BEGINNING = b'{"format": "sorcery-plan '


class OutdatedPlan(SorceryError):
    """A plan whose objects are not, any more, as they were when it was made; `conflicts` has one for each."""

    def __init__(self, conflicts: Iterable[Conflict | AlreadyExists]) -> None:
        self.conflicts = tuple(conflicts)
        named = [f"{each.type_name} {each.id!r} {_now(each)}" for each in self.conflicts[:SHOWN]]
        if more := len(self.conflicts) - len(named):
            named.append(f"{more} more")
        super().__init__(f"since the plan was made {'; '.join(named)}; nothing is changed: make the plan anew")


def _now(conflict: Conflict | AlreadyExists) -> str:
    if isinstance(conflict, AlreadyExists):
        return "was created"
    return "vanished" if conflict.current is None else "was changed"


@attrs.frozen(slots=True)
class SavedChange:
    """One change, as texts: those that stores keep, secrets in clear."""

    op: Op
    type_name: str
    id: str
    old: ObjectSet | None = attrs.field(default=None, repr=False)
    """The object as it was; None where there was none, or none that could be read."""
    new: ObjectSet | None = attrs.field(default=None, repr=False)
    """The object as it is to be; None where it is to be deleted."""

    @classmethod
    def of(cls, change: PlannedChange) -> SavedChange:
        """Take down a change."""
        goes = change.op is Op.DELETE
        old = change.obj if goes and change.old is None else change.old
        texts = [None if each is None else each.settings() for each in (old, None if goes else change.obj)]
        return cls(change.op, change.type_name, change.obj.id, *texts)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> SavedChange:
        """Return the change that JSON holds; raises `KeyError`, `TypeError` or `ValueError` for what is none."""
        op, old, new = Op(data["op"]), _pairs(data["old"]), _pairs(data["new"])
        has = old is not None, new is not None
        fits = {Op.CREATE: ((False, True),), Op.UPDATE: ((False, True), (True, True)), Op.DELETE: ((True, False),)}
        if has not in fits.get(op, ()):
            raise ValueError(data["op"])
        return cls(op, str(data["type"]), str(data["id"]), old, new)

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {"op": self.op.value, "type": self.type_name, "id": self.id, "old": self.old, "new": self.new}

    def resumed(self, cls: type[Object], current: Object | None) -> PlannedChange:
        """Return the change of the object as it is now.

        Raises `AlreadyExists` and `Conflict` where it is another, `InvalidObject` where the new one cannot be.
        """
        if self.op is Op.CREATE and current is not None:
            raise AlreadyExists(self.type_name, self.id)
        if (None if current is None else current.settings()) != self.old:
            raise Conflict(self.type_name, self.id, current=current)
        if current is not None and self.new is None:
            return PlannedChange(self.op, current, current)
        assert self.new is not None
        return PlannedChange(self.op, cls.__sorcery__.build(self.id, self.new), current)


def _pairs(data: Any) -> ObjectSet | None:
    return None if data is None else [(str(name), str(text)) for name, text in data]


@attrs.frozen(slots=True)
class SavedPlan:
    """A plan with all that carrying it out takes, on whatever system is as that was which it was made for."""

    target: str = attrs.field(repr=False)
    """What it was made for: a directory, or an address, which may hold a password."""
    made: str
    """When, in UTC."""
    changes: tuple[SavedChange, ...]

    @classmethod
    def of(cls, plan: Plan, target: str) -> SavedPlan:
        """Take down a plan."""
        made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return cls(target, made, tuple(map(SavedChange.of, plan.changes)))

    @classmethod
    def read(cls, file: Path) -> SavedPlan:
        """Read a file that `write` has written; raises `ConfigurationError` for what is none. Blocks on the disk."""
        try:
            content = file.read_bytes()
            data = json.loads(content)
        except OSError as error:
            raise ConfigurationError(f"the plan cannot be read: {error.strerror}", place=Place(str(file))) from error
        except (ValueError, RecursionError) as error:
            if isinstance(error, json.JSONDecodeError) and content.startswith(_BEGINNING):
                raise _broken(file, error) from None  # which holds the passwords
            raise _no_plan(file) from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise _no_plan(file)
        try:
            return cls(str(data["target"]), str(data["made"]), tuple(map(SavedChange.from_data, data["changes"])))
        except (KeyError, TypeError, ValueError) as error:
            raise _no_plan(file) from error

    def write(self, file: Path) -> None:
        """Write it to a file that its owner alone may read: it holds passwords. One change stands on each line.

        Whoever reads the file finds the old one or the new one. Raises `ConfigurationError` where it cannot be
        written, or something else than a plan lies there. Blocks on the disk.
        """
        head = json.dumps({"format": FORMAT, "made": self.made, "target": self.target})
        lines = ",\n".join(json.dumps(change.data()) for change in self.changes)
        try:
            _require_plan(file)
            replace(Path(os.path.realpath(file)), f'{head[:-1]}, "changes": [\n{lines}\n]}}\n'.encode())
        except OSError as error:
            remedy = "name a file in a folder that exists, and that this user may write to"
            reason = f"the plan cannot be written: {error.strerror}"
            raise ConfigurationError(reason, place=Place(str(file)), remedy=remedy) from error

    def resume(self, system: Sorcery) -> Plan:
        """Return the plan for what a system holds now, to be looked at and applied.

        Raises `OutdatedPlan` if any object is not as it was, or there is one that is to be created; `InvalidObject`
        and `UnknownType` for what the system does not take; `Unavailable`.
        """
        changes: list[PlannedChange] = []
        conflicts: list[Conflict | AlreadyExists] = []
        current = dict(self._current(system))
        for change in self.changes:
            try:
                now = current.get((change.type_name, change.id))
                changes.append(change.resumed(system.types[change.type_name], now))
            except (Conflict, AlreadyExists) as error:
                conflicts.append(error)
        if conflicts:
            raise OutdatedPlan(conflicts)
        return Plan(tuple(changes), lambda steps: _store(system, steps))

    def _current(self, system: Sorcery) -> Iterator[tuple[tuple[str, str], Object]]:
        """Yield the objects that the plan is about as they are now, by type and id."""
        ids: dict[str, list[str]] = {}
        for change in self.changes:
            ids.setdefault(change.type_name, []).append(change.id)
        for name, its in ids.items():
            if name not in system.types:
                raise UnknownType(name, system.types)
            if len(its) <= FEW:
                found = (system.retrieve_by_id(name, id) for id in its)
                yield from (((name, obj.id), obj) for obj in found if obj is not None)
            else:
                yield from (((name, obj.id), obj) for obj in system.retrieve_many(name, its).values())


def _store(system: Sorcery, steps: Sequence[Step]) -> None:
    """Carry out a plan, all or nothing."""
    with system.transaction() as transaction:
        for step in steps:
            transaction.add(step)


def _no_plan(file: Path) -> ConfigurationError:
    remedy = "name a file that `sorcery plan --out` has written"
    return ConfigurationError("this is no plan, or not one of this version", place=Place(str(file)), remedy=remedy)


def _broken(file: Path, error: json.JSONDecodeError) -> ConfigurationError:
    remedy = "commas stand between changes, and none behind the last one"
    place = Place(str(file), error.lineno, column=error.colno)
    return ConfigurationError(f"the plan is no JSON any more: {error.msg}", place=place, remedy=remedy)


def _require_plan(file: Path) -> None:
    """Raise `ConfigurationError` where something else lies than a plan: a wrong name must not cost a `pjsip.conf`."""
    if not file.exists():
        return
    if not (file.is_file() and _begins_as_plan(file)):
        reason = "no plan is written: what lies there is none"
        raise ConfigurationError(reason, place=Place(str(file)), remedy="name another file")


def _begins_as_plan(file: Path) -> bool:
    """Tell whether a file, which may be an empty one, is to be taken for a plan."""
    with file.open("rb") as opened:
        return opened.read(len(_BEGINNING)) in (b"", _BEGINNING)
