"""Users, domains and the ids made of them."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import DomainAlias, Global, Transport
from sorcery_sip.message import parse_uri
from sorcery_sip.modules.names import Names
from sorcery_sip.modules.settings import Settings


@pytest.fixture
def names(sorcery: Any) -> Names:
    return Names(sorcery, Settings(sorcery))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("sip:al%20ice@example.com:5060", ("al ice", "example.com")),
        ("sip:example.com", ("", "example.com")),
        ("tel:+49-30;phone-context=x", ("+49-30", "")),
        ("http://a", ("", "")),
    ],
)
def test_user_and_domain_have_no_escapes(names: Names, uri: str, expected: tuple[str, str]) -> None:
    assert names.user_and_domain(parse_uri(uri)) == expected


def test_ids_of_an_endpoint_go_from_the_domain_to_the_bare_user(sorcery: Any, names: Names) -> None:
    sorcery.create(DomainAlias(id="a.example", domain="b.example"))
    options = [("protocol", "udp"), ("bind", "127.0.0.1"), ("domain", "c.example")]
    sorcery.create(Transport.from_objectset("udp", options))
    expected = ["alice@a.example", "alice@b.example", "alice@c.example", "alice"]
    assert list(names.endpoint_ids("alice", "a.example", "udp")) == expected
    assert list(names.aor_ids("alice", "a.example")) == ["alice@a.example", "alice@b.example", "alice"]


def test_disable_multi_domain_leaves_the_bare_user(sorcery: Any, names: Names) -> None:
    sorcery.create(Global(id="global", disable_multi_domain=True))
    assert list(names.endpoint_ids("alice", "a.example", "udp")) == ["alice"]
