"""The arguments of Dial."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from sorcery_sip.pbx.applications.options import arguments_of, options_of, seconds_of
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dial_terms import Terms
from sorcery_sip.pbx.media import AudioSource
from sorcery_sip.pbx.party import Party

__all__ = ["DialRequest"]

SERVED = "AbcdDgHhIiLmQRrSsUu"
IGNORED = "CeKkNnOoPpTtWwXx"
"""Features that the one who presses a key, or records, would have: nothing is missing from the call without them."""


@attrs.frozen(slots=True)
class DialRequest:
    """Whom to call, how, and what to do once somebody answers."""

    targets: tuple[str, ...]
    timeout: float | None
    options: Mapping[str, str]

    @classmethod
    def parse(cls, arguments: str, channel: Channel) -> DialRequest:
        """Read `TECH/resource[&...][,timeout][,options]`; the log names the options that are not served.

        A timeout of 0 is none.
        """
        targets, timeout, letters, _ = arguments_of(arguments, 4)
        return cls(
            tuple(filter(None, (target.strip() for target in targets.split("&")))),
            seconds_of(timeout, application="Dial", channel=channel.name) or None,
            options_of(letters, served=SERVED, ignored=IGNORED, application="Dial", channel=channel.name),
        )

    def terms(self, caller: Party, *, ringback: AudioSource, ends_on_digit: Callable[[str], bool]) -> Terms:
        """Return how to call."""
        options = self.options
        return Terms(
            timeout=self.timeout,
            ringing_at_once=not options.keys().isdisjoint("rRm"),
            early_media=options.keys().isdisjoint("rm"),
            pass_identity="I" not in options,
            follow_forwards="i" not in options,
            cause_for_cancelled=Cause.ANSWERED_ELSEWHERE if "c" in options else Cause.NORMAL_CLEARING,
            cause_for_losers=_cause(options.get("Q", ""), Cause.ANSWERED_ELSEWHERE),
            shown=self._shown(caller),
            ringback=ringback,
            ends_on_digit=ends_on_digit,
        )

    @property
    def limit(self) -> float | None:
        """Return how many seconds the call may last once it is answered: the shorter of `L` and `S`."""
        limits = [_number(self.options.get("S", "")), _number(self.options.get("L", "").partition(":")[0]) / 1000]
        return min((limit for limit in limits if limit > 0), default=None)

    def _shown(self, caller: Party) -> Party | None:
        changes = {"tag": self.options.get("s", ""), "presentation": self.options.get("u", "")}
        changes = {name: value for name, value in changes.items() if value}
        return caller.replace(**changes) if changes else None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _cause(text: str, otherwise: int) -> int:
    """Return a cause by its number or its name, such as `USER_BUSY`."""
    if text.isdecimal():
        return int(text)
    return Cause.__members__.get(text.upper(), otherwise) if text else otherwise
