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

    def check(self, incoming: Incoming) -> Decision:
        """Return 403 for the first section that fails; looks up Contact hosts, raises `Unavailable`."""
        for section in self._sorcery.retrieve_all(Acl):
            reason = self._lists.refusal(incoming, section.acl, section.contact_acl)
            if reason is not None:
                return refuse(403, f"acl section {section.id!r}: {reason}")
        return PASS
