"""`rtp.conf`, read as Asterisk reads it: which ports media uses, and how strictly its sender is checked."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from sorcery.conf import Variable, read_conf
from sorcery.errors import ConfigurationError, ConfMissing
from sorcery.kinds import is_true
from sorcery.plain import plain

__all__ = ["RtpConf", "read_rtp_conf"]

_LOG = logging.getLogger(__name__)
_LEAST, _MOST = 1024, 65535
_DIGITS = re.compile(r"\s*(\d{1,9})")


@attrs.frozen(slots=True)
class RtpConf:
    """The options of the section `general` that count here."""

    rtpstart: int = 5000
    rtpend: int = 31000
    strict: bool = True
    """`strictrtp`: one source of packets alone is heard, once it is known."""
    probation: int = 4
    """How many packets in a row it takes to be known."""


def read_rtp_conf(path: Path | None, before: RtpConf | None = None) -> RtpConf:
    """Read the file; blocks on it. The defaults count where there is none, `before` where it is refused.

    What has to be repaired, or is refused, is logged.
    """
    if path is None:
        return RtpConf()
    try:
        conf = read_conf(path)
    except ConfMissing:
        return RtpConf()
    except ConfigurationError as error:
        _LOG.error("%s; media ports stay as they were", error)
        return before or RtpConf()
    general = conf.category("general")
    options: dict[str, Variable] = {}
    for variable in general.variables if general is not None else ():
        options.setdefault(variable.key.lower(), variable)  # the first of a name counts
    return _conf(options, lambda variable, text: _LOG.warning("%s:%d: %s", path, variable.line, text))


def _conf(options: Mapping[str, Variable], warn: Callable[[Variable, str], None]) -> RtpConf:
    conf = RtpConf()
    start, end = options.get("rtpstart"), options.get("rtpend")
    first = _port(start, warn) if start is not None else conf.rtpstart
    last = _port(end, warn) if end is not None else conf.rtpend
    either = start or end
    if either is not None and first + first % 2 >= last:
        warn(either, f"media ports from {first} to {last} are no range; {conf.rtpstart} to {conf.rtpend} are used")
        first, last = conf.rtpstart, conf.rtpend
    strict, probation = options.get("strictrtp"), options.get("probation")
    return RtpConf(
        rtpstart=first + first % 2,
        rtpend=last,
        strict=conf.strict if strict is None else is_true(strict.value) or strict.value.lower() == "seqno",
        probation=conf.probation if probation is None else _probation(probation, conf.probation, warn),
    )


def _port(variable: Variable, warn: Callable[[Variable, str], None]) -> int:
    """Read a port: what is none, or out of the range of those that anybody may bind, becomes the nearest that is."""
    number = _number(variable)
    port = min(max(number, _LEAST), _MOST)
    if port != number:
        text = plain(variable.value)
        warn(variable, f"{variable.key}={text} is no port from {_LEAST} to {_MOST}; {port} is used")
    return port


def _probation(variable: Variable, default: int, warn: Callable[[Variable, str], None]) -> int:
    number = _number(variable)
    if number > 1:
        return number
    warn(variable, f"probation={plain(variable.value)} is no number of packets above 1; {default} is used")
    return default


def _number(variable: Variable) -> int:
    """Read the digits that a value begins with, 0 where it begins with none."""
    digits = _DIGITS.match(variable.value)
    return int(digits[1]) if digits else 0
