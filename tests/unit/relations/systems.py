"""A small system: two phones that share an address of record, and a trunk."""

from __future__ import annotations

from sorcery import Object, Plan, Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify, InboundPublication, Registration, Transport

__all__ = ["PHONES", "TRUNK", "signs", "store"]

PHONES: tuple[Object, ...] = (
    Endpoint("alice", auth="alice", aors="alice,desk"),
    Auth("alice", username="alice", password="geheim"),
    Aor("alice", max_contacts=1),
    Aor("desk", max_contacts=2),
    Contact("alice;@1", uri="sip:alice@192.0.2.1", endpoint="alice"),
    Contact("desk;@1", uri="sip:desk@192.0.2.2", endpoint="bob"),
    Endpoint("bob", auth="bob", aors="desk"),
    Auth("bob", username="bob", password="geheim"),
    InboundPublication("mood", endpoint="bob"),
)
TRUNK: tuple[Object, ...] = (
    Transport("tls", protocol="tls", bind="0.0.0.0"),
    Endpoint("trunk", transport="tls", outbound_auth="trunk", aors="trunk"),
    Auth("trunk", username="me", password="geheim"),
    Aor("trunk", contact="sip:192.0.2.77"),
    Identify("trunk", endpoint="trunk", match="192.0.2.77"),
    Registration("trunk", server_uri="sip:x", client_uri="sip:y", endpoint="trunk", line=True, outbound_auth="trunk"),
)


def store(system: Sorcery, *objects: Object) -> None:
    """Create objects, all or none."""
    with system.transaction() as transaction:
        for obj in objects:
            transaction.create(obj)


def signs(plan: Plan) -> list[str]:
    """Return the first line of each change."""
    return [str(change).partition("\n")[0] for change in plan.changes]
