"""Moments as texts, and texts as moments."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo

from sorcery_sip.pbx.dialplan.functions.strings import exactly
from sorcery_sip.pbx.dialplan.scope import BadCall, Function, Scope

__all__ = ["DATES"]

_PARTS_OF_SECOND = re.compile(r"%(\d*)q")


def _zone(name: str) -> tzinfo | None:
    """Return a time zone; None for that of the machine."""
    if not name:
        return None
    try:
        return UTC if name == "UTC" else zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise BadCall(f"there is no time zone {name!r}: write one such as Europe/Berlin") from None


def _strftime(scope: Scope, arguments: str) -> str:
    seconds, zone, form = exactly(arguments, 0, 3, "STRFTIME([seconds][,zone[,format]])")
    try:
        moment = datetime.fromtimestamp(float(seconds) if seconds else scope.world.clock(), UTC)
    except (ValueError, OverflowError, OSError):
        raise BadCall(f"{seconds!r} is no number of seconds since 1970") from None
    form = _PARTS_OF_SECOND.sub(lambda found: f"{moment.microsecond:06d}"[: int(found[1] or 3)], form or "%c")
    return moment.astimezone(_zone(zone)).strftime(form)


def _strptime(scope: Scope, arguments: str) -> str:
    text, zone, form = exactly(arguments, 3, 3, "STRPTIME(text,zone,format)")
    try:
        moment = datetime.strptime(text, form)
    except ValueError as error:
        raise BadCall(str(error)) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=_zone(zone))
    return str(int(moment.timestamp()))


DATES: Mapping[str, Function] = {"STRFTIME": Function(_strftime), "STRPTIME": Function(_strptime)}
