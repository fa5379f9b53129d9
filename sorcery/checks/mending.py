"""Faults that need no judgement, mended by the smallest edit of their file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import attrs

from sorcery.conf import Category, Variable
from sorcery.conf.editing import Document, EditRefused, Selector
from sorcery.conf.text import fold
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.objecttype import ObjectType
from sorcery.options import Option

__all__ = ["FIXABLE", "Mended", "mend"]

NEAR = 0.8
"""How alike a name must be to the one that it is taken for; `difflib` counts from 0 to 1."""


@attrs.frozen
class Mended:
    """The documents with their edits, not saved yet, and what became of each finding."""

    documents: list[Document] = attrs.field(factory=list)
    done: list[Finding] = attrs.field(factory=list)
    refused: list[tuple[Finding, str]] = attrs.field(factory=list)
    """Those whose edit would have changed something else too, and why."""
    secrets: set[str] = attrs.field(factory=set, repr=False)
    """The passwords in edited sections: who shows the edits masks them."""

    def edited(self, document: Document, finding: Finding, spot: _Spot, cls: type[Object] | None) -> Document:
        """Return the document with one finding mended, or as it is; take down what became of it."""
        own = cls.__sorcery__ if cls else None
        try:
            edited = FIXABLE[finding.rule](finding, document, spot, own)
        except EditRefused as error:
            self.refused.append((finding, str(error)))
            return document
        if edited is None:
            return document
        self.done.append(finding)
        if own is not None:
            options = ((own.option(line.key), line.value) for line in edited.section(spot.selector).variables)
            self.secrets.update(value for option, value in options if option and option.secret and value)
        return edited


@attrs.frozen(slots=True)
class _Spot:
    """The line that a finding is about, and the section that it is written in."""

    section: Category
    line: Variable

    @property
    def selector(self) -> Selector:
        """What finds the section in a document."""
        type_name = self.section.first("type")
        criteria = () if type_name is None else (("type", type_name),)
        return Selector(self.section.name, criteria, self.section.template)


Fix = Callable[[Finding, Document, _Spot, ObjectType | None], Document | None]
"""Returns the edited document, or None where only a person knows what is meant."""


def mend(
    findings: Iterable[Finding], mains: Iterable[str], types: Mapping[str, type[Object]], directory: Path
) -> Mended:
    """Edit the files so that the findings that can be mended without judgement are gone; writes nothing.

    `mains` are the files that include others. Raises what reading a file raises.
    """
    waiting = [finding for finding in findings if finding.rule in FIXABLE and finding.place]
    waiting.sort(key=lambda finding: (finding.place and finding.place.line) or 0, reverse=True)
    made = Mended()
    for main in mains if waiting else ():
        document = Document.read(main, directory=directory)
        spots = _spots(document)
        for finding in waiting:  # from below: an edit moves what stands below it, and nothing above
            spot = spots.get((finding.place.source, finding.place.line)) if finding.place else None
            if spot is not None and fold(spot.line.key) == fold(finding.option):
                document = made.edited(document, finding, spot, types.get(finding.type_name))
        made.documents.append(document)
    return made


def _spots(document: Document) -> dict[tuple[str, int | None], _Spot]:
    """Return what stands where: each line by its file and number."""
    conf = document.conf
    lines = ((section, line) for section in conf.categories for line in section.variables if not line.inherited)
    return {(conf.path_of(line), line.line): _Spot(section, line) for section, line in lines}


def _unknown_option(finding: Finding, document: Document, spot: _Spot, own: ObjectType | None) -> Document | None:
    known = [name for name, option in own.options.items() if not option.is_family] if own else []
    near = difflib.get_close_matches(fold(spot.line.key), known, 2, NEAR)
    if own is None or len(near) != 1:
        return None
    return document.rename_option(spot.selector, spot.line.key, own.options[near[0]].name, shared=True)


def _deprecated(finding: Finding, document: Document, spot: _Spot, own: ObjectType | None) -> Document | None:
    option = own.option(spot.line.key) if own else None
    if own is None or option is None or option.successor is None:
        return None
    if not option.successor:
        return document.remove(spot.selector, spot.line.key, shared=True)
    successor = own.options.get(option.successor)
    if successor is None or not _takes_the_same(option, successor):
        return None
    return document.rename_option(spot.selector, spot.line.key, successor.name, shared=True)


def _takes_the_same(option: Option, successor: Option) -> bool:
    """Tell whether a value of the one means the same for the other."""
    return type(option.kind) is type(successor.kind) and option.attribute == successor.attribute


def _unknown_type(finding: Finding, document: Document, spot: _Spot, own: ObjectType | None) -> Document | None:
    """Correct the word behind `type=`, where the message has a better one."""
    meant = finding.remedy.partition("type=")[2].removesuffix("?")
    return (
        document.set(spot.selector, "type", meant, shared=True) if finding.remedy.startswith("did you mean") else None
    )


FIXABLE: Mapping[str, Fix] = {
    "unknown-option": _unknown_option,
    "deprecated-option": _deprecated,
    "unknown-type": _unknown_type,
}
"""How to mend what can be mended without asking, by rule."""
