"""What comparing came to: how often, in which options, and some examples."""

from __future__ import annotations

import enum
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from collections.abc import Mapping as Table
from typing import Any, Final

import attrs

from sorcery.objects import Object, differences
from sorcery.plan import by_itself, is_alike

__all__ = ["Difference", "Example", "Figures", "Kind", "Tally", "compare"]

EXAMPLES: Final = 20
"""Objects that are remembered per type, the last ones that differed."""


class Kind(enum.StrEnum):
    """How the second store's answer is another one."""

    MISSING = "missing"
    """It lacks an object, or holds none that can be read under that id."""
    EXTRA = "extra"
    """It alone has the object."""
    DIFFERS = "differs"


@attrs.frozen(slots=True)
class Difference:
    """One object that the answers do not agree on."""

    kind: Kind
    obj: Object | None
    shadow: Object | None

    def options(self) -> tuple[tuple[str, str | None, str | None], ...]:
        """Return (option, text, text in the second store) for what differs, secrets masked."""
        if self.obj is None or self.shadow is None:
            return ()
        return tuple(differences(self.obj, by_itself(self.shadow)))


def compare(answer: Table[str, Object], shadow: Table[str, Object]) -> dict[str, Difference]:
    """Return what two answers do not agree on, by id."""
    found = {id: Difference(Kind.MISSING, obj, None) for id, obj in answer.items() if id not in shadow}
    for id, theirs in shadow.items():
        mine = answer.get(id)
        if mine is None:
            found[id] = Difference(Kind.EXTRA, None, theirs)
        elif not is_alike(mine, by_itself(theirs)):
            found[id] = Difference(Kind.DIFFERS, mine, theirs)
    return found


@attrs.frozen(slots=True)
class Example:
    """An object that the stores did not agree on when it was asked for last."""

    kind: Kind
    id: str
    at: float
    """When that was, in seconds since 1970."""
    options: tuple[tuple[str, str | None, str | None], ...]
    """(option, text, text in the second store), secrets masked."""


@attrs.frozen(slots=True, kw_only=True)
class Figures:
    """What was counted for one type so far."""

    mapping: str
    """The second store, as `[shadow]` names it."""
    compared: int
    """Questions that both stores answered."""
    agreed: int
    """Those of them with one and the same answer."""
    unavailable: int
    """Questions that the second store did not answer, or whose second look nobody answered."""
    dropped: int
    """Questions, and changes, that it was not asked: too many waited for it."""
    kinds: Table[Kind, int]
    """Objects that differed, by the way they did; one that is asked for again counts again."""
    options: Table[str, int]
    """How often each option differed."""
    seconds: float
    """How long the answers took together."""
    shadow_seconds: float
    """How long those of the second store took."""
    slower: int
    """Answers for which the second store took longer."""
    written: int
    """Changes that were made in the second store too."""
    failed: int
    """Changes that it did not take."""
    trouble: str
    """Why the second store did not answer, or take a change, the last time that it did not."""
    examples: tuple[Example, ...]
    """The last first."""

    def data(self) -> dict[str, Any]:
        """Return what JSON can hold."""
        return {
            **{each.name: getattr(self, each.name) for each in attrs.fields(Figures)},
            "kinds": {kind.value: self.kinds.get(kind, 0) for kind in Kind},
            "options": dict(self.options),
            "examples": [
                {
                    "kind": each.kind.value,
                    "id": each.id,
                    "at": each.at,
                    "options": [{"option": name, "text": text, "shadow": other} for name, text, other in each.options],
                }
                for each in self.examples
            ],
        }


class Tally:
    """Counts for one type. Any thread may add to it."""

    def __init__(self, mapping: str, clock: Callable[[], float] = time.time) -> None:
        self.mapping, self._clock = mapping, clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Begin anew."""
        with self._lock:
            self._counts: Counter[str] = Counter()
            self._kinds: Counter[Kind] = Counter()
            self._options: Counter[str] = Counter()
            self._seconds = self._shadow_seconds = 0.0
            self._trouble = ""
            self._examples: OrderedDict[str, Example] = OrderedDict()

    def count(self, what: str, trouble: str = "") -> None:
        """Count `unavailable`, `dropped`, `written` or `failed`, with the reason where there is one."""
        with self._lock:
            self._counts[what] += 1
            self._trouble = trouble or self._trouble

    def compared(self, seconds: float, shadow_seconds: float, found: Table[str, Difference]) -> None:
        """Count one question that both stores answered, and what they did not agree on."""
        now = self._clock()
        examples = [Example(each.kind, id, now, each.options()) for id, each in found.items()]
        with self._lock:
            self._counts.update(("compared", *(() if found else ("agreed",))))
            self._counts["slower"] += shadow_seconds > seconds
            self._seconds += seconds
            self._shadow_seconds += shadow_seconds
            for example in examples:
                self._kinds[example.kind] += 1
                self._options.update(name for name, _, _ in example.options)
                self._examples.pop(example.id, None)
                self._examples[example.id] = example
            while len(self._examples) > EXAMPLES:
                self._examples.popitem(last=False)

    def figures(self) -> Figures:
        """Return what was counted."""
        with self._lock:
            counts = ("compared", "agreed", "unavailable", "dropped", "slower", "written", "failed")
            return Figures(
                mapping=self.mapping,
                kinds=dict(self._kinds),
                options=dict(self._options.most_common()),
                seconds=self._seconds,
                shadow_seconds=self._shadow_seconds,
                trouble=self._trouble,
                examples=tuple(reversed(self._examples.values())),
                **{name: self._counts[name] for name in counts},
            )
