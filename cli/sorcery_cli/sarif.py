"""Findings in SARIF 2.1.0, the form in which code hosts and editors take what checkers find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sorcery import Finding, Place
from sorcery.checks.catalogue import CATALOGUE
from sorcery.checks.rule import Rule
from sorcery.plain import plain

__all__ = ["results_of", "sarif"]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding], results: object = None) -> dict[str, Any]:
    """Return one run with its results, or what is given for them; the rules that they name are described in it."""
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "sorcery check",
                        "version": version("pysorcery"),
                        "rules": [_described(id, CATALOGUE.get(id)) for id in _rules(findings)],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": list(results_of(findings)) if results is None else results,
            }
        ],
    }


def results_of(findings: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    """Yield the result of each finding."""
    ids = _rules(findings)
    return (_result(finding, ids.index(finding.rule)) for finding in findings)


def _rules(findings: Iterable[Finding]) -> list[str]:
    return list(dict.fromkeys(finding.rule for finding in findings))


def _described(id: str, rule: Rule | None) -> dict[str, Any]:
    if rule is None:  # a wizard of somebody else tells what only it knows
        return {"id": id}
    return {
        "id": id,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.mending},
        "defaultConfiguration": {"level": rule.severity.value},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    text = plain(f"{finding.message}; {finding.remedy}" if finding.remedy else finding.message)
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity.value,
        "message": {"text": text},
    }
    if finding.place is not None:
        result["locations"] = [_location(finding, finding.place)]
    return result


def _location(finding: Finding, place: Place) -> dict[str, Any]:
    if place.line is None and place.row is None and "/" not in place.source:
        return {"logicalLocations": _logical([place.source], "table")}
    if place.row is not None:
        parts = [place.source, place.row, *([finding.option] if finding.option else [])]
        return {"logicalLocations": _logical(parts, "row")}
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(place.source)}}
    if place.line is not None:
        column = {} if place.column is None else {"startColumn": place.column}
        physical["region"] = {"startLine": place.line, **column}
    return {"physicalLocation": physical}


def _logical(parts: Iterable[str], kind: str) -> list[dict[str, str]]:
    return [{"fullyQualifiedName": "/".join(map(plain, parts)), "kind": kind}]


def _uri(source: str) -> str:
    path = Path(source)
    return path.as_uri() if path.is_absolute() else plain(source)
