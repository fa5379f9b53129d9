"""What the texts look like that a pattern finds, in a form that every database can be asked for.

A *shape* is a row of runs of characters: no groups, no alternatives, nothing that repeats but single characters. What
a pattern says beyond that is widened, so that its shapes fit every text that it finds, and some others.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from sorcery.posix import compile_extended

__all__ = ["ANY", "ASCII", "ENDLESS", "Run", "Shape", "Shapes", "found_by", "like", "literal", "settled"]

Chars = frozenset[str]

ASCII: Final[Chars] = frozenset(map(chr, range(128)))
OTHERS: Final = "others"
"""Stands in a set for characters beyond ASCII: which of them it holds is left open."""
ANY: Final[Chars] = ASCII | {OTHERS}
MOST: Final = 255
"""The highest bound that PostgreSQL takes."""
ENDLESS: Final = MOST + 1
WEIGHT: Final = 400
"""The characters that the shapes of a pattern tell of, at most: databases are slow with what is large, or refuse it."""
SHAPES: Final = 16
"""The shapes of one pattern, at most."""
COPIES: Final = 8
"""The repetitions of a group that are written out, at most."""

TOKEN: Final = re.compile(
    r"\\(?P<escaped>.)|(?P<bracket>\[\^?\]?+(?:\[:[a-z]+:\]|[^\]])*+\])|(?P<times>[*+?]+)"
    r"|\{(?P<bounds>[0-9,]+)\}|(?P<sign>.)",
    re.DOTALL,
)
TIMES: Final = {"*": (0, ENDLESS), "+": (1, ENDLESS), "?": (0, 1)}


@attrs.frozen(slots=True)
class Run:
    """Some characters in a row, each out of one set."""

    chars: Chars
    least: int
    most: int
    """`ENDLESS` where there may be any number."""

    @property
    def text(self) -> str | None:
        """The text that it is, or None where it may be several."""
        if self.least != self.most or len(self.chars) != 1 or OTHERS in self.chars:
            return None
        return next(iter(self.chars)) * self.least

    @property
    def has_others(self) -> bool:
        """Whether it may hold characters beyond ASCII."""
        return not self.chars <= ASCII

    @property
    def weight(self) -> int:
        """How many characters it tells of."""
        return self.most if self.most < ENDLESS else self.least + 1

    def times(self, least: int, most: int) -> Run:
        """Return what so many of it in a row are."""
        return Run(self.chars, min(self.least * least, MOST), min(self.most * most, ENDLESS))

    def merged(self, other: Run) -> Run:
        """Return what fits both of them in a row."""
        least, most = min(self.least + other.least, MOST), min(self.most + other.most, ENDLESS)
        return Run(self.chars | other.chars, least, most)


@attrs.frozen(slots=True)
class Shape:
    """Runs that follow each other, somewhere in a text or at an end of it."""

    runs: tuple[Run, ...] = ()
    begins: bool = False
    """Whether nothing stands before them."""
    ends: bool = False
    """Whether nothing follows them."""

    @property
    def is_bound(self) -> bool:
        """Whether it has to stand at an end of a text."""
        return self.begins or self.ends

    @property
    def text(self) -> str | None:
        """The only text of this shape, or None where there are several."""
        texts = [run.text for run in self.runs]
        is_one = self.begins and self.ends and None not in texts
        return "".join(text for text in texts if text) if is_one else None

    @property
    def head(self) -> str:
        """What every text of this shape starts with."""
        head = ""
        for run in self.runs if self.begins else ():
            head += attrs.evolve(run, most=run.least).text or ""
            if run.text is None:
                break
        return head

    @property
    def is_head(self) -> bool:
        """Whether every text that starts with its head has this shape."""
        return self.begins and not self.ends and all(run.text is not None for run in self.runs)

    @property
    def is_every(self) -> bool:
        """Whether every text has this shape."""
        return not self.runs and not (self.begins and self.ends)

    def then(self, other: Shape) -> Shape:
        """Return what the one followed by the other has: nothing stands before a beginning, or behind an end."""
        if other.begins:
            return other
        return self if self.ends else Shape(self.runs + other.runs, self.begins, other.ends)

    def settled(self, weight: int) -> Shape:
        """Return the shape without what says nothing, and without what is beyond so many characters."""
        merged: list[Run] = []
        for run in (each for each in self.runs if each.most):
            is_more = merged and merged[-1].chars == run.chars
            merged.append(merged.pop().merged(run) if is_more else run)
        weights = itertools.accumulate(run.weight for run in merged)
        kept = [run for run, sum_ in zip(merged, weights, strict=True) if sum_ <= weight]
        runs, ends = _loosened(kept, self.ends and len(kept) == len(merged))
        runs, begins = _loosened(runs[::-1], self.begins)
        return Shape(tuple(runs[::-1]), begins, ends)


Shapes = tuple[Shape, ...]
"""The shapes of a pattern: what it finds has one of them."""


def settled(shapes: Iterable[Shape]) -> Shapes:
    """Return shapes as simple as they are, and together no larger than databases take."""
    found = tuple(dict.fromkeys(shapes))
    return tuple(dict.fromkeys(shape.settled(WEIGHT // len(found)) for shape in found))


EVERY: Final = Shape((Run(ANY, 0, ENDLESS),))


def _loosened(runs: Sequence[Run], is_bound: bool) -> tuple[list[Run], bool]:
    """Return runs without those that say nothing at their end, and whether that still is an end of the text."""
    kept = list(runs)
    if kept and kept[-1].chars == ANY and kept[-1].most == ENDLESS:
        is_bound = False
    while kept and not is_bound and not kept[-1].least:
        kept.pop()
    if kept and not is_bound:
        kept[-1] = attrs.evolve(kept[-1], most=kept[-1].least)
    return kept, is_bound


def literal(text: str) -> tuple[Run, ...]:
    """Return the runs of a text that stands for itself."""
    return tuple(Run(frozenset(char), 1, 1) for char in text)


def like(pattern: str) -> Shapes:
    """Return the shape of the texts that are LIKE a pattern, in which `%` stands for anything."""
    parts = pattern.split("%")
    runs = itertools.chain(*[(*literal(part), *EVERY.runs) for part in parts[:-1]], literal(parts[-1]))
    return settled([Shape(tuple(runs), begins=True, ends=True)])


@functools.lru_cache(maxsize=256)
def found_by(regex: str) -> Shapes:
    """Return the shapes of the texts in which an extended expression finds something.

    Raises `ValueError` where it is none.
    """
    compile_extended(regex)
    groups: list[list[list[Shapes]]] = [[[]]]  # those that are open, each with its branches, each with its pieces
    for token in TOKEN.finditer(regex):
        pieces = groups[-1][-1]
        if token[0] == "(":
            groups.append([[]])
        elif token[0] == ")" and len(groups) > 1:
            branches = groups.pop()
            groups[-1][-1].append(_either(branches))
        elif token[0] == "|":
            groups[-1].append([])
        elif token["times"] or token["bounds"]:
            pieces.append(_repeated(pieces.pop(), *_bounds(token)))
        else:
            pieces.append((_piece(token),))
    return settled(_either(groups[0]))


def _bounds(token: re.Match[str]) -> tuple[int, int]:
    if times := token["times"]:
        return TIMES[times[0] if len({*times}) == 1 else "*"]
    least, comma, most = token["bounds"].partition(",")
    bound = int(most or (ENDLESS if comma else least))
    return min(int(least or 0), MOST), bound if bound <= MOST else ENDLESS


def _piece(token: re.Match[str]) -> Shape:
    """Return the shape of what stands for one character, for a place, or for what a group found before."""
    sign, escaped = token[0], token["escaped"] or ""
    if sign == "^" or escaped == "`":
        return Shape(begins=True)
    if sign == "$" or escaped == "'":
        return Shape(ends=True)
    if escaped and escaped in "<>bB":
        return Shape()  # what stands around the place is told by others
    if escaped and escaped in "123456789":
        return EVERY
    if sign == "." or token["bracket"] or (escaped and escaped in "wWsS"):
        return Shape((Run(_set(sign), 1, 1),))
    return Shape(literal(escaped or sign))


@functools.lru_cache(maxsize=256)
def _set(expression: str) -> Chars:
    """Return the characters that an expression of one character finds."""
    found = frozenset(filter(compile_extended(expression).fullmatch, ASCII))
    is_list = expression[0] == "[" and expression[1] != "^" and expression.isascii()
    return found if is_list else found | {OTHERS}


def _either(branches: Iterable[Sequence[Shapes]]) -> Shapes:
    """Return the shapes of any of some branches, of which each is a row of pieces."""
    shapes = tuple(dict.fromkeys(shape for pieces in branches for shape in _row(pieces)))
    return shapes if len(shapes) <= SHAPES else (_widest(shapes),)


def _row(pieces: Iterable[Shapes]) -> Shapes:
    return functools.reduce(_joined, pieces, (Shape(),))


def _joined(first: Shapes, second: Shapes) -> Shapes:
    """Return the shapes of one followed by the other, fewer and wider ones where there would be too many."""
    if len(first) * len(second) > SHAPES:
        is_first = len(first) > len(second)
        first, second = ((_widest(first),), second) if is_first else (first, (_widest(second),))
    return tuple(dict.fromkeys(a.then(b) for a in first for b in second))


def _widest(shapes: Shapes) -> Shape:
    """Return one shape that fits whatever fits one of several."""
    chars = frozenset[str]().union(*(run.chars for shape in shapes for run in shape.runs))
    least = min(sum(run.least for run in shape.runs) for shape in shapes)
    most = max(sum(run.most for run in shape.runs) for shape in shapes)
    run = Run(chars, min(least, MOST), min(most, ENDLESS))
    begins, ends = all(shape.begins for shape in shapes), all(shape.ends for shape in shapes)
    return Shape((run,) if most else (), begins, ends)


def _repeated(shapes: Shapes, least: int, most: int) -> Shapes:
    """Return the shapes of what stands there several times."""
    is_bound = any(shape.is_bound for shape in shapes)
    if len(shapes) == 1 and len(shapes[0].runs) == 1 and not is_bound:
        return (Shape((shapes[0].runs[0].times(least, most),)),)
    if most == 1:
        return shapes if least else tuple(dict.fromkeys((*shapes, Shape())))
    if is_bound:
        return (EVERY,)
    if least == most <= COPIES:
        return _row([shapes] * least)
    return (Shape(tuple(run.times(least, most) for run in _widest(shapes).runs)),)
