"""The gate of `type=acl`: who may send us anything at all."""

from __future__ import annotations

from sorcery import Sorcery
from sorcery.pjsip import Acl
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.contract import PASS, Decision, Incoming, refuse

__all__ = ["AclGate"]


class AclGate:
    """Refuse what any `acl` section refuses: by source first, then by each Contact."""

    def __init__(self, sorcery: Sorcery, lists: AccessLists) -> None:
        self._sorcery, self._lists = sorcery, lists
        self._changes = 0
        self._is_open = False
        self._subscription = sorcery.observe(Acl, created=self._forget, deleted=self._forget, loaded=self._forget)

    @property
    def is_open(self) -> bool:
        """Whether there was no section at the last look, and none has come since; never blocks."""
        return self._is_open

    def close(self) -> None:
        """Stop observing."""
        self._subscription.close()

    def check(self, incoming: Incoming) -> Decision:
        """Return 403 for the first section that fails; looks up Contact hosts, raises `Unavailable`."""
        changes, sections = self._changes, self._sorcery.retrieve_all(Acl)
        self._is_open = not sections and changes == self._changes
        for section in sections:
            reason = self._lists.refusal(incoming, section.acl, section.contact_acl)
            if reason is not None:
                return refuse(403, f"acl section {section.id!r}: {reason}")
        return PASS

    def _forget(self, _: object) -> None:
        self._changes += 1
        self._is_open = False
