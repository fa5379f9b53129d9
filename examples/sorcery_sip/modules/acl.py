"""The gate of `type=acl`: who may send us anything at all."""

from __future__ import annotations

from collections.abc import Container

from sorcery import Sorcery
from sorcery.pjsip import Acl
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.contract import PASS, Decision, Incoming, refuse

__all__ = ["AclGate"]


class AclGate:
    """Refuse what any `acl` section refuses: by source first, then by each Contact.

    While a section cannot be read, nobody comes in: whom it was to keep out is not known. With `compat` it is as
    good as absent, as in Asterisk.
    """

    def __init__(self, sorcery: Sorcery, lists: AccessLists) -> None:
        self._sorcery, self._lists = sorcery, lists
        self._changes = 0
        self._is_open = False
        self._refused: tuple[int, tuple[str, ...]] | None = None
        """The ids of sections that cannot be read, and how many changes there had been when they were looked for."""
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
        unread = [] if self._sorcery.environment.compat else self._unread({section.id for section in sections})
        self._is_open = not sections and not unread and changes == self._changes
        if unread:
            return refuse(403, f"acl section {unread[0]!r} is refused, and nobody is let in until it is mended")
        for section in sections:
            reason = self._lists.refusal(incoming, section.acl, section.contact_acl)
            if reason is not None:
                return refuse(403, f"acl section {section.id!r}: {reason}")
        return PASS

    def _unread(self, known: Container[str]) -> list[str]:
        """Return the ids of sections that cannot be read and have no last good version."""
        changes, refused = self._changes, self._refused
        if refused is None or refused[0] != changes:
            errors = self._sorcery.unreadable([Acl])
            refused = self._refused = changes, tuple(finding.id for finding in errors if finding.id)
        return [id for id in refused[1] if id not in known]

    def _forget(self, _: object) -> None:
        self._changes += 1
        self._is_open = False
