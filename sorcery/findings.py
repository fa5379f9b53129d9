"""What is wrong with a configuration, as values: one finding per fault."""

from __future__ import annotations

import enum
import logging
from collections.abc import Mapping
from typing import Any, Self

import attrs

from sorcery.errors import InvalidObject
from sorcery.place import Place
from sorcery.plain import clipped, terse

__all__ = ["Finding", "Severity"]


class Severity(enum.StrEnum):
    """How much a finding matters."""

    ERROR = "error"
    """Something was refused, or cannot work."""
    WARNING = "warning"
    """It loads, and probably does not do what was meant."""
    NOTE = "note"
    """It does what was meant, and is worth knowing: a command that only met these ends well."""

    @property
    def level(self) -> int:
        """The level at which a log tells of it."""
        return logging.INFO if self is Severity.NOTE else logging.getLevelNamesMapping()[self.name]


@attrs.frozen(slots=True, kw_only=True)
class Finding:
    """One fault, with the place, the culprit and what to write instead."""

    severity: Severity
    rule: str
    """The rule's short name, stable across releases, e.g. `unknown-option`; `sorcery.checks.CATALOGUE` has them all."""
    message: str = attrs.field(converter=terse)
    remedy: str = attrs.field(default="", converter=terse)
    place: Place | None = None
    type_name: str = ""
    id: str = ""
    option: str = ""
    value: str = ""
    """The offending text, whole, however long; empty for secrets."""

    @classmethod
    def of(
        cls, error: InvalidObject, *, severity: Severity = Severity.ERROR, rule: str = "invalid-object", fate: str = ""
    ) -> Self:
        """Return the finding for an object that is bad; `fate` says what becomes of it."""
        return cls(
            severity=severity,
            rule=rule,
            message=f"{error.culprit}: {error.reason}" + (fate and f"; {fate}"),
            remedy=error.remedy,
            place=error.place,
            type_name=error.type_name,
            id=error.id,
            option=error.option,
            value=error.value,
        )

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it; what does not apply is None or empty, and of a long value there is a part."""
        place = self.place
        return {
            "severity": self.severity.value,
            "rule": self.rule,
            "message": self.message,
            "remedy": self.remedy,
            "source": place.source if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "row": place.row if place else None,
            "type": self.type_name,
            "id": self.id,
            "option": self.option,
            "value": clipped(self.value),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the finding that `data` came from."""
        source = data["source"]
        return cls(
            severity=Severity(data["severity"]),
            rule=data["rule"],
            message=data["message"],
            remedy=data["remedy"],
            place=None if source is None else Place(source, data["line"], data["row"], data.get("column")),
            type_name=data["type"],
            id=data["id"],
            option=data["option"],
            value=data["value"],
        )

    def __str__(self) -> str:
        head = f"{self.place}: " if self.place else ""
        tail = f"; {self.remedy}" if self.remedy else ""
        return f"{head}{self.severity} [{self.rule}] {self.message}{tail}"
