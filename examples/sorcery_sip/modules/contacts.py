"""The contacts of AORs in their store: who is registered now, and what a plan makes of it."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import attrs

from sorcery import Conflict, NotFound, Sorcery
from sorcery.pjsip import Aor, Contact
from sorcery.reaping import Reaper
from sorcery_sip.modules.bindings import Asked, Plan

__all__ = ["Contacts", "Origin", "contact_id"]

_STRIPES = 64


@attrs.frozen(slots=True)
class Origin:
    """What a contact remembers of the REGISTER that made it."""

    endpoint: str
    call_id: str
    user_agent: str
    path: str
    via_addr: str
    via_port: int
    reg_server: str


def contact_id(aor: str, uri: str) -> str:
    """Return the id of a registered contact: the AOR, and the MD5 of the URI's text."""
    return f"{aor};@{hashlib.md5(uri.encode('utf-8', 'surrogateescape'), usedforsecurity=False).hexdigest()}"


class Contacts:
    """Read and change contacts, one AOR at a time: registrations of one AOR are serial, whoever asks."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery, self._reaper = sorcery, Reaper(sorcery)
        self._locks = tuple(threading.Lock() for _ in range(_STRIPES))

    @contextmanager
    def hold(self, aor: str) -> Iterator[None]:
        """Keep others from changing the AOR's contacts; blocks while somebody does."""
        with self._locks[hash(aor) % _STRIPES]:
            yield

    def of(self, aor: str, now: float) -> tuple[list[Contact], list[Contact]]:
        """Return the live contacts and the expired ones that no sweep has met yet; raises `Unavailable`."""
        stored = self._sorcery.retrieve_by_prefix(Contact, f"{aor};@")
        live = [contact for contact in stored if contact.expiration_time > now]
        return live, [contact for contact in stored if contact.expiration_time <= now]

    def carry_out(
        self, plan: Plan, aor: Aor, origin: Origin, now: float, expired: Sequence[Contact] = ()
    ) -> list[Contact]:
        """Store what the plan changes, all or nothing, and return the contacts that it added or refreshed.

        A contact comes back to life where it lies `expired` under the same id. Raises what writing raises: a
        `Conflict` too, where one that is to make room, or has expired, was refreshed meanwhile at another server.
        """
        added = [_new(aor, asked, origin, now) for asked in plan.added]
        refreshed = [_refreshed(aor, contact, asked, origin, now) for contact, asked in plan.refreshed]
        dead, alive = {contact.id for contact in expired}, {contact.id for contact in added}
        over = (*plan.displaced, *(contact for contact in expired if contact.id not in alive))
        if not (added or refreshed or plan.removed or over):
            return []
        with self._sorcery.transaction() as transaction:
            for contact in added:
                (transaction.update if contact.id in dead else transaction.create)(contact)
            for contact in refreshed:
                transaction.update(contact)
            for contact in plan.removed:
                transaction.delete(contact)
            for contact in over:
                transaction.delete(contact, expected=contact)
        return added + refreshed

    def sweep(self, now: float) -> list[str]:
        """Delete the contacts that have expired, of other servers those that nobody removes; return their ids.

        One that is refreshed meanwhile stays, whoever does it. Raises `Unavailable`.
        """
        return self._reaper.expired(now)

    def orphans(self) -> list[str]:
        """Delete this server's contacts whose AOR does not exist, and return their ids; raises `Unavailable`."""
        return self._reaper.orphaned()

    def prune(self, server: str) -> list[str]:
        """Delete the contacts of connections that died with the last run of this server; raises `Unavailable`."""
        found = self._sorcery.retrieve_by_fields(Contact, prune_on_boot="yes")
        return [contact.id for contact in found if contact.reg_server == server and self._delete(contact, contact)]

    def forget(self, aor: str) -> list[str]:
        """Delete the contacts of an AOR unless it is still there, and return their ids; raises `Unavailable`."""
        with self.hold(aor):
            if self._sorcery.retrieve_by_id(Aor, aor) is not None:
                return []
            found = self._sorcery.retrieve_by_prefix(Contact, f"{aor};@")
            return [contact.id for contact in found if self._delete(contact)]

    def _delete(self, contact: Contact, expected: Contact | None = None) -> bool:
        try:
            self._sorcery.delete(contact, expected=expected)
        except (Conflict, NotFound):
            return False  # another server on the same store was quicker
        return True


def _new(aor: Aor, asked: Asked, origin: Origin, now: float) -> Contact:
    return Contact(
        id=contact_id(aor.id, asked.text),
        uri=asked.text,
        expiration_time=int(now) + asked.expires,
        qualify_frequency=aor.qualify_frequency,
        qualify_timeout=aor.qualify_timeout,
        qualify_2xx_only=aor.qualify_2xx_only,
        authenticate_qualify=aor.authenticate_qualify,
        outbound_proxy=aor.outbound_proxy,
        **attrs.asdict(origin),
    )


def _refreshed(aor: Aor, contact: Contact, asked: Asked, origin: Origin, now: float) -> Contact:
    """Return the contact with a new expiry; Call-ID and Via stay those of the REGISTER that made it.

    So do Path and User-Agent where the new one has none."""
    return contact.evolve(
        expiration_time=int(now) + asked.expires,
        path=origin.path or contact.path,
        user_agent=origin.user_agent or contact.user_agent,
        qualify_frequency=aor.qualify_frequency,
        qualify_timeout=aor.qualify_timeout,
        qualify_2xx_only=aor.qualify_2xx_only,
        authenticate_qualify=aor.authenticate_qualify,
        outbound_proxy=aor.outbound_proxy,
    )
