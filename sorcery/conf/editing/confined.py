"""Edits that cannot reach beyond their section: then a large file need not be parsed again to know it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from sorcery.conf.deferred import plain_header, plain_variables
from sorcery.conf.draft import MAX_NAME
from sorcery.conf.editing.syntax import Kind, read_line
from sorcery.conf.model import Category, Variable
from sorcery.conf.text import decode

__all__ = ["Looks", "is_confined", "stays_plain", "with_own"]

_OPTIONS = re.compile(rb"\]\(([^)\n]*)")


def is_confined(before: bytes, after: bytes, contents: Iterable[bytes]) -> bool:
    """Tell whether a section that is edited so can change nothing but what it says itself.

    It has to be plain and stay so, with no `+=`, and keep its header; and no header in the contents of all files may
    look at it, to copy it or to choose by its options. In doubt the answer is no.
    """
    name = stays_plain(before, after)
    return name is not None and not Looks.of(contents).may_see(name)


def stays_plain(before: bytes, after: bytes) -> bytes | None:
    """Return the name of a section that is plain before and after an edit, with the same header, or else None."""
    header = plain_header(before)
    if header is None or plain_header(after) != header or b"+=" in before:
        return None
    return header[0]


@attrs.frozen(slots=True)
class Looks:
    """What the headers of some files look at, in parentheses, to copy it or to choose by its options."""

    options: frozenset[bytes] = frozenset()
    """In lower case."""
    is_torn: bool = False
    """A block comment may tear a header apart, so that it cannot be told."""

    @classmethod
    def of(cls, contents: Iterable[bytes]) -> Looks:
        """Look through the contents of files."""
        options, is_torn = set[bytes](), False
        for content in contents:
            is_torn |= b"--;" in content
            for found in set(_OPTIONS.findall(content)):
                options.update(found.lower().split(b","))
        return cls(frozenset(options), is_torn)

    @property
    def adds(self) -> bool:
        """Whether a header may add to a section that stands elsewhere."""
        return self.is_torn or any(each.startswith(b"+") or b";" in each for each in self.options)

    def may_see(self, name: bytes) -> bool:
        """Tell whether a header may look at a section of that name; in doubt it may."""
        if self.is_torn:
            return True
        own = name[:MAX_NAME].lower()
        return any(each in (b"", own) or b";" in each or (each[:1] == b"+" and each != b"+") for each in self.options)


def with_own(category: Category, after: bytes) -> Category:
    """Return a section with the settings of a plain text in place of its own; what is inherited stays."""
    own = plain_variables(decode(after), category.line + 1, category.file, {})
    if own is None:
        own = tuple(_variables(category, after.split(b"\n")[1:]))
    inherited = tuple(block for block in category.blocks if block[0].inherited)
    blocks = (*inherited, own) if own else inherited
    return Category(category.name, category.template, category.bases, category.file, category.line, blocks)


def _variables(category: Category, lines: Iterable[bytes]) -> Iterator[Variable]:
    """Yield what the lines behind a section's header set, whatever they hold."""
    for number, each in enumerate(map(read_line, lines), category.line + 1):
        if each.kind is Kind.SETTING:
            yield Variable(each.key, each.value, number, each.operator.decode(), False, category.file)
