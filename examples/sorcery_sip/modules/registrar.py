"""The registrar: REGISTER binds contacts to an AOR (RFC 3261 10.3).

The steps and their answers are those of Asterisk: no 423, `max_contacts=0` refuses, failures are stateless.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from email.utils import formatdate

from sorcery import AlreadyExists, Conflict, NotFound, Sorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.bindings import BindingError, Plan, asked, clamped, plan
from sorcery_sip.modules.contacts import Contacts, Origin
from sorcery_sip.modules.contract import PASS, Decision, Fields, Incoming, answer, refuse
from sorcery_sip.modules.names import Names
from sorcery_sip.modules.nat import shown

__all__ = ["Registrar"]


class Registrar:
    """Bind, refresh and remove contacts. A 200 leaves only after the store holds them."""

    priority = 100

    def __init__(self, sorcery: Sorcery, names: Names, contacts: Contacts) -> None:
        self._sorcery, self._names, self._contacts = sorcery, names, contacts

    def handle(self, incoming: Incoming) -> Decision:
        """Answer a REGISTER; raises `SorceryError` where the store fails, and `HeaderError`."""
        request, endpoint = incoming.request, incoming.endpoint
        if request.method != "REGISTER":
            return PASS
        if endpoint is None or not endpoint.aors:
            return refuse(403, f"registrar: {incoming.identity} has no aors")
        if not isinstance(request.to.uri, SipUri):
            return refuse(416, f"registrar: To is {request.to.uri.scheme!r}; write sip: or sips:")
        aor = self._aor(request, endpoint)
        if isinstance(aor, Decision):
            return aor
        if aor.max_contacts == 0:
            return refuse(403, f"registrar: aor {aor.id!r} has max_contacts=0")
        if aor.support_path and "Path" in request.headers and "path" not in request.tokens("Supported"):
            return refuse(420, "registrar: a Path header, but Supported lacks 'path'", (("Unsupported", "path"),))
        try:
            return self._register(incoming, endpoint, aor)
        except BindingError as error:
            return refuse(error.status, f"registrar: {error.reason}")

    def _aor(self, request: Request, endpoint: Endpoint) -> Aor | Decision:
        """Return the AOR that a request is for: named by To, else by the credentials."""
        allowed = endpoint.aors.names
        user, domain = self._names.user_and_domain(request.to.uri)
        named = [(user, domain)]
        if "auth_username" in endpoint.identify_by:
            named += [(given.username, given.realm) for given in request.credentials if given.is_digest]
        for name, realm in named:
            id = self._names.aor_id(name, realm, allowed)
            if id is not None:
                aor = self._sorcery.retrieve_by_id(Aor, id)
                return aor or refuse(404, f"registrar: aor {id!r} of endpoint {endpoint.id!r} does not exist")
        whose = f"the aors of endpoint {endpoint.id!r} ({', '.join(allowed)})"
        return refuse(404, f"registrar: To {str(request.to.uri)!r} is none of {whose}")

    def _register(self, incoming: Incoming, endpoint: Endpoint, aor: Aor) -> Decision:
        """Plan and store under the AOR's lock; once more if another server on the same store was quicker."""
        with self._contacts.hold(aor.id):
            try:
                done, contacts = self._store(incoming, endpoint, aor)
            except (AlreadyExists, Conflict, NotFound):
                done, contacts = self._store(incoming, endpoint, aor)
        headers = _listed(aor, contacts, incoming.now) + _extras(incoming.request, aor, incoming.now)
        return answer(200, f"registrar: aor {aor.id!r}: {done}", headers)

    def _store(self, incoming: Incoming, endpoint: Endpoint, aor: Aor) -> tuple[Plan, list[Contact]]:
        request, now = incoming.request, incoming.now
        wanted = asked(request, aor)
        live, expired = self._contacts.of(aor.id, now)
        made = plan(aor, live, wanted, wildcard=request.has_wildcard_contact)
        origin = _origin(request, endpoint, aor, self._sorcery.environment.system_name)
        changed = self._contacts.carry_out(made, aor, origin, now, expired)
        gone = {contact.id for contact in (*made.removed, *made.displaced, *changed)}
        return made, [*(contact for contact in live if contact.id not in gone), *changed]


def _origin(request: Request, endpoint: Endpoint, aor: Aor, server: str) -> Origin:
    via = request.vias[-1]
    return Origin(
        endpoint=endpoint.id,
        call_id=_readable(request.call_id),
        user_agent=_readable(request.headers.get("User-Agent") or ""),
        path=_readable(",".join(request.headers.elements("Path"))) if aor.support_path else "",
        via_addr=via.host.strip("[]"),
        via_port=via.port or 0,
        reg_server=server,
    )


def _readable(text: str) -> str:
    """Replace what a store would refuse, zero bytes and octets that are no UTF-8: the phone has to get in."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "\ufffd")


def _listed(aor: Aor, contacts: Sequence[Contact], now: float) -> Fields:
    """Return every contact of the AOR: static ones, then dynamic ones with the seconds they have left."""
    static = tuple(("Contact", f"<{uri.strip('<>')}>") for uri in aor.contact)
    seconds = int(now)
    return static + tuple(
        ("Contact", f"<{shown(contact.uri)}>;expires={contact.expiration_time - seconds}") for contact in contacts
    )


def _extras(request: Request, aor: Aor, now: float) -> Fields:
    fields: Fields = (("Date", _date(int(now))),)
    if request.expires is not None:
        fields += (("Expires", str(clamped(request.expires, aor))),)
    if aor.support_path and "Path" in request.headers:
        fields += tuple(("Path", path) for path in request.headers.elements("Path"))
        fields += (("Supported", "path"),)
    return fields


@functools.lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    """Return unix seconds as the Date header writes them (RFC 3261 20.17)."""
    return formatdate(seconds, usegmt=True)
