"""When something holds: `9:00-17:00,mon-fri,1-15,jan-mar`, as includes, `GotoIfTime` and `IFTIME` have it."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import TypeAlias

import attrs

from sorcery_sip.pbx.dialplan.arguments import whole_number

__all__ = ["BadTimes", "Times", "parse_times", "split_include"]

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
_SEPARATOR = re.compile(r"[,|]")
_Ranges: TypeAlias = tuple[tuple[int, int], ...]
_MINUTES_OF_DAY = 24 * 60


class BadTimes(ValueError):
    """A time, day or zone that cannot be read; the message says which and what would be right."""


@attrs.frozen(slots=True)
class Times:
    """Times of day, days of the week and of the month, months; None is any. Ranges include both ends."""

    minutes: _Ranges | None = None
    weekdays: _Ranges | None = None
    days: _Ranges | None = None
    months: _Ranges | None = None
    zone: tzinfo | None = None

    def holds(self, now: datetime) -> bool:
        """Tell whether they include a moment, which knows its time zone."""
        if self.zone is not None:
            now = now.astimezone(self.zone)
        return (
            _within(self.minutes, now.hour * 60 + now.minute)
            and _within(self.weekdays, now.weekday())
            and _within(self.days, now.day)
            and _within(self.months, now.month)
        )


def split_include(text: str) -> tuple[str, str]:
    """Split an include into the context and its times, which may be empty."""
    found = _SEPARATOR.search(text)
    return (text, "") if found is None else (text[: found.start()], text[found.end() :])


def parse_times(text: str) -> Times:
    """Read times; fields that are left out, empty or `*` are any. Raises `BadTimes`."""
    minutes, weekdays, days, months, zone = ([*_SEPARATOR.split(text, maxsplit=4)] + [""] * 5)[:5]
    return Times(
        _ranges(minutes, _minute, "a time of day is HH:MM"),
        _ranges(weekdays, _named(_DAYS, 0), "days are mon to sun"),
        _ranges(days, _day, "days of the month are 1 to 31"),
        _ranges(months, _named(_MONTHS, 1), "months are jan to dec"),
        _zone(zone.strip()),
    )


def _within(ranges: _Ranges | None, value: int) -> bool:
    return ranges is None or any(
        first <= value <= last if first <= last else value >= first or value <= last for first, last in ranges
    )


def _ranges(text: str, read: Callable[[str], int | None], remedy: str) -> _Ranges | None:
    """Read `a-b&c`; each end by `read`, which returns None for what it cannot."""
    found: list[tuple[int, int]] = []
    for part in text.split("&"):
        ends: Sequence[str] = part.strip().split("-", 1)
        if ends[0].strip() in ("", "*"):
            return None
        first, last = read(ends[0].strip()), read(ends[-1].strip())
        if first is None or last is None:
            raise BadTimes(f"{part.strip()!r} cannot be read: {remedy}")
        found.append((first, last))
    return tuple(found)


def _minute(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    minute = int(found[1]) * 60 + int(found[2]) if found and int(found[2]) < 60 else _MINUTES_OF_DAY
    return minute if minute < _MINUTES_OF_DAY else None


def _day(text: str) -> int | None:
    day = whole_number(text)
    return day if day is not None and 1 <= day <= 31 else None


def _named(names: Sequence[str], first: int) -> Callable[[str], int | None]:
    numbers = {name: number for number, name in enumerate(names, first)}
    return lambda text: numbers.get(text.lower())


def _zone(name: str) -> tzinfo | None:
    if not name:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise BadTimes(f"there is no time zone {name!r}: write one such as Europe/Berlin") from None
