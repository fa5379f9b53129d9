"""What a REGISTER does to the contacts of an AOR: values in, a plan out (RFC 3261 10.3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import attrs

from sorcery.pjsip import Aor, Contact
from sorcery_sip.errors import UriError
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.modules.canonical import canonical

__all__ = ["Asked", "BindingError", "Plan", "asked", "clamped", "plan"]


class BindingError(Exception):
    """A registration that cannot be: `status` is the answer, `reason` says why."""

    def __init__(self, status: int, reason: str) -> None:
        self.status, self.reason = status, reason
        super().__init__(reason)


@attrs.frozen(slots=True)
class Asked:
    """One Contact of a REGISTER."""

    uri: SipUri
    text: str
    """The URI as it is stored."""
    expires: int
    """Seconds, within the AOR's limits; 0 removes."""


@attrs.frozen(slots=True)
class Plan:
    """The changes to an AOR's contacts; those of `removed` and `displaced` are deleted."""

    added: tuple[Asked, ...] = ()
    refreshed: tuple[tuple[Contact, Asked], ...] = ()
    removed: tuple[Contact, ...] = ()
    displaced: tuple[Contact, ...] = ()

    def __str__(self) -> str:
        """Name what is done, and each contact that it is done to."""
        steps = (
            ("added", [asked.text for asked in self.added]),
            ("refreshed", [contact.uri for contact, _ in self.refreshed]),
            ("removed", [contact.uri for contact in self.removed]),
            ("displaced to stay within max_contacts", [contact.uri for contact in self.displaced]),
        )
        return "; ".join(f"{what} {' '.join(uris)}" for what, uris in steps if uris) or "nothing changed"


def clamped(seconds: int, aor: Aor) -> int:
    """Bring an expiry within the AOR's limits; 0, which removes, stays. There is no 423: the 200 tells."""
    if seconds == 0:
        return 0
    if seconds < aor.minimum_expiration:
        return aor.minimum_expiration
    return min(seconds, aor.maximum_expiration)


def asked(request: Request, aor: Aor) -> tuple[Asked, ...]:
    """Return the Contacts of a request; a wildcard gives none, and has to stand alone and remove.

    Raises `BindingError` (400), and `HeaderError` for a Contact that cannot be read.
    """
    default = aor.default_expiration if request.expires is None else request.expires
    if request.has_wildcard_contact:
        if len(request.headers.elements("Contact")) > 1:
            raise BindingError(400, "Contact '*' stands beside other Contacts")
        if default != 0:
            raise BindingError(400, f"Contact '*' with an expiry of {default}; only Expires: 0 goes with it")
        return ()
    found = []
    for contact in request.contacts:
        if isinstance(contact.uri, SipUri):
            uri = canonical(contact.uri)
            seconds = default if contact.expires is None else contact.expires
            found.append(Asked(uri, str(uri), clamped(seconds, aor)))
    return tuple(found)


def plan(aor: Aor, existing: Sequence[Contact], wanted: Iterable[Asked], *, wildcard: bool) -> Plan:
    """Return what to do; of the same Contact given twice the last counts. Raises `BindingError` (403).

    `existing` are the AOR's live dynamic contacts: static ones do not count.
    """
    if wildcard:
        return Plan(removed=tuple(existing))
    added: list[Asked] = []
    touched: dict[str, tuple[Contact, Asked]] = {}
    for each in wanted:
        known = _find(existing, each)
        if known is not None:
            touched[known.id] = known, each
        else:
            added = [other for other in added if not other.uri.equivalent(each.uri)]
            added.append(each)
    added = [each for each in added if each.expires]
    refreshed = tuple(pair for pair in touched.values() if pair[1].expires)
    removed = tuple(known for known, each in touched.values() if not each.expires)
    others = [contact for contact in existing if contact.id not in touched]
    _check_count(aor, len(existing), len(added), len(refreshed), len(removed))
    surplus = len(others) + len(refreshed) + len(added) - aor.max_contacts
    displaced = sorted(others, key=lambda contact: contact.expiration_time)[: max(surplus, 0)]
    return Plan(tuple(added), refreshed, removed, tuple(displaced) if aor.remove_existing else ())


def _check_count(aor: Aor, existing: int, added: int, refreshed: int, removed: int) -> None:
    """Refuse more than `max_contacts`; with `remove_existing` only what this request wants counts."""
    count = (refreshed + added if aor.remove_existing else existing + added) - removed
    if added and count > aor.max_contacts:
        what = f"{count} contacts would exceed max_contacts={aor.max_contacts} of aor {aor.id!r}"
        raise BindingError(403, what if aor.remove_existing else f"{what}, and remove_existing is no")


def _find(existing: Sequence[Contact], each: Asked) -> Contact | None:
    """Return the contact that names the same resource; equal texts are the rule, and quick."""
    for contact in existing:
        if contact.uri == each.text:
            return contact
    return next((contact for contact in existing if _is_same(contact.uri, each.uri)), None)


def _is_same(stored: str, uri: SipUri) -> bool:
    """Compare as RFC 3261 19.1.4 does; a stored text that is no URI is nobody's contact."""
    try:
        return uri.equivalent(parse_uri(stored))
    except UriError:
        return False
