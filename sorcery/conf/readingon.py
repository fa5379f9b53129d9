"""Reading on where Asterisk gives a file up, for who wants to know all that is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

from sorcery.conf.draft import MAX_NAME, CategoryDraft
from sorcery.conf.messages import RULES, Fault, Named
from sorcery.conf.outline import Outline
from sorcery.conf.reader import Parse
from sorcery.conf.text import cut
from sorcery.place import Place

__all__ = ["read_on"]


def read_on(path: Path | str, *, directory: Path | None = None, exec_includes: bool = False) -> Outline:
    """Go through a file as `read_outline` does, but past what it is refused for.

    A section whose header is refused is there as a template, with its own lines. What is missing because of something
    that was told is not told again. Blocks on the disk; raises `ConfMissing`, and `ConfSyntaxError` for what would
    take for ever.
    """
    main = os.path.abspath(path)  # noqa: PTH100 - as text, like the paths of includes
    home = os.path.abspath(directory or Path(main).parent)  # noqa: PTH100
    return _ReadingOn(main, home, exec_includes).outline()


class _ReadingOn(Parse):
    """A parse that no fault of a line ends."""

    def __init__(self, main: str, directory: str, exec_includes: bool) -> None:
        super().__init__(main, directory, exec_includes)
        self._lacks_a_file = False
        """What it holds may be looked for in vain."""
        self._told: set[str] = set()
        """The options of headers that name what does not exist."""
        self._is_headless = False
        """Lines before the first header were told of."""

    def _ends(self, fault: Fault) -> bool:
        self._lacks_a_file |= fault.code == "include-missing"
        return RULES[fault.code].ends == "parse"

    def _header(self, text: str, place: Place, file: str) -> CategoryDraft:
        try:
            return super()._header(text, place, file)
        except Fault as fault:
            if self._ends(fault):
                raise
            if not self._follows(fault, text):
                self._report(fault.code, fault.text, place)
        stand_in = CategoryDraft(cut(text[1:].partition("]")[0], MAX_NAME), file, place.line or 0, template=True)
        self._drafts.add(stand_in)
        self._drafts.latest = stand_in
        return stand_in

    def _report(self, code: str, text: str, place: Place, named: Named | None = None) -> None:
        if code == "no-category":
            if self._is_headless:
                return
            self._is_headless = True
        super()._report(code, text, place, named)

    def _follows(self, fault: Fault, text: str) -> bool:
        """Tell whether a fault is the consequence of another, or the same again."""
        if fault.code not in ("base-missing", "append-target-missing"):
            return False
        options = text.partition("]")[2]
        is_again = options in self._told and fault.code == "base-missing"
        self._told.add(options)
        return is_again or self._lacks_a_file
