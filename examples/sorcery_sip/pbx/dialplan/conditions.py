"""What is true, and which of two things follows from it."""

from __future__ import annotations

import re

from sorcery_sip.pbx.dialplan.arguments import split_arguments

__all__ = ["branches", "is_true"]

_NUMBER = re.compile(r"\s*[+-]?[0-9]+", re.ASCII)


def is_true(text: str) -> bool:
    """Tell whether a condition holds: a number in front of it is not 0, without one it is not empty."""
    number = _NUMBER.match(text)
    return bool(text) if number is None else number[0].strip(" \t\n\r\f\v+-0") != ""


def branches(text: str) -> tuple[str, str, str]:
    """Split `condition?yes:no` into its parts, blanks around them left out; the last two may be empty."""
    condition, _, rest = text.partition("?")
    yes, no = [*split_arguments(rest, 2, separator=":", is_raw=True), "", ""][:2]
    return condition.strip(), yes.strip(), no.strip()
