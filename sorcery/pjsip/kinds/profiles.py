"""References to geolocation profiles."""

from __future__ import annotations

from sorcery.kinds import Reference

__all__ = ["BUILT_IN", "ProfileReference"]

BUILT_IN = frozenset({"<prefer_config>", "<discard_config>", "<prefer_incoming>", "<discard_incoming>"})
"""The profiles that are always there: nobody declares them."""


class ProfileReference(Reference):
    """The id of a profile, or the name of a built-in one."""

    def names(self, value: str) -> tuple[str, ...]:
        """Return the id, unless it is that of a built-in profile."""
        return () if value in BUILT_IN else super().names(value)
