"""Endpoints as applications outside see them: which can be reached."""

from __future__ import annotations

from sorcery import Sorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.ari.state import EndpointState

__all__ = ["endpoint_states"]


def endpoint_states(sorcery: Sorcery, now: float) -> list[EndpointState]:
    """Return all endpoints; one is online while an AOR of it has a contact that has not expired at `now`.

    Blocks, raises `Unavailable`.
    """
    live = (contact for contact in sorcery.retrieve_all(Contact) if contact.expiration_time > now)
    registered = {contact.id.partition(";@")[0] for contact in live}
    reachable = registered | {aor.id for aor in sorcery.retrieve_all(Aor) if aor.contact}
    return [
        EndpointState("PJSIP", endpoint.id, "offline" if reachable.isdisjoint(endpoint.aors) else "online")
        for endpoint in sorcery.retrieve_all(Endpoint)
    ]
