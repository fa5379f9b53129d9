"""Contacts that nobody will remove any more: expired ones, by owner and deadline, and those whose AOR is gone.

The owner of a contact is the server that registered it, by its name (`reg_server`, from `systemname` in
`asterisk.conf`). Servers that share contacts have names of their own.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from sorcery.errors import Conflict, InvalidObject, NotFound
from sorcery.findings import Finding, Severity
from sorcery.instance import Sorcery
from sorcery.pjsip import Aor, Contact

__all__ = ["GRACE", "Reaper"]

log = logging.getLogger("sorcery.reaping")

GRACE: Final = 300.0
"""Seconds that an expired contact is left to its owner: ten of its intervals, as Asterisk has them by default."""

BATCH: Final = 50
"""Contacts in a transaction: whoever changes one of them meanwhile waits for it."""

LOOK: Final = 500
"""Contacts whose AORs are asked for at once."""

MOST: Final = 10_000
"""Contacts that one pass deletes; the next one goes on."""


class Reaper:
    """Deletes contacts that are over. Safe to use beside other servers on the same store, and from many threads.

    A contact that is refreshed meanwhile stays: what is deleted has to be still as it was read. Static contacts are
    never touched. Where a store does not answer, that is `Unavailable`, and nothing is taken to be absent.
    """

    def __init__(self, sorcery: Sorcery, *, server: str | None = None, grace: float = GRACE) -> None:
        """Reap for a server, by default the one that `asterisk.conf` names; `grace` seconds are left to others."""
        self._sorcery, self._server, self._grace = sorcery, server, grace

    def expired(self, now: float, *, dry: bool = False) -> list[str]:
        """Delete the contacts that have expired and return their ids, 10,000 at most; `now` is in Unix seconds.

        Those of other servers only when they have been left for the grace: their owner is gone, or one that never
        deletes, such as an Asterisk with the driver sqlite3. A `dry` run deletes none. Blocks on the stores; raises
        `Unavailable`.
        """
        found = self._sorcery.retrieve_by_fields(Contact, **{"expiration_time <=": str(int(now))})
        over = (each for each in found if self._is_over(each, now))
        return self._deleted(itertools.islice(over, MOST), dry=dry)

    def _is_over(self, contact: Contact, now: float) -> bool:
        patience = 0.0 if self._owns(contact) else self._grace
        return _is_dynamic(contact) and contact.expiration_time <= now - patience

    def orphaned(self, *, dry: bool = False) -> list[str]:
        """Delete this server's contacts whose AOR does not exist and return their ids, 10,000 at most.

        Goes through all contacts page by page. An AOR that is no good exists all the same, and where a file could not
        be read nobody knows what is absent: none is deleted then. A `dry` run deletes none either. Blocks on the
        stores; raises `Unavailable`.
        """
        report = self._sorcery.report
        doubt = next((each for each in report.findings if _hides(each)), None)
        if doubt is not None:
            log.warning("contacts without an aor are left alone, for some may have one: %s", doubt)
            return []
        bad = {each.id for each in report.errors if each.type_name == Aor.__sorcery__.name}
        own = filter(self._owns, self._sorcery.iterate(Contact))
        orphans = (self._orphans(batch, bad) for batch in _batches(own, LOOK))
        return self._deleted(itertools.islice(itertools.chain.from_iterable(orphans), MOST), dry=dry)

    def _orphans(self, contacts: Sequence[Contact], bad: Collection[str]) -> list[Contact]:
        aors = [aor for aor in dict.fromkeys(map(_aor, contacts)) if aor not in bad]
        found = self._sorcery.retrieve_many(Aor, aors)
        absent = {aor for aor in aors if aor not in found and not self._exists(aor)}
        return [contact for contact in contacts if _aor(contact) in absent]

    def _exists(self, aor: str) -> bool:
        """Ask the stores themselves for one AOR: many leave out what is no good, an image what came after it."""
        try:
            return self._sorcery._binding(Aor).reader.retrieve(aor) is not None
        except InvalidObject:
            return True

    def _owns(self, contact: Contact) -> bool:
        server = self._sorcery.environment.system_name if self._server is None else self._server
        return _is_dynamic(contact) and contact.reg_server == server

    def _deleted(self, contacts: Iterable[Contact], *, dry: bool) -> list[str]:
        if dry:
            return [contact.id for contact in contacts]
        return [id for batch in _batches(contacts, BATCH) for id in self._delete(batch)]

    def _delete(self, contacts: Sequence[Contact]) -> list[str]:
        """Delete contacts in one transaction, without those that are others now, or gone."""
        left = {contact.id: contact for contact in contacts}
        while left:
            try:
                with self._sorcery.transaction() as transaction:
                    for contact in left.values():
                        transaction.delete(contact, expected=contact)
            except (Conflict, NotFound) as quicker:
                del left[quicker.id]
            else:
                break
        return list(left)


def _batches(contacts: Iterable[Contact], size: int) -> Iterator[list[Contact]]:
    given = iter(contacts)
    while batch := list(itertools.islice(given, size)):
        yield batch


def _hides(finding: Finding) -> bool:
    """Tell whether a load may have missed objects that it could not even name."""
    return not finding.id and (finding.severity is Severity.ERROR or finding.rule == "missing-file")


def _is_dynamic(contact: Contact) -> bool:
    """Tell whether somebody registered it: a static one is part of its AOR."""
    return ";@" in contact.id


def _aor(contact: Contact) -> str:
    return contact.id.rpartition(";@")[0]
