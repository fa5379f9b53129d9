"""Routes: outbound proxies and the Path of a registration."""

from __future__ import annotations

import pytest

from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip import ParseError
from sorcery_sip.modules.path import parse_routes, routes_to

PATH = "<sip:edge1.example;lr>, <sip:edge2.example;lr>"
AOR = Aor(id="bob", support_path=True)
CONTACT = Contact(id="bob;@1", uri="sip:bob@h", path=PATH)
PROXY = "sip:proxy.example;lr"


def routes(endpoint: Endpoint, aor: Aor | None, contact: Contact | None) -> list[str]:
    return [str(route) for route in routes_to(endpoint, aor, contact)]


def test_the_path_of_a_contact_is_its_route_in_order() -> None:
    assert routes(Endpoint(id="bob"), AOR, CONTACT) == ["<sip:edge1.example;lr>", "<sip:edge2.example;lr>"]


def test_a_path_counts_only_where_the_aor_supports_it() -> None:
    assert routes(Endpoint(id="bob"), Aor(id="bob"), CONTACT) == []
    assert routes(Endpoint(id="bob"), None, CONTACT) == []
    assert routes(Endpoint(id="bob"), None, None) == []


def test_the_outbound_proxy_stands_before_the_path() -> None:
    endpoint = Endpoint(id="bob", outbound_proxy=PROXY)
    assert routes(endpoint, AOR, CONTACT)[0] == "<sip:proxy.example;lr>"
    assert len(routes(endpoint, AOR, CONTACT)) == 3


def test_the_proxy_of_the_contact_counts_where_the_endpoint_has_none() -> None:
    contact = Contact(id="bob;@1", uri="sip:bob@h", outbound_proxy="<sip:other.example;lr>")
    assert routes(Endpoint(id="bob"), AOR, contact) == ["<sip:other.example;lr>"]
    assert routes(Endpoint(id="bob", outbound_proxy=PROXY), AOR, contact) == ["<sip:proxy.example;lr>"]


def test_what_is_no_route_is_refused() -> None:
    with pytest.raises(ParseError):
        list(parse_routes("proxy.example"))
