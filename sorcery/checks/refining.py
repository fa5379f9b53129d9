"""What is known better once the whole is seen than where a fault was met."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from sorcery.findings import Finding
from sorcery.objects import Object

__all__ = ["refined"]


def refined(findings: Iterable[Finding], types: Mapping[str, type[Object]]) -> Iterator[Finding]:
    """Say of an unknown option which type it belongs to, where that is another type of the same file."""
    for finding in findings:
        own = types.get(finding.type_name)
        if finding.rule == "unknown-option" and own is not None and finding.option:
            owners = [name for name, cls in types.items() if _owns(cls, own, finding.option)]
            if owners:
                remedy = f"{finding.option} is an option of {' and '.join(owners)}: move the line there"
                finding = attrs.evolve(finding, rule="wrong-type-option", remedy=remedy)
        yield finding


def _owns(cls: type[Object], other: type[Object], option: str) -> bool:
    found = cls.__sorcery__.options.get(option.lower())
    return found is not None and not found.is_family and cls.__sorcery__.conf == other.__sorcery__.conf
