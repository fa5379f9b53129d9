"""The object type `pjproject/log_mappings`."""

from __future__ import annotations

from typing import Any

from sorcery.kinds import Text
from sorcery.objects import Object, object_type
from sorcery.options import option

__all__ = ["PjprojectLogMappings"]

_FIRST = ("13.8.0",)


def _levels(level: str, since: tuple[str, ...] = _FIRST) -> Any:
    return option(Text(), default="", doc=f"PJPROJECT log levels sent to the Asterisk {level} level.", since=since)


@object_type("pjproject/log_mappings", section="res_pjproject", conf="pjproject.conf", optional=True, since=("13.8.0",))
class PjprojectLogMappings(Object):
    """Which of PJPROJECT's log levels become which of Asterisk's; only the object `log_mappings` counts.

    Every digit of a text is a level. Without the object it is 0 and 1 to error, 2 to warning, 3 and 4 to debug,
    5 and 6 to trace.
    """

    asterisk_debug: str = _levels("debug")
    asterisk_error: str = _levels("error")
    asterisk_warning: str = _levels("warning")
    asterisk_notice: str = _levels("notice")
    asterisk_verbose: str = _levels("verbose")
    asterisk_trace: str = _levels("trace", ("16.21.0", "18.7.0"))
