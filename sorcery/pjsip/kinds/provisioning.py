"""Variables of the templates that phones are provisioned from."""

from __future__ import annotations

from sorcery.kinds import NamedLines

__all__ = ["TemplateVariables"]

Lines = tuple[tuple[str, str], ...]


class TemplateVariables(NamedLines):
    """Variables in order; one with an empty text is none."""

    def added(self, before: Lines, name: str, text: str) -> Lines:
        """Add a variable."""
        return (*before, (name, text)) if text else before

    def names(self, value: Lines) -> tuple[str, ...]:
        """Return the id of the endpoint whose variables are added."""
        return tuple(text for name, text in value if name == "endpoint")

    def renamed(self, value: Lines, old: str, new: str | None) -> Lines:
        """Write the endpoint's other id."""
        changed = ((name, new if (name, text) == ("endpoint", old) else text) for name, text in value)
        return tuple((name, text) for name, text in changed if text is not None)
