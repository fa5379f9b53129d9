"""`sorcery check --fix`: what needs no judgement is mended, and shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from sorcery import Secret
from sorcery.checks.mending import Mended
from sorcery.conf.editing import Document
from sorcery.conf.editing.syntax import Kind, read_line
from sorcery.conf.text import decode, encode
from sorcery_cli.difference import lines_of, unified
from sorcery_cli.output import masked_line, note

__all__ = ["save"]

_WORD = re.compile(r"[^\s;=]+")


def save(mended: Mended) -> int:
    """Show the edits and write them; return how many findings they mend.

    Raises `FilesChanged` where a file is not as it was read; it stays as it is then, and so do those after it.
    """
    for finding, reason in mended.refused if not mended.done else ():  # else they are met again
        note(f"not mended: {finding.place} [{finding.rule}]: {reason}")
    for document in mended.documents:
        for line in _difference(document, mended.secrets):
            note(line)
        document.save()
    return len(mended.done)


def _difference(document: Document, secrets: Collection[str]) -> Iterator[str]:
    """Yield what differs from the disk, line by line, without what stands around it, and without passwords."""
    for path, content in document.edited.items():
        for line in unified(lines_of(document.stored[path]), lines_of(content), path, context=0):
            yield line[:1] + _masked(line[1:], secrets)


def _masked(line: str, secrets: Collection[str]) -> str:
    """Mask a value that is a password, and each word that is one."""
    parsed = read_line(encode(line))
    if parsed.kind is Kind.SETTING and parsed.is_plain and parsed.value in secrets:
        before, behind = decode(parsed.raw[: parsed.first]), decode(parsed.raw[parsed.last :])
        hidden = str(Secret(parsed.value))
        return before + hidden + _without(behind.replace(parsed.value, hidden), secrets)
    return _without(line, secrets)


def _without(text: str, secrets: Collection[str]) -> str:
    return masked_line(_WORD.sub(lambda word: str(Secret(word[0])) if word[0] in secrets else word[0], text))
