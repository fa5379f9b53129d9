"""Points in time with microseconds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sorcery.kinds import Kind, Refused, Warn

__all__ = ["Moment"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"\s*(?P<sign>[+-]?)(?P<seconds>[0-9]+)(?:\.(?P<fraction>[0-9]*))?", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)


class Moment(Kind[datetime]):
    """Seconds since 1970-01-01 00:00 UTC with a fraction, kept to the microsecond."""

    zero = _EPOCH

    def parse(self, text: str, before: datetime, warn: Warn) -> datetime:
        """Read the number that the text begins with."""
        found = _SECONDS.match(text)
        if found is None:
            raise Refused("is no time", f"write {self.expects()}")
        size = int(found["seconds"][:20]) * 1_000_000 + int((found["fraction"] or "")[:6].ljust(6, "0"))
        try:
            return _EPOCH + (-size if found["sign"] == "-" else size) * _MICROSECOND
        except OverflowError:
            raise Refused("is beyond the years 1 to 9999") from None

    def accept(self, value: Any) -> datetime:
        """Take a datetime with a time zone."""
        if not isinstance(value, datetime) or value.tzinfo is None:
            return super().accept(value)
        return value.astimezone(UTC)

    def expects(self) -> str:
        return "seconds since 1970, or a datetime with a time zone"

    def printed(self, value: datetime) -> str:
        seconds, microseconds = divmod(abs(value - _EPOCH) // _MICROSECOND, 1_000_000)
        return f"{'-' if value < _EPOCH else ''}{seconds}.{microseconds:06}"
