from __future__ import annotations

import socket
from typing import Any

import pytest

from sorcery.errors import InvalidObject
from sorcery.pjsip import Identify
from sorcery.pjsip.kinds.matches import HeaderMatch, UriMatch

Answers = dict[str, list[str]]


@pytest.fixture
def dns(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers: Answers = {}

    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        if host not in answers:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(0, 0, 0, "", (text, 0)) for text in answers[host]]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return answers


def test_host_names_are_looked_up_printed_as_addresses_and_written_as_names(dns: Answers) -> None:
    dns["sip.example"] = ["192.0.2.1", "192.0.2.1", "2001:db8::1"]
    identify = Identify("i", endpoint="e", match="sip.example:5080, 10.0.0.0/8")
    assert [text for name, text in identify.objectset() if name == "match"] == [
        "10.0.0.0/255.0.0.0",
        "192.0.2.1:5080/255.255.255.255",
        "[2001:db8::1]:5080/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ]
    assert ("match", "sip.example:5080,10.0.0.0/8") in identify.settings()
    assert identify.match.hosts == (("sip.example", "5080"),)


def test_an_address_that_is_let_in_already_is_not_added(dns: Answers) -> None:
    dns["a.example"] = dns["b.example"] = ["192.0.2.1"]
    for match, found in (
        ("a.example,b.example", "192.0.2.1/255.255.255.255"),
        ("192.0.2.0/24,a.example", ""),
        ("192.0.2.0/24,!192.0.2.1/32,a.example", "192.0.2.1/255.255.255.255"),
        ("192.0.2.1:5060,a.example", "192.0.2.1/255.255.255.255"),
        ("192.0.2.1:5060,a.example:5060", ""),
    ):
        assert ",".join(map(str, Identify("i", endpoint="e", match=match).match.found)) == found


def test_names_are_looked_up_anew_and_a_new_address_is_a_new_value(dns: Answers) -> None:
    dns["sip.example"] = ["192.0.2.1"]
    before = Identify("i", endpoint="e", match="sip.example")
    dns["sip.example"] = ["192.0.2.2"]
    assert before != Identify("i", endpoint="e", match="sip.example") == before.evolve()


def test_an_unknown_name_refuses_the_object(dns: Answers) -> None:
    with pytest.raises(InvalidObject, match="does not resolve") as caught:
        Identify("i", endpoint="e", match="nosuch.example,192.0.2.1")
    assert caught.value.option == "match"


@pytest.mark.parametrize("match", ["!192.0.2.1", "bogus host", "256.1.1.1", "host:port", "-/24"])
def test_what_is_neither_network_nor_name_asks_no_resolver(match: str, dns: Answers) -> None:
    with pytest.raises(InvalidObject):
        Identify("i", endpoint="e", match=match)


def test_sources_are_taken_from_lists(dns: Answers) -> None:
    dns["sip.example"] = ["192.0.2.1"]
    one = Identify("i", endpoint="e", match=["10.0.0.0/8", "sip.example"])
    assert one == Identify("i", endpoint="e", match="10.0.0.0/8,sip.example")
    assert one.evolve(match=one.match) == one
    assert one.evolve(match_header=HeaderMatch("X: y"), match_request_uri=UriMatch("/^sip:/")).match == one.match


def test_the_last_network_that_holds_an_address_decides() -> None:
    match = Identify("i", endpoint="e", match="192.0.2.0/24,!192.0.2.9/32,198.51.100.1:5080").match
    assert match.matches("192.0.2.1", 5060)
    assert not match.matches("192.0.2.9")
    assert match.matches("198.51.100.1", 5080)
    assert not match.matches("198.51.100.1", 5060)
    assert not match.matches("2001:db8::1")
    assert not match.matches("no address")


def test_a_header_is_compared_whole_or_by_expression() -> None:
    assert HeaderMatch("X-A:  b c ").matches("b c")
    assert not HeaderMatch("X-A: b").matches("B")
    assert HeaderMatch("X-A: /^[[:alpha:]]{2}[0-9]+$/").matches("ab12")
    assert not HeaderMatch("X-A: /^a$/").matches("ab")
    assert HeaderMatch("X-A: //").matches("")
    assert (HeaderMatch("X-A: a:b").name, HeaderMatch("X-A: a:b").value) == ("X-A", "a:b")


def test_a_uri_is_compared_whole_or_by_expression() -> None:
    assert UriMatch("sip:1@h").matches("sip:1@h")
    assert UriMatch("/^sip:1/").matches("sip:1@h")
    assert not UriMatch("sip:1").matches("sip:1@h")


@pytest.mark.parametrize("expression", ["(", "[", "*a", "a{1", "a{x}"])
def test_a_broken_expression_names_its_option(expression: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        Identify("i", endpoint="e", match_request_uri=f"/{expression}/")
    assert caught.value.option == "match_request_uri"


@pytest.mark.parametrize("expression", ["a{1,2}", "[{]", r"\{", "[[:digit:]]{3}"])
def test_braces_that_bound_or_are_quoted_are_fine(expression: str) -> None:
    assert Identify("i", endpoint="e", match_request_uri=f"/{expression}/").match_request_uri


def test_only_the_last_header_line_counts() -> None:
    assert Identify.from_objectset("i", [("endpoint", "e"), ("match_header", "bad"), ("match_header", "X: y")])
    with pytest.raises(InvalidObject):
        Identify("i", endpoint="e", match_header="bad")
