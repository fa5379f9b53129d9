"""What must hold after chaos: what phones heard, compared with what the table held at several moments.

An outcome is *unknown* where the phone heard nothing, or heard 503 while connections were cut: a database that is lost
while it commits may have stored the change, and nobody can ask it. Then both are right: the row of this registration,
or that of the one before. A 503 while the server itself said no is no such case, and must have left no row.

A registration that was answered by nothing may also be carried out late, where the machine is slow: after the next one
of its phone, whose row it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.interop.chaos.faults import ANSWERED

EXPIRES = 3600
SLACK = 1.0
"""Seconds within which the end of a fault still cuts connections."""


@dataclass(frozen=True)
class Window:
    """A fault, from its first moment to its last."""

    name: str
    begun: float
    ended: float
    setting: float = 0.0
    """Seconds that it took to come into force: connections are cut meanwhile."""
    lifting: float = 0.0
    """Seconds that its end took."""

    def may_cut(self, begun: float, ended: float) -> bool:
        """Tell whether a commit between two moments may have been cut off by it."""
        if self.name not in ANSWERED:
            return begun <= self.ended + SLACK and ended >= self.begun
        if self.name == "disk full":
            return False
        cuts = (self.begun, self.begun + self.setting), (self.ended - self.lifting, self.ended)
        return any(begun <= last + SLACK and ended >= first for first, last in cuts)


@dataclass(frozen=True)
class Heard:
    """One registration as its phone tells it."""

    phone: int
    number: int
    started: float
    ended: float
    outcome: int
    cseq: int = 0


@dataclass(frozen=True)
class Row:
    """A contact: the number of the registration that wrote it, when it ends, and who made it."""

    number: int
    expires: int
    server: str = ""


@dataclass(frozen=True)
class Snapshot:
    """What the table held, for each phone that has a contact, at a moment after `asked`."""

    asked: float
    rows: Mapping[int, Row]


@dataclass
class Verdict:
    """What is wrong, in words, and what was counted."""

    wrong: list[str] = field(default_factory=list)
    unknown: int = 0
    """Rows whose registration was answered by nothing, or by 503 while connections were cut."""


def judge(heard: Sequence[Heard], snapshots: Sequence[Snapshot], windows: Sequence[Window]) -> Verdict:
    """Compare."""
    verdict = Verdict()
    by_phone: dict[int, list[Heard]] = {}
    for each in sorted(heard, key=lambda one: one.number):
        by_phone.setdefault(each.phone, []).append(each)
    verdict.wrong += [
        f"phone{each.phone} heard {each.outcome} to registration {each.number}"
        for each in heard
        if each.outcome not in (0, 200, 503)
    ]
    for snapshot in snapshots:
        for phone, its in by_phone.items():
            verdict.wrong += _without_row(its, snapshot, snapshot.rows.get(phone))
        for phone, row in snapshot.rows.items():
            source = next((each for each in by_phone.get(phone, ()) if each.number == row.number), None)
            if source is None:
                verdict.wrong.append(f"the row of phone{phone} comes from registration {row.number}, which nobody made")
            elif source.outcome != 200:
                is_unknown = source.outcome == 0 or any(each.may_cut(source.started, source.ended) for each in windows)
                verdict.unknown += is_unknown
                if not is_unknown:
                    verdict.wrong.append(f"phone{phone} heard {source.outcome} to {row.number}, and it has a row")
    return verdict


def _without_row(its: Sequence[Heard], snapshot: Snapshot, row: Row | None) -> Iterator[str]:
    """Yield what is wrong with the last registration of a phone that was confirmed before a snapshot."""
    confirmed = [each for each in its if each.outcome == 200 and each.ended < snapshot.asked]
    if not confirmed:
        return
    last = confirmed[-1]
    if row is None:
        yield f"phone{last.phone} heard 200 to {last.number}, and has no row"
    elif row.number < last.number:
        if any(each.number == row.number and not each.outcome for each in its):
            return
        yield f"phone{last.phone} heard 200 to {last.number}, and its row is of {row.number}"
    elif row.expires < int(last.started) + EXPIRES - 1:
        yield f"phone{last.phone} heard 200 to {last.number}, and its row ends {row.expires - last.started:.0f} s later"


def recovery(heard: Sequence[Heard], ended: float, until: float) -> tuple[float, float]:
    """Return the seconds from a moment to the first registration begun after it that succeeds, and to the last failure.

    What is not over at `until` does not count. The first is infinite where none succeeds, the last 0 where none fails.
    """
    after = [each for each in heard if ended < each.started and each.ended < until]
    first = min((each.ended - ended for each in after if each.outcome == 200), default=float("inf"))
    return first, max((each.started - ended for each in after if each.outcome != 200), default=0.0)
