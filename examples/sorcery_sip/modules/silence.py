"""What is logged of stores that do not answer: when it begins, how much it comes to, and when it is over.

A line per request would be thousands a minute, in which nothing else is found, on a disk that may be full already.
"""

from __future__ import annotations

import logging
import threading
from datetime import UTC, datetime
from typing import Final

import attrs

__all__ = ["Silences"]

EVERY: Final = 60.0
"""Seconds between two lines about one store."""

QUIET: Final = 10.0
"""Seconds without a refusal after which it is over, if requests are answered then."""

_LOG = logging.getLogger(__name__)


@attrs.define(slots=True)
class _Silence:
    store: str
    begun: float
    last: float
    """When a request was refused for it."""
    told: float
    count: int = 1
    untold: int = 0
    """Refused since the last line."""


class Silences:
    """Requests that were refused as a store did not answer, counted by store. Safe to use from many threads.

    All times are those of the requests, in seconds since the epoch.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[str, _Silence] = {}

    def refused(self, store: str, line: str, now: float) -> None:
        """Log the first request that is refused for a store, count the others, and log their number each minute."""
        with self._lock:
            silence = self._open.get(store)
            if silence is None:
                self._open[store] = _Silence(store, now, now, now)
            else:
                silence.count, silence.untold, silence.last = silence.count + 1, silence.untold + 1, now
                if is_due := now - silence.told >= EVERY:
                    untold, silence.untold, silence.told = silence.untold, 0, now
        if silence is None:
            _LOG.error("%s", line)
        elif is_due:
            _LOG.error("%s; %d requests were refused for %s since the last line", line, untold, store)
        else:
            _LOG.debug("%s", line)

    def answered(self, now: float) -> None:
        """Note that a request was answered; log which stores are silent no more."""
        if not self._open:
            return
        with self._lock:
            over = [each for each in self._open.values() if now - each.last >= QUIET]
            for each in over:
                del self._open[each.store]
        for each in over:
            _LOG.warning(
                "no request is refused for %s any more; %d were from %s to %s UTC",
                each.store,
                each.count,
                _time(each.begun),
                _time(each.last),
            )


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M:%S}"
