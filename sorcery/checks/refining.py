"""What is known better once the whole is seen than where a fault was met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.templates import explained
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.release import Release

__all__ = ["refined"]


def refined(
    findings: Iterable[Finding],
    types: Mapping[str, type[Object]],
    lines: SourceLines,
    target: Release | None = None,
) -> Iterator[Finding]:
    """Say of an unknown option which type has it, and of a missing template where it stands.

    A reference to an object that is refused is told with the object, and not once more; so is a mapping that can be
    nowhere, and not that it is in the wrong section. No option is deprecated in a release that lacks its successor.
    """
    found = list(findings)
    unfit = {each.place for each in found if each.rule == "unfit-mapping"}
    refused = {(each.type_name, each.id) for each in found if each.severity is Severity.ERROR and each.id}
    for finding in found:
        cls = types.get(finding.type_name)
        if finding.rule == "wrong-section" and finding.place in unfit:
            continue
        if finding.rule == "deprecated-option" and target is not None and not _has_successor(finding, cls, target):
            continue
        if finding.rule == "base-missing":
            yield explained(finding, lines)
        elif finding.rule == "unknown-option" and cls is not None:
            yield _with_owner(finding, cls, types)
        elif finding.rule != "dangling-reference" or (_referred(finding, cls), finding.value) not in refused:
            yield finding


def _has_successor(finding: Finding, cls: type[Object] | None, target: Release) -> bool:
    option = cls.__sorcery__.option(finding.option) if cls else None
    successor = cls.__sorcery__.options.get(option.successor or "") if cls and option else None
    return successor is None or target.knows(successor.since)


def _referred(finding: Finding, cls: type[Object] | None) -> str:
    option = cls.__sorcery__.option(finding.option) if cls else None
    return option.refers_to if option else ""


def _with_owner(finding: Finding, cls: type[Object], types: Mapping[str, type[Object]]) -> Finding:
    """Say that an option belongs to another type of the same file, where that is so."""
    owners = [name for name, other in types.items() if _owns(other, finding.option, cls.__sorcery__.conf)]
    if not owners:
        return finding
    remedy = f"{finding.option} is an option of {' and '.join(owners)}: move the line there"
    return attrs.evolve(finding, rule="wrong-type-option", remedy=remedy)


def _owns(cls: type[Object], option: str, conf: str | None) -> bool:
    found = cls.__sorcery__.options.get(option.lower())
    return found is not None and not found.is_family and cls.__sorcery__.conf == conf
