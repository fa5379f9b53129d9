"""Releases of Asterisk: what one of them knows."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from sorcery.errors import ConfigurationError

__all__ = ["BRANCHES", "Release"]

BRANCHES = (20, 21, 22, 23)
_NAME = re.compile(r"(?:asterisk:)?(\d+)(?:\.(\d+)(?:\.\d+)?)?")


@attrs.frozen(slots=True)
class Release:
    """A branch of Asterisk, and one release of it; without a minor number the newest one of the branch."""

    major: int
    minor: int | None = None

    @classmethod
    def parse(cls, text: str) -> Release:
        """Read `asterisk:22` or `asterisk:22.10`; raises `ConfigurationError`."""
        found = _NAME.fullmatch(text)
        if found is None or int(found[1]) not in BRANCHES:
            choice = ", ".join(f"asterisk:{branch}" for branch in BRANCHES)
            raise ConfigurationError(
                f"{text!r} is no release that is known here", remedy=f"write {choice}, or with the minor number"
            )
        return cls(int(found[1]), None if found[2] is None else int(found[2]))

    def knows(self, since: Iterable[str]) -> bool:
        """Tell whether the release has what came with these releases, the first one of each branch; of none it does.

        What came to a later branch when that was out already, and to this one never, is not there.
        """
        first = {int(major): int(minor) for major, minor, *_ in (each.split(".") for each in since)}
        if not first:
            return True
        if self.major in first:
            return self.minor is None or self.minor >= first[self.major]
        return max(first) < self.major

    def __str__(self) -> str:
        return f"Asterisk {self.major}" + ("" if self.minor is None else f".{self.minor}")
