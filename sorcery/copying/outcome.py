"""What a copy came to."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Sequence

import attrs

from sorcery.errors import PartialWrite, SorceryError, Unavailable
from sorcery.objects import Object, differences

__all__ = ["Copied", "Emptied", "Existing", "Failure", "Fate", "Fated", "Progress"]


class Existing(enum.Enum):
    """What becomes of an object that the target holds already, and that differs there."""

    UPDATE = "update"
    SKIP = "skip"
    """It stays as it is."""
    FAIL = "fail"
    """It stays as it is, and is told as not copied."""


class Emptied(ValueError):
    """Pruning would delete all objects of some types, for the source holds none of these; nothing was done."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"the source holds no {', no '.join(names)}, so pruning would delete all that the target holds of "
            f"{'it' if len(names) == 1 else 'these'}: is it the right one?"
        )


class Fate(enum.StrEnum):
    """What became of an object."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    UNCHANGED = "unchanged"
    """The target held it already, and it is the same."""
    SKIPPED = "skipped"
    """The target holds another one, which was to stay."""
    QUEUED = "queued"
    """The target did not answer, and its queue keeps the change, as `[writes]` says: it is not stored yet."""


@attrs.frozen(slots=True)
class Failure:
    """An object that was not copied, or that does not lie in the target as it was copied."""

    type_name: str
    id: str
    reason: str
    error: SorceryError | None = attrs.field(default=None, eq=False)
    """What refused it, if a store or the object's type did."""


@attrs.frozen(slots=True)
class Fated:
    """What a dry run says of an object."""

    fate: Fate
    type_name: str
    id: str
    options: tuple[str, ...] = ()
    """The names of the options that an update would change."""


@attrs.frozen(slots=True)
class Progress:
    """How far a copy is."""

    doing: str
    """`copying`, `deleting` or `verifying`."""
    type_name: str
    done: int
    """Objects of the type so far."""
    total: int | None = None
    """How many there are, where the source knows that."""


@attrs.frozen(slots=True, kw_only=True)
class Copied:
    """What a copy came to, by type; of a dry run, what it would come to."""

    fates: dict[str, Counter[Fate]]
    failed: Sequence[Failure] = ()
    """What was not copied, and why."""
    changes: Sequence[Fated] = ()
    """Of a dry run: what would become of each object that would not stay unchanged."""
    verified: int | None = None
    """How many objects were read back from the target; None if they were not."""
    differing: Sequence[Failure] = ()
    """Those of them that were not there, or were others than in the source."""
    stopped: Unavailable | PartialWrite | None = attrs.field(default=None, eq=False)
    """What ended the copy before all was tried: what is stored stays, and the same copy goes on from there."""

    def count(self, fate: Fate) -> int:
        """Return how many objects of all types have a fate."""
        return sum(counts[fate] for counts in self.fates.values())

    @property
    def is_complete(self) -> bool:
        """Tell whether all that was chosen lies in the target now, or was to stay away from it."""
        return not (self.failed or self.differing or self.stopped or self.count(Fate.QUEUED))


def names_of_differing(mine: Object, theirs: Object) -> tuple[str, ...]:
    """Return the names of the options in which two objects differ."""
    return tuple(name for name, _, _ in differences(mine, theirs))
