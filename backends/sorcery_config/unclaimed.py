"""Sections that nothing is made of, as when a type is misspelt."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from sorcery.conf import Category, Outline, Variable
from sorcery.conf.text import fold
from sorcery.findings import Finding, Severity
from sorcery.pjsip import TYPES
from sorcery_config.store import ConfigStore

__all__ = ["unclaimed"]

ELSEWHERE = {*(cls.__sorcery__.plain_name for cls in TYPES), "startup"}
"""Types of Asterisk: their sections may stand in a file while their objects are kept, or read, elsewhere."""
CONFS = {conf for cls in TYPES if (conf := cls.__sorcery__.conf)}
"""The files that Asterisk reads types from unless it is told otherwise; in each of them those of others are lost."""


def unclaimed(outline: Outline, sections: Iterable[Category], stores: Iterable[ConfigStore]) -> Iterator[Finding]:
    """Yield a finding for each section without a type, or of one that no store takes and Asterisk does not read there.

    `sections` may be those that no store took. Silent about a file of which a store does not select by type alone:
    what else it holds is not ours to judge.
    """
    types: set[str] = set()
    names: set[str] = set()
    for store in stores:
        criteria = store.arguments.criteria
        if [fold(field) for field, _ in criteria] != ["type"]:
            return
        types.add(criteria[0][1])
        names |= {store.arguments.explicit_name} - {""}
    by_type: dict[str | None, list[Category]] = {None: []}
    for section in sections:
        if section.name not in names:
            by_type.setdefault(section.first("type"), []).append(section)
    for section in by_type.pop(None):
        yield _finding(outline, section, section, "no-type", "has no type", f"write {_choice(types)}")
    for value, found in by_type.items():
        if value is None or value in types or (told := _told(value, types, outline.path)) is None:
            continue
        for section in found:
            line = next(each for each in section.variables if fold(each.key) == "type")
            yield _finding(outline, section, line, "unknown-type", *told, value)


def _told(type_name: str, types: set[str], path: str) -> tuple[str, str] | None:
    """Return what is wrong with a type that no store takes, and what would be right; None where nothing is."""
    if type_name in ELSEWHERE:
        homes = _homes(type_name, path)
        return (f"is of type {type_name!r}, which is read from elsewhere", f"move it to {homes}") if homes else None
    near = difflib.get_close_matches(type_name.lower(), sorted(types | ELSEWHERE), 1)
    remedy = f"did you mean type={near[0]}?" if near else f"write {_choice(types)}"
    return f"is of the unknown type {type_name!r}", remedy


def _homes(type_name: str, path: str) -> str:
    """Return the files that sections of a type have to stand in; none where they may stand in this one."""
    homes = {cls.__sorcery__.conf or "" for cls in TYPES if cls.__sorcery__.plain_name == type_name}
    name = PurePath(path).name
    return "" if name not in CONFS or not homes.isdisjoint({name, ""}) else " or ".join(sorted(homes))


def _choice(types: set[str]) -> str:
    return f"type=NAME, one of {', '.join(sorted(types))}"


def _finding(
    outline: Outline,
    section: Category,
    culprit: Category | Variable,
    rule: str,
    what: str,
    remedy: str,
    value: str = "",
) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        rule=rule,
        message=f"section {section.name!r} {what}, and nothing is made of it",
        remedy=remedy,
        place=outline.place_of(culprit),
        id=section.name,
        option="type",
        value=value,
    )
