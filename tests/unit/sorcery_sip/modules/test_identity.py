"""Who calls: what is read from a request, and what is written about it."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.pjsip import Endpoint, Global
from sorcery.pjsip.kinds.callerid import CallerId
from sorcery_sip import Address, Headers, Request
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.modules.identity import (
    asserted_party,
    caller_of,
    contact_address,
    from_address,
    line_of,
    told_by,
    with_identity,
    with_user_phone,
)
from sorcery_sip.pbx.party import Party

ALICE = '"Alice" <sip:100@10.0.0.1>;tag=1'
LOCAL = Address("192.0.2.99", 5060, "udp")
SETTINGS = Global(id="global")
ANN = Party("4711", "Ann")
HIDDEN = Party("4711", "Ann", "prohib_not_screened")


def bob(**options: Any) -> Endpoint:
    return Endpoint(id="bob", **options)


def invite(*fields: tuple[str, str], from_: str = ALICE) -> Request:
    return Request("INVITE", SipUri("pbx.example", "200"), Headers([("From", from_), ("To", "<sip:200@pbx>"), *fields]))


# -- in


def test_without_trust_the_caller_is_the_from() -> None:
    request = invite(("P-Asserted-Identity", '"Boss" <sip:1@pbx>'), ("Remote-Party-ID", "<sip:2@pbx>"))
    assert caller_of(request, bob()) == Party("100", "Alice")


def test_callerid_with_a_number_stands_in_for_the_from() -> None:
    endpoint = bob(callerid=CallerId("Reception", "900"), callerid_privacy="prohib")
    assert caller_of(invite(), endpoint) == Party("900", "Reception", "prohib")


def test_callerid_without_a_number_does_not() -> None:
    assert caller_of(invite(), bob(callerid=CallerId("Reception", ""))).number == "100"


def test_callerid_privacy_is_the_presentation_of_the_from() -> None:
    assert caller_of(invite(), bob(callerid_privacy="prohib_passed_screen")).presentation == "prohib_passed_screen"


def test_callerid_tag_marks_the_caller_however_it_was_found() -> None:
    trusted = bob(callerid_tag="sales", trust_id_inbound=True)
    asserted = ("P-Asserted-Identity", "<sip:1@pbx>")
    assert [caller_of(invite(*fields), trusted).tag for fields in ((), (asserted,))] == ["sales", "sales"]


def test_trust_id_inbound_takes_p_asserted_identity_before_remote_party_id() -> None:
    trusted = bob(trust_id_inbound=True, callerid=CallerId("", "900"))
    both = (("Remote-Party-ID", "<sip:2@pbx>"), ("P-Asserted-Identity", '"Boss" <sip:1@pbx>, <tel:+1>'))
    assert caller_of(invite(*both), trusted) == Party("1", "Boss")
    assert caller_of(invite(both[0]), trusted) == Party("2")
    assert caller_of(invite(), trusted) == Party("900")


@pytest.mark.parametrize(
    ("privacy", "presentation"),
    [(None, "allowed_not_screened"), ("none", "allowed_not_screened"), ("id", "prohib_not_screened")],
)
def test_privacy_withholds_an_asserted_identity(privacy: str | None, presentation: str) -> None:
    fields = [("P-Asserted-Identity", "<sip:1@pbx>"), *([("Privacy", privacy)] if privacy else [])]
    found = asserted_party(invite(*fields))
    assert found is not None
    assert found.presentation == presentation


@pytest.mark.parametrize(
    ("params", "presentation"),
    [
        ("", "allowed_not_screened"),
        (";privacy=off;screen=no", "allowed_not_screened"),
        (";privacy=full", "prohib_not_screened"),
        (";privacy=uri", "prohib_not_screened"),
        (";privacy=name;screen=yes", "prohib_passed_screen"),
        (';screen="yes"', "allowed_passed_screen"),
        (";privacy=FULL;screen=Yes", "prohib_passed_screen"),
    ],
)
def test_remote_party_id_tells_privacy_and_screening(params: str, presentation: str) -> None:
    found = asserted_party(invite(("Remote-Party-ID", f'"Boss" <sip:1@pbx>{params}')))
    assert found == Party("1", "Boss", presentation)


def test_an_identity_that_cannot_be_read_is_not_there() -> None:
    assert caller_of(invite(("P-Asserted-Identity", "<sip:@@>")), bob(trust_id_inbound=True)) == Party("100", "Alice")


@pytest.mark.parametrize(
    ("from_", "number"),
    [
        ("<sip:100;phone-context=x@10.0.0.1>;tag=1", "100"),
        ("<tel:+4930-1;ext=5>;tag=1", "+4930-1"),
        ("<sip:%2B49@10.0.0.1>;tag=1", "+49"),
        ("<sip:10.0.0.1>;tag=1", ""),
    ],
)
def test_a_number_is_the_user_without_options_or_that_of_a_tel_uri(from_: str, number: str) -> None:
    found = caller_of(invite(from_=from_), bob())
    assert (found.number, found.number_valid) == (number, bool(number))


@pytest.mark.parametrize(
    ("from_", "line"),
    [
        ("<sip:1@h;isup-oli=27>;tag=1", 27),
        ("<sip:1@h>;tag=1;ss7-oli=8", 8),
        ("<sip:1@h;oli=x>;tag=1", None),
        ("<sip:1@h>;tag=1;oli=0", 0),
        (ALICE, None),
    ],
)
def test_originating_line_information_is_a_parameter_of_from(from_: str, line: int | None) -> None:
    assert line_of(invite(from_=from_)) == line


# -- From


def test_from_is_the_caller_at_our_address() -> None:
    assert str(from_address(bob(), SETTINGS, ANN, "192.0.2.99")) == '"Ann" <sip:4711@192.0.2.99>'
    assert str(from_address(bob(), SETTINGS, ANN, "2001:db8::1")) == '"Ann" <sip:4711@[2001:db8::1]>'


def test_without_a_number_from_is_default_from_user() -> None:
    assert str(from_address(bob(), SETTINGS, Party(name="Ann"), "h")) == '"Ann" <sip:asterisk@h>'
    assert str(from_address(bob(), Global(id="g", default_from_user="pbx"), Party(), "h")) == "<sip:pbx@h>"


def test_a_number_that_is_valid_and_empty_leaves_no_user() -> None:
    assert str(from_address(bob(), SETTINGS, Party("", "Ann", number_valid=True), "h")) == '"Ann" <sip:h>'


def test_from_user_replaces_the_number_and_drops_the_name_from_domain_the_host() -> None:
    endpoint = bob(from_user="trunk", from_domain="example.com")
    assert str(from_address(endpoint, SETTINGS, ANN, "h")) == "<sip:trunk@example.com>"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({}, '"Anonymous" <sip:anonymous@anonymous.invalid>'),
        ({"from_user": "trunk"}, '"Anonymous" <sip:trunk@anonymous.invalid>'),
        ({"from_domain": "example.com"}, '"Anonymous" <sip:anonymous@example.com>'),
        ({"trust_id_outbound": True}, '"Anonymous" <sip:anonymous@anonymous.invalid>'),
    ],
)
def test_a_withheld_caller_is_anonymous_in_from(options: dict[str, Any], text: str) -> None:
    assert str(from_address(bob(**options), SETTINGS, HIDDEN, "h")) == text


def test_numbers_and_names_cannot_break_the_header() -> None:
    party = Party('1@<2>"', 'A\r\nX: "y"\\')
    text = str(from_address(bob(), SETTINGS, party, "h"))
    assert text == '"A  X: \\"y\\"\\\\" <sip:1%40%3C2%3E%22@h>'
    assert NameAddr.parse(text).uri == parse_uri("sip:1%40%3C2%3E%22@h")


@pytest.mark.parametrize(
    ("user", "marked"),
    [("4711", True), ("+4930", True), ("bob", False), ("47*11", False), ("+", False), (None, False)],
)
def test_user_eq_phone_marks_users_of_digits(user: str | None, marked: bool) -> None:
    found = with_user_phone(SipUri("h", user), bob(user_eq_phone=True))
    assert (found.params.get("user") == "phone") is marked
    assert with_user_phone(SipUri("h", user), bob()) == SipUri("h", user)


def test_user_eq_phone_counts_for_from_too() -> None:
    assert str(from_address(bob(user_eq_phone=True), SETTINGS, ANN, "h")) == '"Ann" <sip:4711@h;user=phone>'


# -- Contact


@pytest.mark.parametrize(
    ("options", "settings", "party", "text"),
    [
        ({}, {}, None, "<sip:192.0.2.99:5060>"),
        ({"contact_user": "desk", "from_user": "x"}, {}, None, "<sip:desk@192.0.2.99:5060>"),
        ({}, {}, ANN, "<sip:asterisk@192.0.2.99:5060>"),
        ({"from_user": "trunk"}, {}, ANN, "<sip:trunk@192.0.2.99:5060>"),
        ({"from_user": "trunk"}, {"use_callerid_contact": True}, ANN, "<sip:4711@192.0.2.99:5060>"),
        ({}, {"use_callerid_contact": True}, HIDDEN, "<sip:anonymous@192.0.2.99:5060>"),
        ({"contact_user": "desk"}, {"use_callerid_contact": True}, ANN, "<sip:desk@192.0.2.99:5060>"),
        ({}, {"use_callerid_contact": True}, Party(), "<sip:asterisk@192.0.2.99:5060>"),
    ],
)
def test_our_contact(options: dict[str, Any], settings: dict[str, Any], party: Party | None, text: str) -> None:
    assert str(contact_address(bob(**options), Global(id="g", **settings), LOCAL, party)) == text


# -- P-Asserted-Identity and Remote-Party-ID

BASE = NameAddr(SipUri("192.0.2.99", "asterisk"), "", NameAddr.parse(ALICE).params)


def told(endpoint: Endpoint, party: Party, *fields: tuple[str, str], is_caller: bool = True) -> dict[str, str]:
    return dict(with_identity(Headers(fields), BASE, party, endpoint, is_caller=is_caller))


def test_nothing_is_told_unless_it_is_to_be_sent() -> None:
    assert told(bob(), ANN) == {}


def test_send_pai_writes_the_party_on_the_uri_of_from() -> None:
    assert told(bob(send_pai=True), ANN) == {"P-Asserted-Identity": '"Ann" <sip:4711@192.0.2.99>'}


def test_a_withheld_party_is_told_to_who_is_trusted_alone_with_privacy() -> None:
    assert told(bob(send_pai=True), HIDDEN) == {}
    assert told(bob(send_pai=True, trust_id_outbound=True), HIDDEN) == {
        "P-Asserted-Identity": '"Ann" <sip:4711@192.0.2.99>',
        "Privacy": "id",
    }


def test_a_party_without_a_valid_number_is_not_told() -> None:
    assert told(bob(send_pai=True, send_rpid=True), Party(name="Ann")) == {}


def test_send_rpid_writes_who_called_privacy_and_screening() -> None:
    trusted = bob(send_rpid=True, trust_id_outbound=True)
    assert told(trusted, ANN) == {
        "Remote-Party-ID": '"Ann" <sip:4711@192.0.2.99>;party=calling;privacy=off;screen=no',
    }
    screened = Party("4711", "", "prohib_passed_screen")
    assert told(trusted, screened, is_caller=False) == {
        "Remote-Party-ID": "<sip:4711@192.0.2.99>;party=called;privacy=full;screen=yes",
    }


def test_a_header_that_is_there_gets_number_and_name_and_is_not_doubled() -> None:
    fields = (("P-Asserted-Identity", '"X" <sip:1@example.com;a=b>'), ("Privacy", "id"))
    assert told(bob(send_pai=True), ANN, *fields) == {"P-Asserted-Identity": '"Ann" <sip:4711@example.com;a=b>'}


def test_an_identity_is_not_built_on_an_anonymous_from() -> None:
    request = invite(
        ("Contact", "<sip:asterisk@192.0.2.99:5060>, <sip:other@192.0.2.98>"),
        from_='"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1',
    )
    assert str(told_by(request)) == "<sip:anonymous@192.0.2.99>"
    with_contact = invite(("Contact", "<sip:asterisk@192.0.2.99:5060>, <sip:other@192.0.2.98>"))
    assert told_by(with_contact).uri == SipUri("10.0.0.1", "100")
