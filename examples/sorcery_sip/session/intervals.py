"""Session intervals as headers tell them (RFC 4028): Session-Expires, Min-SE, and who refreshes."""

from __future__ import annotations

from typing import Final, Literal, Self

import attrs

from sorcery_sip.errors import ParseError
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.params import parse_params
from sorcery_sip.message.simple import number_or_none

__all__ = ["EXTENSION", "Refresher", "SessionExpires", "least_interval"]

EXTENSION: Final = "timer"

Refresher = Literal["uac", "uas"]


@attrs.frozen(slots=True)
class SessionExpires:
    """The value of a Session-Expires header: after how many seconds a session ends, and who prevents that."""

    interval: int
    refresher: Refresher | None = None

    @classmethod
    def of(cls, message: Request | Response) -> Self | None:
        """Return that of a message; None when there is none, or it cannot be read."""
        text = message.headers.get("Session-Expires")
        if text is None:
            return None
        number, semicolon, rest = text.partition(";")
        interval = number_or_none(number.strip())
        if not interval:
            return None
        try:
            named = (parse_params(semicolon + rest).get("refresher") or "").lower()
        except ParseError:
            named = ""
        return cls(interval, "uac" if named == "uac" else "uas" if named == "uas" else None)

    def __str__(self) -> str:
        return f"{self.interval};refresher={self.refresher}" if self.refresher else str(self.interval)


def least_interval(message: Request | Response) -> int:
    """Return Min-SE in seconds; 0 when there is none, or it cannot be read."""
    text = message.headers.get("Min-SE")
    return 0 if text is None else number_or_none(text.partition(";")[0].strip()) or 0
