"""The second stores of a system: opened, asked aside, and compared."""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from typing import TYPE_CHECKING

from sorcery.errors import NotFound, SorceryError, Unavailable
from sorcery.objecttype import ObjectType
from sorcery.shadowing.aside import Aside
from sorcery.shadowing.figures import Difference, Figures, Tally, compare
from sorcery.shadowing.reader import Answer, Ask, Shadowed
from sorcery.shadowing.settings import ShadowSettings
from sorcery.wizard import Op, Reader
from sorcery.writing.transaction import Step

if TYPE_CHECKING:
    from sorcery.instance import Sorcery

__all__ = ["Shadow"]


class Shadow:
    """Compares what callers are answered with what a second system answers, aside: no caller waits for it.

    What the stores do not agree on counts if a second look at both says the same: it may have been changed between.
    """

    def __init__(
        self,
        settings: ShadowSettings,
        system: Sorcery,
        readers: Callable[[str], Reader],
        tallies: Table[str, Tally],
    ) -> None:
        """`readers` returns what asks the second stores of a type; there is a tally for each type that has any."""
        self.settings = settings
        self.system = system
        """The second system. It can be asked, compared with the first (`plan`), and copied to."""
        self.tallies = tallies
        self._second = readers
        self._aside = Aside("sorcery-shadow", settings.waiting)

    @property
    def types(self) -> tuple[str, ...]:
        """The types that have a second store."""
        return tuple(self.tallies)

    def reader(self, object_type: ObjectType, reader: Reader) -> Reader:
        """Return the reader whose answers are compared, or the reader itself where a type has no second store."""
        tally = self.tallies.get(object_type.name)
        if tally is None:
            return reader

        def tell(ask: Ask, answer: Answer, seconds: float) -> None:
            if not self._aside.offer(lambda: self._compare(object_type.name, reader, ask, answer, seconds)):
                tally.count("dropped")

        return Shadowed(reader, self._chooses, tell)

    def _chooses(self) -> bool:
        return self.settings.sample >= 1 or random.random() < self.settings.sample

    def _compare(self, name: str, reader: Reader, ask: Ask, answer: Answer, seconds: float) -> None:
        tally, begun = self.tallies[name], time.perf_counter()
        try:
            theirs = ask(self._second(name))
            shadow_seconds = time.perf_counter() - begun
            found = compare(answer, theirs)
            confirmed = self._confirmed(name, reader, ask, found) if found else {}
        except Unavailable as error:
            tally.count("unavailable", str(error))
        else:
            tally.compared(seconds, shadow_seconds, confirmed)

    def _confirmed(self, name: str, reader: Reader, ask: Ask, found: Table[str, Difference]) -> dict[str, Difference]:
        """Return what a second look at both stores finds again; raises `Unavailable`."""
        again = compare(ask(reader), ask(self._second(name)))
        return {id: difference for id, difference in found.items() if again.get(id) == difference}

    def mirror(self, steps: Iterable[Step]) -> None:
        """Make changes that were just stored in the second stores too, aside, where `[shadow]` says so.

        Call it where the order of the changes of an object is fixed.
        """
        for step in steps:
            name = step.key[0]
            if name not in self.settings.writes or name not in self.tallies:
                continue
            if not self._aside.offer(functools.partial(self._write, step), first=True):
                self.tallies[name].count("dropped")

    def _write(self, step: Step) -> None:
        tally = self.tallies[step.key[0]]
        try:
            if step.op is Op.DELETE:
                self.system.delete(step.obj)
            else:
                self.system.update(step.obj)
        except NotFound:
            tally.count("written")  # what was to go is not there
        except SorceryError as error:
            tally.count("failed", str(error))
        else:
            tally.count("written")

    def reload(self) -> None:
        """Let the second system read again what changed, aside."""
        self._aside.offer(self.system.reload, first=True)

    def figures(self) -> dict[str, Figures]:
        """Return what was counted so far, by type."""
        return {name: tally.figures() for name, tally in self.tallies.items()}

    def reset(self) -> None:
        """Count anew."""
        for tally in self.tallies.values():
            tally.reset()

    def settle(self, patience: float = 30.0) -> bool:
        """Wait until all that was asked so far is compared, at most for some seconds; tell whether it is."""
        return self._aside.settle(patience)

    def close(self) -> None:
        """Compare no more, and close the second stores; waits for a moment for one that hangs."""
        self._aside.close(self.system.close)
