"""Looking at steps: each once, however many chains it is in, and none for longer than its time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable, Iterable, Iterator

import attrs

from sorcery.doctor.chains import Link, State
from sorcery.errors import ConfigurationError, SorceryError, Unavailable
from sorcery.steps import Broken, Limited, Step

__all__ = ["Looking"]

log = logging.getLogger("sorcery.doctor")


class Looking:
    """Look at chains of steps, and remember what the shared ones came to."""

    def __init__(self) -> None:
        self._seen: dict[Hashable, tuple[Link, bool]] = {}

    def links(self, steps: Iterable[Step]) -> tuple[Link, ...]:
        """Return a link for each step; those behind a broken one are not looked at, unless they do not need it."""
        return tuple(self._links(steps))

    def _links(self, steps: Iterable[Step]) -> Iterator[Link]:
        goes_on = True
        for step in steps:
            if not (goes_on or step.anew):
                yield Link(name=step.name, state=State.UNSEEN, key=step.key)
                continue
            link, goes_on = self._looked(step)
            yield link

    def _looked(self, step: Step) -> tuple[Link, bool]:
        """Return the link, and whether those behind it can be looked at."""
        if step.key is None:
            return _link(step, _patiently(step))
        same = step.name, step.key
        if same not in self._seen:
            self._seen[same] = _link(step, _patiently(step))
        return self._seen[same]


@attrs.define(eq=False)
class _Outcome:
    found: str | Limited | SorceryError | BaseException | None = None


def _patiently(step: Step) -> str | Limited | SorceryError:
    """Look in a thread aside, which is left alone when its time is over: what hangs cannot be told to stop."""
    outcome = _Outcome()

    def look() -> None:
        try:
            outcome.found = step.look()
        except BaseException as error:  # noqa: BLE001 - told in the thread that waits
            outcome.found = error

    thread = threading.Thread(target=look, name=f"doctor-{step.name}", daemon=True)
    thread.start()
    thread.join(step.patience)
    match outcome.found:
        case None:
            reason = f"there was no answer within {step.patience:g} s"
            return Broken(reason, "see what keeps it: a hanging disk, name server, server or lock", silent=True)
        case str() | Limited() | SorceryError() as found:
            return found
        case OSError() as error:
            return Broken(str(error), "see that this user may read it, and that the disk is well")
        case Exception() as error:  # of a wizard of anybody's: the other chains are told all the same
            log.error("the step %s failed", step.name, exc_info=error)
            return Broken(f"{type(error).__name__}: {error}", "report this: who looks at it made a mistake")
        case error:
            raise error


def _link(step: Step, found: str | Limited | SorceryError) -> tuple[Link, bool]:
    match found:
        case str(text):
            return Link(name=step.name, state=State.GOOD, text=text, key=step.key), True
        case Limited(text, mending):
            return Link(name=step.name, state=State.LIMITED, text=text, mending=mending, key=step.key), True
        case error:
            broken = _broken(error)
    link = Link(
        name=step.name,
        state=State.BROKEN,
        text=broken.reason,
        mending=broken.mending,
        place=broken.place,
        silent=broken.silent,
        key=step.key,
    )
    return link, broken.goes_on


def _broken(error: SorceryError) -> Broken:
    match error:
        case Broken():
            return error
        case ConfigurationError():
            return Broken(error.reason, error.remedy or "correct it", place=error.place)
        case Unavailable():
            reason, _, remedy = error.reason.partition("; ")
            return Broken(reason, remedy or "see its log, and what keeps it: a lock, load, a disk", silent=True)
    return Broken(str(error), "correct it")
