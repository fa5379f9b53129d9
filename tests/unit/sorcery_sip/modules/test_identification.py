"""The order in which identifiers are asked."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Endpoint, Global
from sorcery_sip import Address
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.identification import Identification
from sorcery_sip.modules.settings import Settings


class Known:
    """An identifier that knows everybody under its own name."""

    def __init__(self, name: str, *, knows: bool = True) -> None:
        self.name, self.knows = name, knows

    def identify(self, incoming: Incoming) -> Endpoint | None:
        return Endpoint(id=self.name) if self.knows else None


@pytest.fixture
def incoming(server: Any) -> Incoming:
    return Incoming(server.request(), Address("192.0.2.7", 5062), 0.0)


@pytest.mark.parametrize(
    ("order", "winner"),
    [("ip,username", "ip"), ("username,ip", "username"), ("anonymous , ip", "anonymous"), ("nonsense", "username")],
)
def test_the_first_in_the_order_wins(sorcery: Any, incoming: Incoming, order: str, winner: str) -> None:
    sorcery.create(Global.from_objectset("global", [("endpoint_identifier_order", order)]))
    identifiers = [Known("username"), Known("ip"), Known("anonymous")]
    found = Identification(Settings(sorcery), identifiers).identify(incoming)
    assert found.endpoint is not None
    assert (found.endpoint.id, found.identity) == (winner, f"endpoint {winner!r} by {winner}")


def test_a_blank_belongs_to_a_name_in_compatible_mode_only(sorcery: Any, incoming: Incoming) -> None:
    sorcery.create(Global.from_objectset("global", [("endpoint_identifier_order", "header, ip")]))
    for compat, winner in ((False, "ip"), (True, "username")):
        identifiers = [Known("username"), Known("ip")]
        found = Identification(Settings(sorcery), identifiers, compat=compat).identify(incoming)
        assert found.endpoint == Endpoint(id=winner)


def test_those_not_named_come_after_those_that_are(sorcery: Any, incoming: Incoming) -> None:
    identifiers = [Known("header"), Known("ip", knows=False), Known("username")]
    found = Identification(Settings(sorcery), identifiers).identify(incoming)
    assert found.endpoint == Endpoint(id="username")


def test_a_changed_order_counts_at_once(sorcery: Any, incoming: Incoming) -> None:
    identification = Identification(Settings(sorcery), [Known("ip"), Known("username")])
    assert identification.identify(incoming).endpoint == Endpoint(id="ip")
    sorcery.create(Global.from_objectset("global", [("endpoint_identifier_order", "username")]))
    assert identification.identify(incoming).endpoint == Endpoint(id="username")


def test_a_stranger_is_told_apart_by_what_was_tried(sorcery: Any, incoming: Incoming) -> None:
    found = Identification(Settings(sorcery), [Known("ip", knows=False)]).identify(incoming)
    assert found.endpoint is None
    assert found.identity == "no endpoint for From 'sip:alice@pbx.example.com'; tried ip"
