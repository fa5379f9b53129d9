"""Identification by `identify` sections."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Endpoint, Identify
from sorcery_sip import Address
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.identifier_ip import HeaderIdentifier, IpIdentifier, RequestUriIdentifier


def identify(server: Any, kind: Any, source: Address, fields: dict[str, str] | None = None) -> str | None:
    incoming = Incoming(server.request(fields=fields), source, 0.0)
    found = kind(server.sorcery).identify(incoming)
    return None if found is None else str(found.id)


@pytest.mark.parametrize(
    ("match", "host", "port", "found"),
    [
        ("192.0.2.0/24", "192.0.2.9", 5060, True),
        ("192.0.2.0/24,!192.0.2.9/32", "192.0.2.9", 5060, False),
        ("192.0.2.9:5060", "192.0.2.9", 5060, True),
        ("192.0.2.9:5060", "192.0.2.9", 5061, False),
        ("2001:db8::/32", "2001:db8::1", 5060, True),
        ("192.0.2.0/24", "198.51.100.1", 5060, False),
    ],
)
def test_a_source_address_names_an_endpoint(server: Any, match: str, host: str, port: int, found: bool) -> None:
    server.store(Endpoint(id="trunk"), Identify(id="t", endpoint="trunk", match=match))
    assert identify(server, IpIdentifier, Address(host, port)) == ("trunk" if found else None)


@pytest.mark.parametrize(
    ("wanted", "found"), [("X-Line: one", True), ("X-Line: /^o.e$/", True), ("X-Line: on", False), ("X-No: one", False)]
)
def test_a_header_names_an_endpoint(server: Any, wanted: str, found: bool) -> None:
    server.store(Endpoint(id="trunk"), Identify(id="t", endpoint="trunk", match_header=wanted))
    result = identify(server, HeaderIdentifier, Address("192.0.2.9", 5060), {"X-Line": "one"})
    assert result == ("trunk" if found else None)


@pytest.mark.parametrize(("wanted", "found"), [("sip:pbx.example.com", True), ("/pbx/", True), ("sip:pbx", False)])
def test_a_request_uri_names_an_endpoint(server: Any, wanted: str, found: bool) -> None:
    server.store(Endpoint(id="trunk"), Identify(id="t", endpoint="trunk", match_request_uri=wanted))
    result = identify(server, RequestUriIdentifier, Address("192.0.2.9", 5060))
    assert result == ("trunk" if found else None)


def test_each_alternative_of_a_section_is_asked_by_its_own_identifier(server: Any) -> None:
    server.store(Endpoint(id="trunk"), Identify(id="t", endpoint="trunk", match_header="X-Line: one"))
    assert identify(server, IpIdentifier, Address("192.0.2.9", 5060), {"X-Line": "one"}) is None


def test_identify_by_of_the_endpoint_does_not_count(server: Any) -> None:
    server.store(Endpoint(id="trunk", identify_by="username"), Identify(id="t", endpoint="trunk", match="192.0.2.9"))
    assert identify(server, IpIdentifier, Address("192.0.2.9", 5060)) == "trunk"


def test_a_missing_endpoint_is_logged_and_the_next_identifier_tried(
    server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    server.store(Identify(id="t", endpoint="gone", match="192.0.2.9"))
    assert identify(server, IpIdentifier, Address("192.0.2.9", 5060)) is None
    assert "identify 't': endpoint 'gone' does not exist" in caplog.text
