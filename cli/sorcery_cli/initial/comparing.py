"""What a file that is there lacks of a wanted one, or says otherwise; and the edits that add it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import attrs

from sorcery.conf import Category, ConfFile, Variable, read_outline
from sorcery.conf.editing import Addition, Document, EditRefused, section
from sorcery_cli.initial.wanted import Merge, Wanted

__all__ = ["Comparison", "Missing", "compared"]


@attrs.frozen
class Missing:
    """Lines that a section lacks, or the whole section."""

    section: str
    pairs: tuple[tuple[str, str], ...] = attrs.field(repr=False)
    new: bool
    """Whether the section itself is missing."""


@attrs.frozen
class Comparison:
    """A file that is there beside a wanted one."""

    missing: tuple[Missing, ...] = ()
    conflicts: tuple[EditRefused, ...] = ()
    """Where the file says otherwise. No value is told: it may be a password."""

    def added_to(self, document: Document) -> Document:
        """Return the document with what is missing; raises `EditRefused` where that would change something else."""
        document = document.apply(Addition(each.section, each.pairs) for each in self.missing if each.new)
        for each in self.missing:
            for key, value in each.pairs if not each.new else ():
                document = document.add(section(each.section), key, value)
        return document


def compared(wanted: Wanted, there: ConfFile) -> Comparison:
    """Compare a file with a wanted one, as far as the wanted one's `merge` asks for."""
    conf = read_outline(there.path, content=wanted.text.encode("utf-8", "surrogateescape")).conf()
    match wanted.merge:
        case Merge.LINES:
            return _lines(conf, there)
        case Merge.SECTIONS:
            names = {each.name for each in there.sections()}
            return Comparison(tuple(_whole(each) for each in conf.sections() if each.name not in names))
        case Merge.TYPES:
            types = {each.first("type") for each in there.sections()}
            return Comparison(tuple(_whole(each) for each in conf.sections() if each.first("type") not in types))
        case Merge.NOTHING:
            return Comparison()


def _lines(wanted: ConfFile, there: ConfFile) -> Comparison:
    missing: list[Missing] = []
    conflicts: list[EditRefused] = []
    for category in wanted.sections():
        same = [each for each in there.sections() if each.name.lower() == category.name.lower()]
        if not same:
            missing.append(_whole(category))
            continue
        lacking: list[tuple[str, str]] = []
        for line in category.variables:
            said = list(_said(same, line.key))
            if not said:
                lacking.append((line.key, line.value))
            elif not any(_says(each.value, line.value) for each in said):
                conflicts.append(_conflict(there, category, said[0]))
        if lacking:
            missing.append(Missing(same[0].name, tuple(lacking), new=False))
    return Comparison(tuple(missing), tuple(conflicts))


def _says(value: str, wanted: str) -> bool:
    """Tell whether a value is the wanted one; more may follow, as a table's name in extconfig.conf."""
    return value == wanted or value.startswith(f"{wanted},")


def _said(categories: list[Category], key: str) -> Iterator[Variable]:
    return (each for category in categories for each in category.variables if each.key.lower() == key.lower())


def _whole(category: Category) -> Missing:
    return Missing(category.name, tuple((each.key, each.value) for each in category.variables), new=True)


def _conflict(there: ConfFile, category: Category, line: Variable) -> EditRefused:
    place = there.place_of(line)
    return EditRefused(
        f"{line.key} in [{category.name}] has another value than this backend needs",
        place=place,
        remedy=f"keep it and choose the backend that it belongs to, or take the line out of {Path(place.source).name}",
    )
