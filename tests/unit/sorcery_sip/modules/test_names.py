"""Users, domains and what is known under them."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery import InvalidObject, Unavailable
from sorcery.pjsip import DomainAlias, Endpoint
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


def test_ids_of_an_aor_go_from_the_domain_to_the_bare_user(sorcery: Any, names: Names) -> None:
    sorcery.create(DomainAlias(id="a.example", domain="b.example"))
    expected = ["alice@a.example", "alice@b.example", "alice"]
    for number, id in enumerate(expected):
        assert names.aor_id("alice", "a.example", ["other", *expected[number:]]) == id
    assert names.aor_id("alice", "a.example", ["other", "@a.example", ""]) is None
    assert names.aor_id("alice", "", ["alice@", "alice"]) == "alice"


def test_a_silent_alias_hides_neither_endpoint_nor_aor(
    sorcery: Any, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorcery.create(Endpoint(id="alice"))
    retrieve = sorcery.retrieve_by_id

    def silent(cls: Any, id: str) -> Any:
        if cls is DomainAlias:
            raise Unavailable("realtime ps_domain_aliases", "connection refused")
        return retrieve(cls, id)

    monkeypatch.setattr(sorcery, "retrieve_by_id", silent)
    assert names.endpoint("alice", "a.example", "udp") == Endpoint(id="alice")
    assert names.aor_id("alice", "a.example", ["alice"]) == "alice"
    with pytest.raises(Unavailable, match="ps_domain_aliases"):
        names.endpoint("bob", "a.example", "udp")
    with pytest.raises(Unavailable, match="ps_domain_aliases"):
        names.aor_id("bob", "a.example", ["alice"])


def test_only_silence_is_passed_over(sorcery: Any, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(cls: Any, id: str) -> Any:
        raise InvalidObject("endpoint", id, "is no number")

    monkeypatch.setattr(sorcery, "retrieve_by_id", broken)
    with pytest.raises(InvalidObject):
        names.endpoint("alice", "a.example", "udp")
