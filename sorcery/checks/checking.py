"""All rules applied to a system, and what comes of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import attrs

from sorcery.checks.catalogue import CATALOGUE, RULES
from sorcery.checks.refining import refined
from sorcery.checks.rule import Fault, Rule
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.suppression import suppressed
from sorcery.checks.system import System
from sorcery.checks.told import RELEASES
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.place import Place
from sorcery.release import Release

__all__ = ["apply_rules", "finished"]


def apply_rules(
    system: System, rules: Iterable[Rule] = RULES, *, step: Callable[[str], None] = lambda what: None
) -> Iterator[Finding]:
    """Yield what the rules find; `step` is told each rule before it is applied.

    Reads the stores when the first rule asks for objects. Stores that do not answer hold nothing here.
    """
    for rule in rules:
        step(rule.id)
        yield from _found(rule, system)


def finished(
    findings: Iterable[Finding],
    files: Iterable[str],
    types: Mapping[str, type[Object]],
    lines: SourceLines,
    *,
    target: Release | None = None,
) -> list[Finding]:
    """Return findings as they are told: each once, without the suppressed ones, with columns, sorted by place."""
    found = list(_once(refined(dict.fromkeys(findings), types, lines, target)))
    told = suppressed(found, files, CATALOGUE.keys(), lines, _unjudged(found, target))
    return sorted(map(lines.located, told), key=_by_place)


def _once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each finding; a line of a template that many objects are refused for is one."""
    told: dict[tuple[Place, str, str, str], Finding] = {}
    others: Counter[tuple[Place, str, str, str]] = Counter()
    for finding in findings:
        if not finding.option or finding.place is None or finding.place.line is None:
            yield finding
            continue
        key = finding.place, finding.rule, finding.option, finding.value
        if told.setdefault(key, finding) is not finding:
            others[key] += 1
    for key, first in told.items():
        yield attrs.evolve(first, message=first.message + _others(others[key])) if key in others else first


def _unjudged(found: Iterable[Finding], target: Release | None) -> Collection[str]:
    """Return the rules that might have found more: all where something was refused, else what a target decides."""
    if any(map(_hides, found)):
        return CATALOGUE.keys()
    return {"deprecated-option"} if target is not None else {rule.id for rule in RELEASES}


def _hides(finding: Finding) -> bool:
    """Tell whether a finding is about what was refused or does not answer: rules never saw what it holds."""
    rule = CATALOGUE.get(finding.rule)
    return finding.severity is Severity.ERROR and (rule is None or rule.find is None)


def _found(rule: Rule, system: System) -> Iterator[Finding]:
    """Yield what one rule finds; what many objects have from one line of a template is one finding."""
    assert rule.find is not None
    told: dict[tuple[Place, str, str, str], list[Finding]] = {}
    for fault in rule.find(system):
        finding = _finding(rule, fault, system)
        if finding.place is None:
            yield finding
        else:
            told.setdefault((finding.place, fault.option, fault.value, fault.problem), []).append(finding)
    for first, *others in told.values():
        yield attrs.evolve(first, message=first.message + _others(len(others)))


def _others(count: int) -> str:
    if count > 1:
        return f"; so do {count} others that copy the line"
    return "; so does another one that copies the line" if count else ""


def _finding(rule: Rule, fault: Fault, system: System) -> Finding:
    obj = fault.obj
    place, type_name, id, message, value = fault.place, fault.type_name, fault.id, fault.problem, fault.value
    if obj is not None:
        own = obj.__sorcery__
        option = own.option(fault.option) if fault.option else None
        is_secret = option is not None and option.secret
        value = "" if is_secret else value or (obj.text(option.name) or "" if option else "")
        place, type_name, id = place or system.place(obj, fault.option), own.name, obj.id
        message = f"{own.name} {id!r}{f', option {fault.option}' if fault.option else ''}: {message}"
    return Finding(
        severity=rule.severity,
        rule=rule.id,
        message=message,
        remedy=fault.remedy,
        place=place,
        type_name=type_name,
        id=id,
        option=fault.option,
        value=value,
    )


def _by_place(finding: Finding) -> tuple[str, int, str, int, str]:
    place = finding.place
    if place is None:
        return "", 0, "", 0, finding.rule
    return place.source, place.line or 0, place.row or "", place.column or 0, finding.rule
