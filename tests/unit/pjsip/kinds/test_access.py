from __future__ import annotations

from ipaddress import ip_address

import pytest

from sorcery.errors import InvalidObject
from sorcery.kinds import Refused
from sorcery.pjsip import Acl, Endpoint
from sorcery.pjsip.kinds.access import AccessList, AccessNames, AccessRules


def test_the_last_rule_that_matches_decides() -> None:
    acl = Endpoint("e", deny="0.0.0.0/0", permit="10.0.0.0/8,!10.1.0.0/16").acl
    assert acl.permits("10.2.0.1")
    assert not acl.permits("10.1.0.1")
    assert not acl.permits(ip_address("192.0.2.1"))
    assert not acl.permits("::ffff:192.0.2.1")


def test_an_address_that_no_rule_matches_may_pass() -> None:
    acl = Endpoint("e", deny="10.0.0.0/8").acl
    assert acl.permits("192.0.2.1")
    assert acl.permits("2001:db8::1")
    assert AccessList().permits("192.0.2.1")


def test_a_text_that_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="is no address"):
        AccessList().permits("host.example")


def test_rules_and_names_are_written_as_lines_that_give_them_again() -> None:
    endpoint = Endpoint(
        "e", acl="office", deny="0.0.0.0/0", permit="10.0.0.0/8,2001:db8::/32", contact_permit="!192.0.2.9"
    )
    assert endpoint.settings() == [
        ("deny", "0.0.0.0/0,!10.0.0.0/8,!2001:db8::/32"),
        ("acl", "office"),
        ("contact_deny", "192.0.2.9/32"),
    ]
    assert Endpoint.from_objectset("e", endpoint.settings()) == endpoint


def test_only_the_first_list_is_printed() -> None:
    assert ("acl", "one") in Endpoint("e", acl=["one", "two"]).objectset()
    assert ("acl", "deny/permit") in Endpoint("e", acl="one", permit="10.0.0.0/8").objectset()


def test_a_list_is_named_once() -> None:
    with pytest.raises(InvalidObject, match="twice"):
        Endpoint("e", acl="one,one")


def test_an_empty_rule_is_nothing_to_an_endpoint_and_an_error_to_an_acl() -> None:
    assert Endpoint("e", permit="").acl == AccessList()
    with pytest.raises(InvalidObject):
        Acl("a", permit="")


def test_rules_are_taken_from_lists() -> None:
    assert AccessRules(permit=True).convert(["10.0.0.0/8"]) == AccessRules(permit=False).convert("!10.0.0.0/8")
    assert AccessNames().convert(["a", "b"]).names == ("a", "b")
    assert AccessNames().convert(AccessList(names=("a",))) == AccessNames().convert("a")
    for bad in (["a,b"], [""], [5], 5):
        with pytest.raises(Refused):
            AccessNames().convert(bad)
    for bad in (["host"], 5):
        with pytest.raises(Refused):
            AccessRules(permit=True).convert(bad)


def test_lists_of_several_options_add_up_as_their_texts_do() -> None:
    acl = Endpoint("e", acl=["office"], deny=["0.0.0.0/0"], permit=["10.0.0.0/8"]).acl
    assert acl == Endpoint("e", acl="office", deny="0.0.0.0/0", permit="10.0.0.0/8").acl
    assert not acl.permits("192.0.2.1")
    assert Endpoint("e", deny="0.0.0.0/0", acl=["office"]).acl.rules
    assert not Endpoint("e", deny="0.0.0.0/0").evolve(permit=["10.0.0.0/8"]).acl.permits("192.0.2.1")


def test_a_list_of_an_empty_name_is_another_than_no_list() -> None:
    endpoint = Endpoint("e", acl=" ")
    assert endpoint.acl
    assert endpoint.text("acl") == "deny/permit"
    assert Endpoint.from_objectset("e", endpoint.settings()) == endpoint
    assert not Endpoint("e").acl
