"""`sorcery check --fix`: what needs no judgement is mended, and shown."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from sorcery import Secret
from sorcery.checks.mending import Mended
from sorcery.conf.editing import Document
from sorcery_cli.output import note

__all__ = ["save"]


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
        before, after = (each.decode("utf-8", "surrogateescape") for each in (document.stored[path], content))
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), path, path, lineterm="", n=0):
            key, equals, value = line.partition("=")
            yield f"{key}{equals}{_masked(value, secrets)}"


def _masked(text: str, secrets: Collection[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):  # one may begin with another
        text = text.replace(secret.replace(";", "\\;"), str(Secret(secret)))
    return text
