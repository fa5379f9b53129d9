"""Who calls, who is connected, and by whom a call was passed on."""

from __future__ import annotations

from typing import Any

import attrs

__all__ = ["Party", "Redirecting"]


@attrs.frozen(slots=True)
class Party:
    """One end of a call as the other is to see it.

    `presentation` is written as in `callerid_privacy`, such as `allowed_not_screened` or `prohib`. A number or name
    that was given is valid; an empty one is valid only where that is said.
    """

    number: str = ""
    name: str = ""
    presentation: str = "allowed_not_screened"
    number_valid: bool = attrs.Factory(lambda self: bool(self.number), takes_self=True)
    name_valid: bool = attrs.Factory(lambda self: bool(self.name), takes_self=True)
    tag: str = ""
    """A word of the operator's own, `callerid_tag`; no phone sees it."""

    @property
    def is_allowed(self) -> bool:
        """Whether the other end may see it."""
        return self.presentation.startswith("allowed")

    def replace(self, **changes: Any) -> Party:
        """Return it with changes; a number or name that changes becomes valid if it is not empty."""
        for part in ("number", "name"):
            if part in changes:
                changes.setdefault(f"{part}_valid", bool(changes[part]))
        return attrs.evolve(self, **changes)


@attrs.frozen(slots=True)
class Redirecting:
    """By whom a call was passed on, to whom, why (a token such as `user-busy`), and how often."""

    from_: Party = Party()
    to: Party = Party()
    reason: str = "unknown"
    count: int = 0
