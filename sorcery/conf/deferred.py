"""Plain sections: found by one expression, and read when somebody asks for them.

A section is plain if none of its lines can be faulty, mean something to what follows, or depend on more than the bases
in its header. Large files consist of little else, and a table with a few numbers for each takes a tenth of the memory
that their variables would take.
"""

from __future__ import annotations

import functools
import re
from array import array
from collections.abc import Callable, Iterator
from sys import intern

import attrs

from sorcery.conf.assignments import assign
from sorcery.conf.comments import Comments
from sorcery.conf.draft import MAX_NAME, CategoryDraft
from sorcery.conf.lines import BUFFER
from sorcery.conf.model import Block, Category, Variable
from sorcery.conf.text import BLANKS, cut, decode

__all__ = ["Deferred", "Given", "pieces", "plain_header", "plain_variables"]

_MUCH = 10_000
_BLANK = rb"[\x01-\x09\x0b- ]*+"
_HEADER = rb"\[([^];\0\n]*)\]((?:\([^()!+;\0\n]+\))?)" + _BLANK
_LINE = rb"\n" + _BLANK + rb"(?:;[^\0\n]*|[^\0- \[#;\\=+][^;=\0\n]*=[^\0\n]*)?"
_SPACE = r"[\0-\x09\x0b- ]*+"
_KEY, _VALUE = r"([^;=\n]*[^;=\n\0- +])", r"((?:[^;\n]*[^;\n\0- ])?)"
_ASSIGNMENT = re.compile(rf"\n{_SPACE}(?:;[^\n]*|{_KEY}{_SPACE}=(?!>){_SPACE}{_VALUE}{_SPACE}(?![^\n])|([^\n]+))?")
"""One plain line: its key and value, or else what is neither blank nor a comment."""
_variable: Callable[[tuple[str, str, int, str, bool, str]], Variable] = functools.partial(tuple.__new__, Variable)
"""Make a variable of all its parts, in half the time that `Variable(...)` takes."""
_PLAIN = re.compile(_HEADER + rb"(?:" + _LINE + rb")*+\Z")


def pieces(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what begins with a `[` at a line's start, up to the next one, and where; the line feed there is left out.

    Blocks that are open when a piece begins may make a comment of it.
    """
    start = 0
    end = -1 if b"\0" in data else data.find(b"\n[")  # a NUL may make several lines of one
    while end >= 0:
        yield start, data[start:end]
        start = end + 1
        end = data.find(b"\n[", start)
    yield start, data[start:]


def plain_header(piece: bytes) -> tuple[bytes, bytes] | None:
    """Return name and bases (in parentheses, if any) of a plain section, or None if the piece is not one."""
    match = _PLAIN.match(piece)
    if match is None or len(piece) >= BUFFER or (b";" in piece and b"--" in piece):
        return None
    name, bases = match.groups()
    return name, bases


@attrs.frozen(slots=True, eq=False)
class Given:
    """What the bases in a header give."""

    bases: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    """None of them empty."""

    @property
    def size(self) -> int:
        """How many variables are copied."""
        return sum(map(len, self.blocks))

    @property
    def is_much(self) -> bool:
        """Tell whether it is more than sections of files that people write copy."""
        return self.size > _MUCH or any(len(each.value) > BUFFER for block in self.blocks for each in block)

    def digest(self) -> int:
        """Return a hash of what is given; on which lines that stands has no part in it."""
        return hash(tuple((each.key, each.value) for block in self.blocks for each in block))


class Deferred:
    """The plain sections of a parse: where each stands, and its fingerprint.

    Within one process, sections of one fingerprint say the same: their own bytes are the same, and so is what their
    bases give. Where they stand has no part in it.
    """

    def __init__(self) -> None:
        self.fingerprints = array("q")
        self._starts, self._lines, self._origins, self._givens = array("q"), array("q"), array("q"), array("q")
        self._sources: list[tuple[bytes, str]] = []
        self._bases: list[Given] = []
        self._texts: dict[str, str] = {}
        """Names and values that were read: an id stands in several sections, and is kept once."""

    def source(self, data: bytes, file: str) -> int:
        """Return the number of a file's content, for `add`; `file` is what its categories say of their file."""
        self._sources.append((data, file))
        return len(self._sources) - 1

    def given(self, given: Given) -> int:
        """Return the number of what bases give, for `add`."""
        self._bases.append(given)
        return len(self._bases) - 1

    def add(self, source: int, start: int, line: int, given: int, fingerprint: int) -> int:
        """Add a section that begins on a line, at a byte of a file; return its row."""
        self._origins.append(source)
        self._starts.append(start)
        self._lines.append(line)
        self._givens.append(given)
        self.fingerprints.append(fingerprint)
        return len(self._starts) - 1

    def content(self, source: int) -> bytes:
        """Return the content of a file, by its number."""
        return self._sources[source][0]

    def line(self, row: int) -> int:
        """Return the line that a section begins on."""
        return self._lines[row]

    def name(self, row: int) -> str:
        """Return the name of a section."""
        data, start = self._sources[self._origins[row]][0], self._starts[row]
        return self._named(decode(data[start : data.index(b"]", start) + 1]))

    def bases(self, row: int) -> Given:
        """Return what the bases of a section give, unread."""
        return self._bases[self._givens[row]]

    def read(self, row: int) -> CategoryDraft:
        """Read a section that may still be added to."""
        given, line = self.bases(row), self._lines[row]
        text, file = self._section(row)
        draft = CategoryDraft(self._named(text), file, line, bases=list(given.bases))
        for block in given.blocks:
            draft.copy(block)
        own = plain_variables(text, line + 1, file, self._texts)
        if own is None:
            _assign_lines(draft, text, line, file)
        else:
            draft.own.extend(own)
        return draft

    def category(self, row: int) -> Category:
        """Read a section that nothing adds to any more."""
        given, line = self._bases[self._givens[row]], self._lines[row]
        text, file = self._section(row)
        own = plain_variables(text, line + 1, file, self._texts)
        if own is None:
            return self.read(row).finished()
        blocks = (*given.blocks, own) if own else given.blocks
        return Category(self._named(text), False, given.bases, file, line, blocks)

    def _section(self, row: int) -> tuple[str, str]:
        """Return the text of a section, and its file."""
        (data, file), start = self._sources[self._origins[row]], self._starts[row]
        end = data.find(b"\n[", start)
        return decode(data[start:end] if end >= 0 else data[start:]), file

    def _named(self, text: str) -> str:
        """Return the name in a header."""
        name = cut(text[1 : text.index("]")], MAX_NAME)
        return self._texts.setdefault(name, name)


def plain_variables(text: str, first: int, file: str, known: dict[str, str]) -> Block | None:
    """Return the variables of a plain section's own lines, or None if one of them is more than `key = value`.

    The text begins with the header; `first` is the number of the line behind it. Values are shared with those known.
    """
    share, variables = known.setdefault, []
    for number, (key, value, other) in enumerate(_ASSIGNMENT.findall(text), first):
        if key:
            # A few dozen keys stand in hundreds of thousands of lines.
            variables.append(_variable((intern(key), share(value, value), number, "=", False, file)))
        elif other:
            return None
    return tuple(variables)


def _assign_lines(draft: CategoryDraft, text: str, line: int, file: str) -> None:
    """Add what the lines of a plain section say to a category; the header is its first line."""
    _, *lines = text.split("\n")
    for number, each in enumerate(lines, line + 1):
        live = Comments().live(each, number) if ";" in each else each
        stripped = live.strip(BLANKS) if live else ""
        if stripped:
            assign(draft, stripped, number, file)
