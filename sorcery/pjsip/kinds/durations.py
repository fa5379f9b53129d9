"""How long something takes: whole seconds or milliseconds, which Python callers may also give as a `timedelta`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sorcery.kinds import Integer, Real, Refused

if TYPE_CHECKING:
    from typing import Self, overload

__all__ = ["MILLISECOND", "SECOND", "Duration", "Lasting", "RealSeconds"]

N = TypeVar("N", int, float)
SECOND, MILLISECOND = timedelta(seconds=1), timedelta(milliseconds=1)

if TYPE_CHECKING:

    class Lasting(Generic[N]):
        """Annotation of an option that reads as a number and may be given as a `timedelta` or a text too."""

        @overload
        def __get__(self, instance: None, owner: Any = None) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: Any = None) -> N: ...
        def __get__(self, instance: object | None, owner: Any = None) -> Any: ...
        def __set__(self, instance: object, value: N | str | timedelta) -> None: ...
else:

    class Lasting(Generic[N]):
        """Annotation of an option that reads as a number and may be given as a `timedelta` or a text too."""


class Duration(Integer):
    """A whole number of seconds, or of another unit."""

    def __init__(self, least: int = 0, most: int = 4294967295, *, unit: timedelta = SECOND) -> None:
        super().__init__(least, most)
        self.unit = unit

    def accept(self, value: Any) -> int:
        """Take an int in range, or a timedelta of whole units."""
        if not isinstance(value, timedelta):
            return super().accept(value)
        number, rest = divmod(value, self.unit)
        if rest:
            raise Refused(f"{value} is no whole number of {self._units()}", f"pass whole {self._units()}")
        return super().accept(number)

    def _units(self) -> str:
        return "seconds" if self.unit == SECOND else "milliseconds"


class RealSeconds(Real):
    """A number of seconds with a fraction."""

    def accept(self, value: Any) -> float:
        """Take a float, an int or a timedelta."""
        return super().accept(value / SECOND if isinstance(value, timedelta) else value)
