"""The lines that count for one section: its own, and those of `[general]` that it takes over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sorcery.chan_sip.catalogue import inherited, unknown
from sorcery.chan_sip.notes import Ledger
from sorcery.chan_sip.options import SipOption
from sorcery.chan_sip.source import Line
from sorcery.chan_sip.words import is_off

__all__ = ["Settings"]

Known = Mapping[str, SipOption]


class Settings:
    """The lines of a section by option, with what `[general]` says before them."""

    def __init__(self, own: Iterable[Line], known: Known, ledger: Ledger, general: Settings | None = None) -> None:
        self._ledger = ledger
        self._own: dict[SipOption, list[Line]] = {}
        self._general = general
        own = tuple(own)
        self._written = {line.name for line in own}
        for line in own:
            option = known.get(line.name)
            if option is None:
                ledger.lose(line, unknown(line.option, known))
            elif option.rests and is_off(line.value):
                ledger.pass_over(line, "it is off, as always in PJSIP")
            elif option.is_lost:
                ledger.lose(line, option.why)
            else:
                self._own.setdefault(option, []).append(line)
        self._names = {option.name: option for option in self._own}
        for option, lines in self._own.items():
            for line in lines[:-1] if not option.repeats else ():
                ledger.pass_over(line, "a later line replaces it")

    def names(self, name: str) -> bool:
        """Tell whether a line of the section itself names an option, whatever becomes of it."""
        return name in self._written

    def all(self, name: str) -> tuple[Line, ...]:
        """Return the lines of an option that count, those of `[general]` first."""
        option = self._names.get(name)
        own = tuple(self._own[option]) if option else ()
        above = self._above(name)
        if option and not option.repeats:
            return own[-1:]
        return (*above, *own)

    def last(self, name: str) -> Line | None:
        """Return the line of an option that counts, or None."""
        return next(reversed(self.all(name)), None)

    def value(self, name: str, default: str = "") -> str:
        """Return the text of an option, or what holds without it."""
        line = self.last(name)
        return default if line is None else line.value

    def direct(self) -> Iterator[tuple[SipOption, Line]]:
        """Yield the lines that become options of PJSIP by themselves, in the order in which they count."""
        options = dict.fromkeys((*(self._general._own if self._general else ()), *self._own))
        counted = {line.key: option for option in options if option.target for line in self.all(option.name)}
        for line in self.ordered(*(option.name for option in options if option.target)):
            yield counted[line.key], line

    def ordered(self, *names: str) -> list[Line]:
        """Return the lines of several options that count: those of `[general]` first, wherever it stands."""
        own = {line.key for lines in self._own.values() for line in lines}
        found = (line for name in names for line in self.all(name))
        return sorted(found, key=lambda line: (line.key in own, line.key))

    def lines(self) -> Iterator[tuple[SipOption, Line]]:
        """Yield the section's own lines that are known and not lost."""
        for option, lines in self._own.items():
            for line in lines:
                yield option, line

    def _above(self, name: str) -> tuple[Line, ...]:
        if self._general is None:
            return ()
        option = self._general._names.get(name)
        if option is None or not inherited(option):
            return ()
        lines = tuple(self._general._own[option])
        return lines if option.repeats else lines[-1:]
