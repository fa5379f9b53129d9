"""The way from a configuration to its objects, in steps that can be looked at one by one."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import attrs

from sorcery.errors import SorceryError
from sorcery.place import Place

__all__ = ["PATIENCE", "Broken", "Limited", "Step"]

PATIENCE = 10.0
"""Seconds after which a step is given up, unless it asks for more."""


class Broken(SorceryError):
    """A step that does not hold: what is wrong, and what to do about it.

    `goes_on` where the steps behind it can be looked at all the same, `silent` where somebody did not answer.
    """

    def __init__(
        self, reason: str, mending: str, *, place: Place | None = None, goes_on: bool = False, silent: bool = False
    ) -> None:
        self.reason, self.mending, self.place = reason, mending, place
        self.goes_on, self.silent = goes_on, silent
        super().__init__(f"{reason}; {mending}")


@attrs.frozen(slots=True)
class Limited:
    """A step that holds, but not for everything one may want."""

    text: str
    mending: str


@attrs.frozen(slots=True, eq=False)
class Step:
    """One link between a mapping and its objects."""

    name: str
    """Short and stable, e.g. `table`."""
    look: Callable[[], str | Limited]
    """Look at it, writing nothing, and return what was seen; raises `Broken`, or another `SorceryError`."""
    key: Hashable = attrs.field(default=None, repr=False)
    """Steps of one key are one: it is looked at once. None for a step of its own. It may hold a password."""
    patience: float = PATIENCE
    """Seconds after which it is given up."""
    anew: bool = False
    """It and those behind it can be looked at whatever became of those before: another way to the same objects."""
