"""`[shadow]` in `sorcery.conf`, which Asterisk never reads: which types have a second store that is asked aside."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table
from typing import Final

import attrs

from sorcery.environment import Environment, Setting
from sorcery.findings import Finding, Severity
from sorcery.kinds import FALSE_WORDS, TRUE_WORDS
from sorcery.mapping import Mapping, parse_mapping

__all__ = ["OPTIONS", "ShadowSettings", "shadow_settings"]

OPTIONS: Final = ("sample", "writes", "waiting")
"""The lines that name no type."""


@attrs.frozen(slots=True, kw_only=True)
class ShadowSettings:
    """What `[shadow]` says."""

    mappings: Table[str, Mapping]
    """The second store of each type, by its name."""
    sample: float = 1.0
    """The part of all questions that is asked again."""
    waiting: int = 1000
    """How many questions may wait for the second store; more are not asked again."""
    writes: frozenset[str] = frozenset()
    """The types whose changes are made in the second store too."""


def shadow_settings(
    environment: Environment, mappings: Table[str, Collection[Mapping]]
) -> tuple[ShadowSettings | None, list[Finding]]:
    """Return what `[shadow]` says, or None where no type has a second store, and what is wrong with its lines.

    `mappings` are those that each type has. A line that cannot be used is passed over: nobody depends on it.
    """
    findings: list[Finding] = []
    found: dict[str, Mapping] = {}
    options: dict[str, Setting] = {}
    for line in environment.sections.get("shadow", ()):
        if line.name.lower() in OPTIONS:
            options[line.name.lower()] = line
            continue
        trouble = _trouble(line, mappings)
        findings.extend(trouble)
        mapping = parse_mapping(line.name, line.value, line.place)
        if mapping is not None and not trouble:
            found[mapping.type_name] = mapping
    settings = ShadowSettings(
        mappings=found,
        sample=_sample(options.get("sample"), findings),
        waiting=_waiting(options.get("waiting"), findings),
        writes=frozenset(_writes(options.get("writes"), found, findings)),
    )
    return settings if found else None, findings


def _trouble(line: Setting, mappings: Table[str, Collection[Mapping]]) -> list[Finding]:
    """Return what is wrong with the line of a type."""
    mapping = parse_mapping(line.name, line.value, line.place)
    if mapping is None:
        return [finding(line, "it names no type or no wizard", "write type = wizard[,arguments]")]
    if mapping.type_name not in mappings:
        near = difflib.get_close_matches(mapping.type_name, mappings, 1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of: {', '.join(sorted(mappings))}"
        return [finding(line, f"no object type {mapping.type_name!r} is known here", remedy)]
    if mapping.caching:
        return [finding(line, "a cache is no store to compare with", f"write {mapping.type_name} = wizard")]
    if mapping in mappings[mapping.type_name]:
        return [finding(line, "the type is mapped to it already", "name another store, or remove the line")]
    return []


def _sample(line: Setting | None, findings: list[Finding]) -> float:
    if line is None:
        return 1.0
    try:
        sample = float(line.value)
    except ValueError:
        sample = 0.0
    if 0 < sample <= 1:
        return sample
    findings.append(finding(line, "this is no part of all questions", "write sample = 0.1, or another up to 1"))
    return 1.0


def _waiting(line: Setting | None, findings: list[Finding]) -> int:
    if line is None:
        return 1000
    if line.value.isascii() and line.value.isdigit() and int(line.value) > 0:
        return int(line.value)
    findings.append(finding(line, "this is no number of questions", "write waiting = 1000"))
    return 1000


def _writes(line: Setting | None, types: Collection[str], findings: list[Finding]) -> Iterator[str]:
    words = [] if line is None else [word.strip() for word in line.value.split(",")]
    if len(words) == 1 and words[0].lower() in FALSE_WORDS:
        return
    if len(words) == 1 and words[0].lower() in TRUE_WORDS:
        yield from types
        return
    for word in words:
        if word in types:
            yield word
        elif line is not None:
            findings.append(finding(line, f"{word!r} is no type in [shadow]", "write yes, no, or types named there"))


def finding(line: Setting, problem: str, remedy: str) -> Finding:
    """Return what is wrong with a line of `[shadow]`."""
    return Finding(
        severity=Severity.WARNING,
        rule="unusable-shadow",
        message=f"[shadow] {line.name}={line.value}: {problem}; the line is passed over",
        remedy=remedy,
        place=line.place,
    )
