"""How the codecs of both sides of a call are reconciled."""

from __future__ import annotations

from typing import Any

import attrs

from sorcery.kinds import Kind, Refused, Warn
from sorcery.pjsip.kinds.codecs import Codecs

__all__ = ["CodecPreference", "CodecPreferences"]


@attrs.frozen(slots=True)
class CodecPreference:
    """Whose order counts, how the lists are combined, how many are kept, whether to transcode."""

    prefer: str = "pending"
    operation: str = "intersect"
    keep: str = "all"
    transcode: str = "allow"

    def combined(self, pending: Codecs, configured: Codecs) -> Codecs:
        """Return the codecs that come of those of the call and those of the endpoint, in order of preference."""
        preferred, other = (pending, configured) if self.prefer == "pending" else (configured, pending)
        found = {
            "intersect": preferred.common(other),
            "only_preferred": preferred,
            "only_nonpreferred": other,
            "union": preferred.merged(other),
        }[self.operation]
        return found if self.keep == "all" else Codecs(found.framings[:1])

    def __str__(self) -> str:
        return ", ".join(f"{name}:{value}" for name, value in attrs.asdict(self).items())


class CodecPreferences(Kind[CodecPreference]):
    """A comma list of `name:value`; what is not named takes its default, unknown names are ignored."""

    def __init__(self, default_operation: str = "intersect", *, union: bool = True) -> None:
        operations = ("intersect", "only_preferred", "only_nonpreferred", *(("union",) if union else ()))
        self.zero = CodecPreference(operation=default_operation)
        self._choices: dict[str, tuple[str, ...]] = {
            "prefer": ("pending", "configured"),
            "operation": operations,
            "keep": ("all", "first"),
            "transcode": ("allow", "prevent"),
        }

    def parse(self, text: str, before: CodecPreference, warn: Warn) -> CodecPreference:
        """Read the pairs; names and values count with case."""
        found: dict[str, str] = {}
        for item in filter(None, (part.strip() for part in text.split(","))):
            name, _, value = (part.strip() for part in item.partition(":"))
            if not name or not value:
                raise Refused(f"{item!r} is no name:value", f"write {self.expects()}")
            if name not in self._choices:
                warn(f"{name!r} is unknown", f"it is ignored; the names are {', '.join(self._choices)}")
                continue
            found[name] = self._checked(name, value)
        return attrs.evolve(self.zero, **found)

    def _checked(self, name: str, value: str) -> str:
        if value not in self._choices[name]:
            raise Refused(f"{value!r} is no {name}", f"write {name}: and one of {', '.join(self._choices[name])}")
        return value

    def accept(self, value: Any) -> CodecPreference:
        """Take a `CodecPreference`."""
        if not isinstance(value, CodecPreference):
            return super().accept(value)
        for name, word in attrs.asdict(value).items():
            self._checked(name, word)
        return value

    def expects(self) -> str:
        return "for instance prefer:pending, operation:intersect, keep:all, transcode:allow"
