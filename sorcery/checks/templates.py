"""Why a template is missing: there is none, it stands further down, or two copy each other."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import attrs

from sorcery.checks.sourcelines import SourceLines
from sorcery.findings import Finding

__all__ = ["explained"]

_HEADER = re.compile(r"\s*\[(?P<name>[^\]]+)\](?:\((?P<bases>[^)]*)\))?")


@attrs.frozen(slots=True)
class _Header:
    name: str
    line: int
    bases: tuple[str, ...]


def explained(finding: Finding, lines: SourceLines) -> Finding:
    """Return the finding for a missing base as what it is, by what the file says elsewhere."""
    text, place = lines.line(finding), finding.place
    if finding.rule != "base-missing" or text is None or place is None or place.line is None:
        return finding
    headers = _headers(lines.of(place.source))
    own = _header(text, place.line)
    for base in own.bases if own else ():
        found = headers.get(base.lower())
        if own is None or found is None or found.line < place.line:
            continue
        if _leads_to(found, own.name, headers):
            remedy = f"[{own.name}] and [{found.name}] copy each other: let one of them copy nothing"
            return attrs.evolve(finding, rule="base-circular", remedy=remedy, value=base)
        return attrs.evolve(
            finding,
            rule="base-later",
            remedy=f"[{found.name}] stands at line {found.line}: move it above this line",
            value=base,
        )
    return finding


def _headers(lines: Sequence[str]) -> dict[str, _Header]:
    """Return the first header of each name, which counts without case."""
    found: dict[str, _Header] = {}
    for number, text in enumerate(lines, 1):
        header = _header(text, number)
        if header is not None:
            found.setdefault(header.name.lower(), header)
    return found


def _header(text: str, number: int) -> _Header | None:
    match = _HEADER.match(text)
    if match is None:
        return None
    words = (word for word in (match["bases"] or "").split(",") if word and word[0] not in "!+")
    return _Header(match["name"], number, tuple(words))


def _leads_to(header: _Header, name: str, headers: Mapping[str, _Header]) -> bool:
    """Tell whether a section copies another one, directly or by way of others."""
    waiting, seen = [header], {header.name.lower()}
    while waiting:
        for base in map(str.lower, waiting.pop().bases):
            if base == name.lower():
                return True
            if base in headers and base not in seen:
                seen.add(base)
                waiting.append(headers[base])
    return False
