"""The whole dialplan, and the questions asked of it: what is there for a number, a priority, a label."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sorcery_sip.pbx.dialplan.model import Context, Extension, Match, Settings, Step
from sorcery_sip.pbx.dialplan.patterns import fits

__all__ = ["Candidates", "Dialplan"]

MAX_CONTEXTS = 128
"""Contexts that one search goes through, whatever includes say."""


class Candidates(NamedTuple):
    """The extensions for a number, the preferred first."""

    extensions: tuple[Extension, ...]
    are_lasting: bool
    """False: an include holds at certain times only, so another moment may have others."""

    def step(self, priority: int) -> Step | None:
        """Return the step of a priority: of the first extension that has one."""
        for extension in self.extensions:
            if (step := extension.steps.get(priority)) is not None:
                return step
        return None

    def label(self, label: str) -> int | None:
        """Return the priority that a label stands for."""
        return next((each.labels[label] for each in self.extensions if label in each.labels), None)


class Dialplan:
    """All contexts by name, global variables and settings, as one reading of the file gave them. Never changed."""

    def __init__(
        self,
        contexts: Iterable[Context] = (),
        global_variables: Mapping[str, str] | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.contexts: Mapping[str, Context] = {context.name: context for context in contexts}
        self.global_variables: Mapping[str, str] = dict(global_variables or {})
        self.settings = settings or Settings()

    def candidates(self, context: str, exten: str, caller: str, now: Callable[[], datetime]) -> Candidates:
        """Return the extensions for a number and a caller's number; `now` is asked where includes have times."""
        own = self.contexts.get(context)
        if own is not None and not own.includes:
            return Candidates(_for_caller(own.index.matching(exten), caller), True)
        search = _Search(self.contexts, now)
        found = [each for place in search.contexts(context) for each in place.index.matching(exten)]
        return Candidates(_for_caller(tuple(found), caller), not search.has_times)

    def match(self, context: str, exten: str, caller: str, now: Callable[[], datetime]) -> Match:
        """Tell whether an extension begins here for a number, or could with more digits."""
        if self.candidates(context, exten, caller, now).step(1) is not None:
            return Match.EXISTS
        places = _Search(self.contexts, now).contexts(context)
        return Match.COULD if any(place.index.could_match(exten) for place in places) else Match.NO

    def could_be_longer(self, context: str, exten: str, now: Callable[[], datetime]) -> bool:
        """Tell whether it pays to wait for more digits."""
        for place in _Search(self.contexts, now).contexts(context):
            if (answer := place.index.more(exten)) is not None:
                return answer
        return False


class _Search:
    """One walk through a context and what it includes."""

    def __init__(self, contexts: Mapping[str, Context], now: Callable[[], datetime]) -> None:
        self._contexts, self._now = contexts, now
        self._moment: datetime | None = None
        self.has_times = False

    def contexts(self, name: str) -> Iterator[Context]:
        """Yield a context, then those it includes, each with its own; none twice."""
        waiting, seen = [name], {name}
        while waiting and len(seen) <= MAX_CONTEXTS:
            context = self._contexts.get(waiting.pop())
            if context is None:
                continue
            yield context
            names = [each.context for each in context.includes if each.times is None or self._holds(each.times.holds)]
            fresh = [each for each in dict.fromkeys(names) if each not in seen]
            seen.update(fresh)
            waiting += reversed(fresh)

    def _holds(self, holds: Callable[[datetime], bool]) -> bool:
        self.has_times = True
        if self._moment is None:
            self._moment = self._now()
        return holds(self._moment)


def _for_caller(extensions: tuple[Extension, ...], caller: str) -> tuple[Extension, ...]:
    """Leave out the extensions that are for other callers."""
    if all(each.caller is None for each in extensions):
        return extensions
    return tuple([each for each in extensions if each.caller is None or _is_for(each.caller, caller)])


def _is_for(pattern: str, caller: str) -> bool:
    return fits(pattern, caller) if pattern and caller else not pattern and not caller
