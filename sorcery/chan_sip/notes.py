"""What became of each line: the notes of a conversion, and the ledger in which its parts write them down."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from sorcery.chan_sip.source import Line
from sorcery.place import Place
from sorcery.plain import plain

__all__ = ["Ledger", "Note", "Verdict"]


class Verdict(enum.StrEnum):
    """How much of a line's meaning is left."""

    MAPPED = "mapped"
    """PJSIP does what the line meant."""
    CHANGED = "changed"
    """PJSIP does something near it."""
    LOST = "lost"
    """Nothing does what the line meant."""
    DEFAULT = "default"
    """No line, but a default of chan_sip that is not PJSIP's."""


_Told = tuple[Verdict, tuple[str, ...], str]
_RANK = (Verdict.DEFAULT, Verdict.MAPPED, Verdict.CHANGED, Verdict.LOST)


@attrs.frozen(slots=True, kw_only=True)
class Note:
    """One line, or one default, with what became of it and why."""

    place: Place
    section: str
    """The section that the line counts in, which is not the template that it stands in."""
    option: str
    value: str
    """As written; a password is masked."""
    verdict: Verdict
    became: str = ""
    """The options that it became, as in `endpoint/context=inside`; empty where nothing was written."""
    why: str = ""

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        return {
            "source": self.place.source,
            "line": self.place.line,
            "row": self.place.row,
            "section": self.section,
            "option": self.option,
            "value": self.value,
            "verdict": self.verdict.value,
            "became": self.became,
            "why": self.why,
        }

    def __str__(self) -> str:
        section = f"[{self.section}] " if self.section else ""
        what = f"{self.option}={self.value}" if self.option else ""
        became = f" -> {self.became}" if self.became else ""
        told = "; ".join(filter(None, (f"{section}{what}{became}", self.why)))
        return f"{self.place}: {self.verdict}: {plain(told)}"


class Ledger:
    """Gathers what the parts of a conversion tell of lines, and makes one note of each line."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._told: dict[int, dict[_Told, None]] = {}
        self._refused: dict[int, set[str]] = {}
        self._defaults: dict[tuple[str, str, str, str], None] = {}

    def tell(self, line: Line, *became: str, why: str = "", verdict: Verdict | None = None) -> None:
        """Write down what became of a line; told several times, it gets one note with the worst verdict.

        Without a verdict a line that is told a `why` has changed, any other is mapped.
        """
        found = verdict or (Verdict.CHANGED if why else Verdict.MAPPED)
        self._told.setdefault(line.key, {})[found, became, why] = None

    def lose(self, line: Line, why: str) -> None:
        """Write down that nothing became of a line."""
        self.tell(line, why=why, verdict=Verdict.LOST)

    def pass_over(self, line: Line, why: str) -> None:
        """Write down that a line meant nothing to chan_sip either."""
        self.tell(line, why=why, verdict=Verdict.MAPPED)

    def refuse(self, line: Line, became: str, why: str) -> None:
        """Write down that PJSIP refuses one of the options that a line became."""
        self._refused.setdefault(line.key, set()).add(became)
        self.lose(line, f"PJSIP refuses {became}: {why}")

    def replace(self, line: Line, before: str, after: str, why: str) -> None:
        """Write down that one of the options that a line became is written otherwise."""
        self._refused.setdefault(line.key, set()).add(before)
        self.tell(line, after, why=why)

    def has(self, line: Line) -> bool:
        """Tell whether anything was told of a line."""
        return line.key in self._told

    def default(self, option: str, value: str, became: str, why: str) -> None:
        """Write down, once, a default of chan_sip that is another in PJSIP."""
        self._defaults.setdefault((option, value, became, why))

    def notes(self, lines: Iterable[Line]) -> Iterator[Note]:
        """Yield one note for each line, then those of the defaults."""
        for line in lines:
            yield self._note(line)
        for option, value, became, why in self._defaults:
            yield Note(
                place=Place(self._source),
                section="",
                option=option,
                value=value,
                verdict=Verdict.DEFAULT,
                became=became,
                why=why,
            )

    def _note(self, line: Line) -> Note:
        told, refused = self._told[line.key], self._refused.get(line.key, set())
        return Note(
            place=line.place,
            section=line.section,
            option=line.option,
            value=line.shown,
            verdict=max((verdict for verdict, _, _ in told), key=_RANK.index),
            became=", ".join(_distinct(each for _, became, _ in told for each in became if each not in refused)),
            why="; ".join(_distinct(why for _, _, why in told)),
        )


_SEVERAL = 12
"""Texts of one line that a note holds: a line of `[general]` may become something in every endpoint."""


def _distinct(texts: Iterable[str]) -> list[str]:
    found = list(dict.fromkeys(filter(None, texts)))
    return found if len(found) <= _SEVERAL else [*found[:_SEVERAL], f"and {len(found) - _SEVERAL} more"]
