"""What a load or reload did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from sorcery.findings import Finding, Severity

__all__ = ["Report"]

Ids = Mapping[str, tuple[str, ...]]
"""Ids by type name; types without any are absent."""

WHAT: Final = ("created", "updated", "deleted", "kept")


@attrs.frozen(slots=True, kw_only=True)
class Report:
    """What a load or reload did, per type and id."""

    created: Ids = attrs.field(factory=dict)
    updated: Ids = attrs.field(factory=dict)
    deleted: Ids = attrs.field(factory=dict)
    """Vanished from their file, or pruned because the database no longer holds them."""
    kept: Ids = attrs.field(factory=dict)
    """Bad now; the last good object stays in force."""
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refused something."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings about what loads and probably is not what was meant."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.WARNING)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The findings about what is as it was meant, and worth knowing."""
        return tuple(finding for finding in self.findings if finding.severity is Severity.NOTE)

    def __bool__(self) -> bool:
        """Tell whether anything changed."""
        return bool(self.created or self.updated or self.deleted)

    def data(self) -> dict[str, Any]:
        """Return what JSON holds of it."""
        ids = {what: {name: list(ids) for name, ids in getattr(self, what).items()} for what in WHAT}
        return {**ids, "findings": [finding.data() for finding in self.findings]}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the report that `data` came from."""
        ids = {what: {name: tuple(ids) for name, ids in data[what].items()} for what in WHAT}
        return cls(**ids, findings=tuple(map(Finding.from_data, data["findings"])))

    def __str__(self) -> str:
        lines = [
            f"{what} {type_name}: {', '.join(ids)}" for what in WHAT for type_name, ids in getattr(self, what).items()
        ]
        return "\n".join([*(lines or ["nothing changed"]), *map(str, self.findings)])
