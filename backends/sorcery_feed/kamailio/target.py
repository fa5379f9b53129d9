"""Telling a Kamailio what to read anew and which contacts to forget, and what its answers mean."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sorcery_feed.errors import TellingRefused
from sorcery_feed.kamailio.address import RpcAddress
from sorcery_feed.kamailio.rpc import RpcClient, RpcRefused
from sorcery_feed.rows import plain_id, table_key
from sorcery_feed.targets import Command

if TYPE_CHECKING:
    from sorcery_database.outbox import Entry

__all__ = ["KamailioTarget"]

log = logging.getLogger("sorcery.feed")

DISPATCHER: Final = "dispatcher"
CONTACTS: Final = "ps_contacts"
LOCATION: Final = "location"
"""Kamailio's table of what registered with it, which is mirrored into that of contacts."""
RELOADING: Final = 6.0
"""Seconds from one reload to the next: Kamailio refuses one within five."""
UNKNOWN: Final = "Method Not Found"
ABSENT: Final = ("AOR not found", "Contact not found", "Domain not found", "Key not found", "Domain table not found")


class KamailioTarget:
    """One Kamailio. For one thread."""

    def __init__(
        self,
        address: RpcAddress,
        *,
        is_there: Callable[[str, str], bool],
        htables: Mapping[str, str] | None = None,
        patience: float = 3.0,
    ) -> None:
        """Take where it listens.

        `is_there` tells whether a table holds a row with an id, as stored; `htables` names by table the htable that
        has entries under the ids of its rows. An answer is waited for for `patience` seconds.
        """
        self.name = str(address)
        self._client = RpcClient(address, patience)
        self._is_there = is_there
        self._htables = dict(htables or {})
        self._noted: set[str] = set()

    def connect(self) -> None:
        """Hear that it is there; raises `Unavailable`."""
        self.ping()

    def commands(self, entry: Entry) -> Iterator[Command]:
        """Yield what makes a change live there."""
        table = table_key(entry.table)
        if table == DISPATCHER:
            yield Command("dispatcher.reload", pause=RELOADING)
        elif table == CONTACTS and entry.op == "delete" and entry.id:
            yield Command("ul.rm_contact", LOCATION, entry.id)
        if table in self._htables:
            name = self._htables[table]
            id = plain_id(entry.id)
            yield Command("htable.delete", name, id) if id else Command("htable.flush", name)

    def everything(self) -> Iterable[Command]:
        """Return what makes it read everything anew; contacts that nobody renews end by themselves."""
        return [
            Command("dispatcher.reload", pause=RELOADING),
            *(Command("htable.flush", name) for name in self._htables.values()),
        ]

    def carry_out(self, command: Command) -> None:
        """Tell it; raises `Unavailable` and `TellingRefused`."""
        try:
            if command.verb == "ul.rm_contact":
                self._forget(command.id)
            else:
                self._client.call(command.verb, *filter(None, (command.subject, command.id)))
        except RpcRefused as error:
            if error.reason == UNKNOWN:
                self._note(f"it has no {error.method}, so its module is not loaded")
            elif not error.reason.startswith(ABSENT):
                raise TellingRefused(self.name, str(command), error.reason) from error

    def ping(self) -> None:
        """Hear that it is there; raises `Unavailable`."""
        try:
            self._client.call("core.version")
        except RpcRefused as error:
            self._note(f"it answers, though not to {error}")

    def close(self) -> None:
        """Let go of the socket."""
        self._client.close()

    def _forget(self, stored: str) -> None:
        """Remove the contact of a row that is gone from what Kamailio remembers; one that has come again stays.

        The id of the row holds the AOR, and a hash of the contact.
        """
        aor, at, digest = plain_id(stored).rpartition(";@")
        if not at or self._is_there(CONTACTS, stored):
            return
        for contact in _contacts(self._client.call("ul.lookup", LOCATION, aor)):
            if hashlib.md5(contact.encode(), usedforsecurity=False).hexdigest() == digest:
                self._client.call("ul.rm_contact", LOCATION, aor, contact)

    def _note(self, text: str) -> None:
        """Log something once."""
        if text not in self._noted:
            self._noted.add(text)
            log.warning("%s: %s", self.name, text)


def _contacts(found: Any) -> Iterator[str]:
    """Yield the addresses of what `ul.lookup` gives."""
    for each in found.get("Contacts", ()) if isinstance(found, dict) else ():
        yield str(each["Contact"]["Address"])
