"""Edits that cannot reach beyond their section: then a large file need not be parsed again to know it."""

from __future__ import annotations

import re
from collections.abc import Iterable

import attrs

from sorcery.conf.deferred import plain_header
from sorcery.conf.draft import MAX_NAME
from sorcery.conf.editing.syntax import Kind, read_line
from sorcery.conf.model import Category, Variable

__all__ = ["is_confined", "with_own"]

_OPTIONS = re.compile(rb"\]\(([^)\n]*)")


def is_confined(before: bytes, after: bytes, contents: Iterable[bytes]) -> bool:
    """Tell whether a section that is edited so can change nothing but what it says itself.

    It has to be plain and stay so, with no `+=`, and keep its header; and no header in the contents of all files may
    look at it, to copy it or to choose by its options. In doubt the answer is no.
    """
    header = plain_header(before)
    if header is None or plain_header(after) != header or b"+=" in before:
        return False
    name = header[0][:MAX_NAME].lower()
    return not any(_may_look(name, content) for content in contents)


def with_own(category: Category, after: bytes) -> Category:
    """Return a section with the settings of a plain text in place of its own; what is inherited stays."""
    lines = [read_line(line) for line in after.split(b"\n")[1:]]
    own = tuple(
        Variable(each.key, each.value, category.line + count, each.operator.decode(), False, category.file)
        for count, each in enumerate(lines, 1)
        if each.kind is Kind.SETTING
    )
    inherited = tuple(block for block in category.blocks if block[0].inherited)
    return attrs.evolve(category, blocks=(*inherited, own) if own else inherited)


def _may_look(name: bytes, content: bytes) -> bool:
    if b"--;" in content:  # a block comment may tear a header apart
        return True
    found = set(_OPTIONS.findall(content))
    options = {option for each in found for option in each.lower().split(b",")}
    return any(each in (b"", name) or b";" in each or (each[:1] == b"+" and each != b"+") for each in options)
