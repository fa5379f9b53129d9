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
from sorcery.pjsip.kinds.implied import Alias
from sorcery.release import Release

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

    def take(self, work: _Work) -> Document:
        """Return the document with one finding mended, or as it is; take down what became of it."""
        try:
            edited = FIXABLE[work.finding.rule](work)
        except EditRefused as error:
            self.refused.append((work.finding, str(error)))
            return work.document
        if edited is None:
            return work.document
        self.done.append(work.finding)
        if work.own is not None:
            options = ((work.own.option(line.key), line.value) for line in edited.section(work.spot.selector).variables)
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


@attrs.frozen(slots=True)
class _Work:
    """One finding to be mended, in the document as it is by now."""

    finding: Finding
    document: Document
    spot: _Spot
    own: ObjectType | None
    target: Release | None

    def renamed(self, name: str) -> Document:
        """Return the document with another name for the option."""
        return self.document.rename_option(self.spot.selector, self.spot.line.key, name, shared=True)


Fix = Callable[[_Work], Document | None]
"""Returns the edited document, or None where only a person knows what is meant."""


def mend(
    findings: Iterable[Finding],
    mains: Iterable[str],
    types: Mapping[str, type[Object]],
    directory: Path,
    *,
    target: Release | None = None,
) -> Mended:
    """Edit the files so that the findings that can be mended without judgement are gone; writes nothing.

    `mains` are the files that include others; `target` is the release that is to read them. What stands in a file
    beside another that includes the same edited one has to wait until that is saved. Raises what reading a file raises.
    """
    waiting = [finding for finding in findings if finding.rule in FIXABLE and finding.place]
    waiting.sort(key=lambda finding: (finding.place and finding.place.line) or 0, reverse=True)
    made = Mended()
    for main in mains if waiting else ():
        document = Document.read(main, directory=directory)
        if any(document.files.keys() & each.edited.keys() for each in made.documents):
            continue
        spots = _spots(document)
        for finding in waiting:  # from below: an edit moves what stands below it, and nothing above
            spot = spots.get((finding.place.source, finding.place.line)) if finding.place else None
            if spot is not None and fold(spot.line.key) == fold(finding.option):
                cls = types.get(finding.type_name)
                document = made.take(_Work(finding, document, spot, cls.__sorcery__ if cls else None, target))
        made.documents.append(document)
    return made


def _spots(document: Document) -> dict[tuple[str, int | None], _Spot]:
    """Return what stands where: each line by its file and number."""
    conf = document.conf
    lines = ((section, line) for section in conf.categories for line in section.variables if not line.inherited)
    return {(conf.path_of(line), line.line): _Spot(section, line) for section, line in lines}


def _unknown_option(work: _Work) -> Document | None:
    known = [name for name, option in work.own.options.items() if not option.is_family] if work.own else []
    near = difflib.get_close_matches(fold(work.spot.line.key), known, 2, NEAR)
    return work.renamed(work.own.options[near[0]].name) if work.own and len(near) == 1 else None


def _deprecated(work: _Work) -> Document | None:
    option = work.own.option(work.spot.line.key) if work.own else None
    if work.own is None or option is None or option.successor is None:
        return None
    if not option.successor:
        return work.document.remove(work.spot.selector, work.spot.line.key, shared=True)
    successor = work.own.options.get(option.successor)
    is_known = successor is not None and (work.target is None or work.target.knows(successor.since))
    return work.renamed(successor.name) if successor and is_known and _takes_the_same(option, successor) else None


def _takes_the_same(option: Option, successor: Option) -> bool:
    """Tell whether a value of the one means the same for the other."""
    is_same = isinstance(option.kind, Alias) or type(option.kind) is type(successor.kind)
    return is_same and option.attribute == successor.attribute


def _unknown_type(work: _Work) -> Document | None:
    """Correct the word behind `type=`, where the message has a better one."""
    asks, _, meant = work.finding.remedy.partition(" type=")
    if not asks.startswith("did you mean"):
        return None
    return work.document.set(work.spot.selector, "type", meant.removesuffix("?"), shared=True)


FIXABLE: Mapping[str, Fix] = {
    "unknown-option": _unknown_option,
    "deprecated-option": _deprecated,
    "unknown-type": _unknown_type,
}
"""How to mend what can be mended without asking, by rule."""
