"""Arguments and option letters of applications."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sorcery_sip.errors import shorten
from sorcery_sip.pbx.dialplan.arguments import split_arguments

__all__ = ["arguments_of", "options_of", "seconds_of"]

_LOG = logging.getLogger(__name__)


def arguments_of(text: str, count: int) -> tuple[str, ...]:
    """Return `count` arguments without blanks around them, those that are missing empty."""
    found = [argument.strip() for argument in split_arguments(text, count)]
    return tuple(found + [""] * (count - len(found)))


def options_of(text: str, *, served: str, ignored: str = "", application: str, channel: str) -> Mapping[str, str]:
    """Return option letters with what follows them in parentheses; of those not `served`, a warning is logged.

    Letters that are `ignored` mean nothing here, and nobody misses them.
    """
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        letter, at = text[at], at + 1
        argument = ""
        if text[at : at + 1] == "(":
            end = _closing(text, at)
            argument, at = text[at + 1 : end], end + 1
        if letter in served:
            found[letter] = argument
        elif letter not in ignored and not letter.isspace():
            shown = letter if letter.isprintable() else repr(letter)
            _LOG.warning("%s on %s: option %s of %s is not served", application, channel, shown, shorten(text))
    return found


def _closing(text: str, at: int) -> int:
    """Return where the parenthesis that opens at `at` is closed; the end where it is not."""
    depth = 0
    for place in range(at, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return place
    return len(text)


def seconds_of(text: str, *, application: str, channel: str, option: str = "timeout") -> float | None:
    """Return a number of seconds; None for an empty text, or after a warning one that is no number from 0 on."""
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if 0 <= seconds < float("inf"):
        return seconds
    _LOG.warning("%s on %s: %s %s is no number of seconds", application, channel, option, shorten(text))
    return None
