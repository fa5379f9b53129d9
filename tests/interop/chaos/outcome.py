"""What came of a run, in numbers and in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.interop.chaos.judging import Heard, Verdict, Window, recovery

RECOVERY = 20.0
"""Seconds after a fault within which somebody has to be registered again."""
POOL = 16
"""Connections that a stack may keep."""
ASIDE = 2
"""Connections outside the pool: one listens, and one probes."""
GROWTH = 100.0
"""Megabytes that a stack may have grown by."""
MAY_PASS = ("disk full", "rivals")
"""Faults that need not be felt by any phone: a page that an older version of a row left free takes the new one, and
what is undone is made again. The one is known by the error with which the filling ends, the other by deadlocks."""


@dataclass
class Outcome:
    """All that is known afterwards."""

    offered: int
    not_offered: int
    latest: float
    rate: float
    verdict: Verdict
    windows: Sequence[Window]
    heard: Sequence[Heard]
    changes: Sequence[Heard]
    """What somebody who provisioned meanwhile was told; 200 also where it was queued."""
    peaks: Mapping[str, int]
    """The most connections that were seen after each fault."""
    connections: int
    left: int
    """Connections after the end of the stacks."""
    memory: Sequence[tuple[float, float]]
    """Of each stack, in megabytes, before and after."""
    allowed: int
    """Connections that there may be at most."""
    deadlocks: int
    """How many the server has found and ended."""
    logs: Sequence[str]
    """What the stacks logged."""
    hung: tuple[float, float] = (0.0, 0.0)
    """Seconds that an answer takes while the database hangs, and that the stacks take to end then."""
    wrong: list[str] = field(default_factory=list)

    def begun_in(self, window: Window) -> list[Heard]:
        """Return the registrations that were begun while a fault lasted."""
        return [each for each in self.heard if window.begun <= each.started <= window.ended - window.lifting]

    def is_felt(self, window: Window) -> bool:
        """Tell whether a fault refused anybody, or kept him waiting until it was over."""
        return self.waited(window) > 0 or any(each.outcome != 200 for each in self.begun_in(window))

    def waited(self, window: Window) -> int:
        """Return how many registrations outlasted a fault, and succeeded."""
        return sum(each.outcome == 200 and each.ended > window.ended for each in self.begun_in(window))

    def summary(self) -> str:
        """Return what happened, a line per fault."""
        outcomes = Counter(each.outcome for each in self.heard)
        changes = Counter(each.outcome for each in self.changes)
        sizes = ", ".join(f"{before:.0f} → {after:.0f} MB" for before, after in self.memory)
        lines = [
            f"{self.offered} registrations offered, {self.rate:.1f}/s; {self.not_offered} could not be, as every phone "
            f"waited; the client was {self.latest:.2f} s late at most",
            f"answers: {outcomes[200]} x 200, {outcomes[503]} x 503, {outcomes[0]} x none",
            f"provisioned: {changes[200]} stored or queued, {changes[503]} refused, {changes[0]} unknown",
            f"{self.verdict.unknown} rows whose outcome nobody could know",
            f"{self.connections} connections, {self.left} after the end; memory {sizes}; {self.deadlocks} deadlocks",
            f"database hanging: answer after {self.hung[0]:.3f} s, end after {self.hung[1]:.2f} s",
        ]
        return "\n".join([*lines, *map(self._line, range(len(self.windows)))])

    def _line(self, position: int) -> str:
        each = self.windows[position]
        until = self.windows[position + 1].begun if position + 1 < len(self.windows) else float("inf")
        during = Counter(one.outcome for one in self.begun_in(each))
        first, last = recovery(self.heard, each.ended, until)
        return (
            f"{each.name:10} {each.ended - each.begun:4.1f} s: {during[200]:4} x 200, {during[503]:4} x 503, "
            f"{during[0]:4} x none, {self.waited(each):3} waited; first success {first:.2f} s after it, "
            f"last failure {last:.2f} s, {self.peaks[each.name]} connections"
        )

    def beyond(self) -> list[str]:
        """Return what is wrong beyond the table."""
        wrong = []
        for each in self.windows:
            first, _ = recovery(self.heard, each.ended, each.ended + RECOVERY)
            if first == float("inf"):
                wrong.append(f"nobody registered in the {RECOVERY:.0f} s after {each.name!r}")
            if each.name not in MAY_PASS and not self.is_felt(each):
                wrong.append(f"{each.name!r} was felt by nobody: it was none")
            if self.peaks[each.name] > self.allowed:
                wrong.append(f"{self.peaks[each.name]} connections were made after {each.name!r}")
        if self.connections > self.allowed or self.left:
            wrong.append(f"{self.connections} connections are open, and {self.left} after the end")
        growth = [after - before for before, after in self.memory]
        wrong += [f"a stack grew by {each:.0f} MB" for each in growth if each > GROWTH]
        return wrong
