"""Faults that need no judgement, mended by the smallest edit of their file."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from sorcery.conf import Category, Variable
from sorcery.conf.editing import Correction, Document
from sorcery.conf.text import fold
from sorcery.errors import ConfSyntaxError
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

    def take(self, document: Document, works: Iterable[_Work]) -> None:
        """Add a document with all findings mended that can be, and take down what became of each."""
        by_correction: dict[tuple[int, str], list[_Work]] = {}
        corrections: list[Correction] = []
        for work in works:
            correction = FIXABLE[work.finding.rule](work)
            if correction is not None:
                same = by_correction.setdefault((correction.section, fold(correction.key)), [])
                if not same:
                    corrections.append(correction)
                same.append(work)
        edited, refused = document.correct(corrections)
        for correction, error in refused:
            for work in by_correction.pop((correction.section, fold(correction.key))):
                self.refused.append((work.finding, str(error)))
        done = [work for same in by_correction.values() for work in same]
        self.done.extend(work.finding for work in done)
        self.secrets.update(_secrets(done, corrections))
        self.documents.append(edited)


@attrs.frozen(slots=True)
class _Spot:
    """The line that a finding is about, and the section that it is written in."""

    position: int
    section: Category
    line: Variable


@attrs.frozen(slots=True)
class _Work:
    """One finding to be mended."""

    finding: Finding
    spot: _Spot
    own: ObjectType | None
    target: Release | None

    def correction(self, name: str | None = None, values: Sequence[str] | None = None) -> Correction:
        """Return the correction of the option's lines."""
        return Correction(section=self.spot.position, key=self.spot.line.key, name=name, values=values)


def _secrets(works: Iterable[_Work], corrections: Iterable[Correction]) -> Iterator[str]:
    """Yield the passwords of edited sections, those among them whose option was called by another name."""
    names: dict[int, dict[str, str]] = {}
    for correction in corrections:
        if correction.name is not None:
            names.setdefault(correction.section, {})[fold(correction.key)] = correction.name
    sections = {(work.spot.position, work.own): work.spot.section for work in works}
    for (position, own), section in sections.items():
        renamed = names.get(position, {})
        for line in section.variables if own else ():
            option = own.option(renamed.get(fold(line.key), line.key)) if own else None
            if option is not None and option.secret and line.value:
                yield line.value


Fix = Callable[[_Work], Correction | None]
"""Returns what is to be written, or None where only a person knows what is meant."""


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
    beside another that includes the same edited one has to wait until that is saved; one that is refused is left alone.
    Raises what reading a file raises.
    """
    waiting = [finding for finding in findings if finding.rule in FIXABLE and finding.place]
    made = Mended()
    for main in mains if waiting else ():
        try:
            document = Document.read(main, directory=directory)
        except ConfSyntaxError:
            continue  # a finding itself, and what an edit would come to is not known
        if not any(document.files.keys() & each.edited.keys() for each in made.documents):
            made.take(document, _works(document, waiting, types, target))
    return made


def _works(
    document: Document, waiting: Iterable[Finding], types: Mapping[str, type[Object]], target: Release | None
) -> Iterator[_Work]:
    """Yield the findings about lines of a document."""
    spots = _spots(document)
    for finding in waiting:
        spot = spots.get((finding.place.source, finding.place.line)) if finding.place else None
        if spot is not None and fold(spot.line.key) == fold(finding.option):
            cls = types.get(finding.type_name)
            yield _Work(finding, spot, cls.__sorcery__ if cls else None, target)


def _spots(document: Document) -> dict[tuple[str, int | None], _Spot]:
    """Return what stands where: each line by its file and number."""
    conf = document.conf
    return {
        (place.source, place.line): _Spot(position, section, line)
        for position, section in enumerate(conf.categories)
        for line in section.variables
        if not line.inherited and (place := conf.place_of(line))
    }


def _unknown_option(work: _Work) -> Correction | None:
    near = _near(fold(work.spot.line.key), work.own) if work.own else []
    return work.correction(work.own.options[near[0]].name) if work.own and len(near) == 1 else None


@functools.lru_cache(maxsize=1024)
def _near(name: str, own: ObjectType) -> Sequence[str]:
    """Return the options that a name is like, two at most; remembered, for thousands of sections may be alike."""
    return difflib.get_close_matches(
        name, [each for each, option in own.options.items() if not option.is_family], 2, NEAR
    )


def _deprecated(work: _Work) -> Correction | None:
    option = work.own.option(work.spot.line.key) if work.own else None
    if work.own is None or option is None or option.successor is None:
        return None
    if not option.successor:
        return work.correction(values=())
    successor = work.own.options.get(option.successor)
    is_known = successor is not None and (work.target is None or work.target.knows(successor.since))
    return work.correction(successor.name) if successor and is_known and _takes_the_same(option, successor) else None


def _takes_the_same(option: Option, successor: Option) -> bool:
    """Tell whether a value of the one means the same for the other."""
    is_same = isinstance(option.kind, Alias) or type(option.kind) is type(successor.kind)
    return is_same and option.attribute == successor.attribute


def _unknown_type(work: _Work) -> Correction | None:
    """Correct the word behind `type=`, where the message has a better one."""
    asks, _, meant = work.finding.remedy.partition(" type=")
    if not asks.startswith("did you mean"):
        return None
    spot = work.spot
    own = [line for line in spot.section.variables if fold(line.key) == fold(spot.line.key) and not line.inherited]
    return work.correction(values=[meant.removesuffix("?") if line is spot.line else line.value for line in own])


FIXABLE: Mapping[str, Fix] = {
    "unknown-option": _unknown_option,
    "deprecated-option": _deprecated,
    "unknown-type": _unknown_type,
}
"""How to mend what can be mended without asking, by rule."""
