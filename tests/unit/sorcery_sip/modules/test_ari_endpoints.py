from __future__ import annotations

import time

from sorcery import Sorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.ari.state import EndpointState
from sorcery_sip.modules.ari_endpoints import endpoint_states


def test_an_endpoint_is_online_while_one_of_its_aors_has_a_contact(sorcery: Sorcery) -> None:
    for obj in (
        Endpoint(id="fixed", aors=["fixed"]),
        Aor(id="fixed", contact=["sip:fixed@192.0.2.1"]),
        Endpoint(id="registered", aors=["other", "registered"]),
        Aor(id="registered"),
        Contact(id="registered;@1", uri="sip:a@192.0.2.1", expiration_time=int(time.time()) + 60),
        Endpoint(id="away", aors=["away"]),
        Aor(id="away"),
        Endpoint(id="bare"),
        Endpoint(id="gone", aors=["gone"]),
        Aor(id="gone"),
        Contact(id="gone;@1", uri="sip:a@192.0.2.1", expiration_time=int(time.time()) - 1),
    ):
        sorcery.create(obj)
    assert {(state.technology, state.resource): state.state for state in endpoint_states(sorcery, time.time())} == {
        ("PJSIP", "fixed"): "online",
        ("PJSIP", "registered"): "online",
        ("PJSIP", "away"): "offline",
        ("PJSIP", "bare"): "offline",
        ("PJSIP", "gone"): "offline",
    }
    assert isinstance(endpoint_states(sorcery, time.time())[0], EndpointState)
