"""What an INVITE has to be."""

from __future__ import annotations

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.message import parse_datagram
from sorcery_sip.message.messages import Request
from sorcery_sip.modules.contract import PASS, Decision
from sorcery_sip.modules.invite_checks import check_invite, check_parts

Fields = dict[str, str]


def read_sdp(body: bytes) -> object:
    if not body.startswith(b"v=0"):
        raise ParseError('line 1 is not "v=0"')
    return body


def invite(fields: Fields | None = None, *, uri: str = "sip:100@pbx", body: str = "") -> Request:
    default = {
        "Via": "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1",
        "From": "<sip:alice@pbx>;tag=1",
        "To": "<sip:100@pbx>",
        "Call-ID": "1",
        "CSeq": "1 INVITE",
        "Contact": "<sip:alice@192.0.2.7>",
    }
    lines = [f"{name}: {value}" for name, value in {**default, **(fields or {})}.items() if value]
    message = parse_datagram("\r\n".join([f"INVITE {uri} SIP/2.0", *lines, "", body]).encode())
    assert isinstance(message, Request)
    return message


def check(request: Request, **options: str) -> Decision:
    return check_invite(request, Endpoint.from_objectset("alice", options.items()), read_sdp)


def test_a_plain_invite_passes() -> None:
    assert check(invite()) is PASS
    assert check(invite({"Content-Type": "application/sdp"}, body="v=0\r\n")) is PASS


@pytest.mark.parametrize("contact", ["", "*", "<tel:100>"])
def test_a_contact_that_is_no_target_gets_400_with_a_warning(contact: str) -> None:
    decision = check(invite({"Contact": contact}))
    assert (decision.status, decision.headers) == (400, (("Warning", '399 pbx "Bad Contact"'),))


def test_sips_has_to_lead_all_the_way() -> None:
    assert check(invite(uri="sips:100@pbx")).status == 480
    assert check(invite({"Contact": "<sips:alice@192.0.2.7>"}, uri="sips:100@pbx")) is PASS
    route = {"Contact": "<sips:alice@192.0.2.7>", "Record-Route": "<sip:192.0.2.9;lr>"}
    assert check(invite(route, uri="sips:100@pbx")).status == 480


def test_a_body_that_is_no_sdp_gets_415_and_what_would_be() -> None:
    decision = check(invite({"Content-Type": "text/plain"}, body="hello"))
    assert decision.status == 415
    assert dict(decision.headers)["Accept"].startswith("application/sdp, multipart/")


def test_a_multipart_body_without_sdp_is_an_invite_without_offer() -> None:
    body = "--x\r\nContent-Type: text/plain\r\nContent-Disposition: signal;handling=optional\r\n\r\nhello\r\n--x--"
    assert check(invite({"Content-Type": "multipart/mixed;boundary=x"}, body=body)) is PASS


def test_sdp_that_cannot_be_read_gets_400_and_why() -> None:
    decision = check(invite({"Content-Type": "application/sdp"}, body="nonsense"))
    assert (decision.status, decision.headers) == (
        400,
        (("Warning", '399 pbx "Bad SDP: line 1 is not \\"v=0\\""'),),
    )


def test_an_unknown_extension_gets_420_that_names_it() -> None:
    decision = check(invite({"Require": "100rel, Magic, timer, wand"}))
    assert (decision.status, decision.headers) == (420, (("Unsupported", "Magic, wand"),))


@pytest.mark.parametrize(("name", "option"), [("100rel", "100rel"), ("timer", "timers")])
def test_an_extension_that_the_endpoint_turned_off_is_unknown(name: str, option: str) -> None:
    assert check(invite({"Require": name})) is PASS
    assert check(invite({"Require": name}), **{option: "no"}).headers == (("Unsupported", name),)


@pytest.mark.parametrize(
    ("option", "value", "name"), [("100rel", "required", "100rel"), ("timers", "required", "timer")]
)
def test_what_the_endpoint_insists_on_gets_421_where_it_is_missing(option: str, value: str, name: str) -> None:
    decision = check(invite(), **{option: value})
    assert (decision.status, decision.headers) == (421, (("Require", name),))
    assert check(invite({"Supported": name}), **{option: value}) is PASS
    assert check(invite({"Require": name}), **{option: value}) is PASS


def test_a_session_that_expires_too_soon_gets_422_and_the_minimum() -> None:
    short = invite({"Session-Expires": "89;refresher=uac", "Supported": "timer"})
    assert (check(short).status, check(short).headers) == (422, (("Min-SE", "90"),))
    assert check(short, timers_min_se="90", timers="no") is PASS
    assert check(invite({"Session-Expires": "90"})) is PASS


def test_an_interval_that_is_no_number_is_named() -> None:
    with pytest.raises(HeaderError, match="Session-Expires"):
        check(invite({"Session-Expires": "soon"}))


def test_the_first_failure_decides() -> None:
    both = invite({"Require": "magic", "Content-Type": "text/plain"}, body="hello")
    assert check(both).status == 415


@pytest.mark.parametrize(
    ("disposition", "refused"),
    [
        ("Content-Disposition: signal;handling=required\r\n", True),
        ("Content-Disposition: signal;handling=optional\r\n", False),
        ("Content-Disposition: signal\r\n", False),
        ("", False),
    ],
)
def test_a_part_that_has_to_be_understood_gets_415(disposition: str, refused: bool) -> None:
    body = (
        "--x\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n--x\r\nContent-Type: application/isup\r\n"
        f"{disposition}\r\n1\r\n--x--"
    )
    request = invite({"Content-Type": "multipart/mixed;boundary=x"}, body=body)
    assert check(request) is PASS
    assert (check_parts(request).status == 415) is refused


def test_sdp_that_looks_like_a_part_is_none() -> None:
    assert check_parts(invite({"Content-Type": "application/sdp"}, body="v=0\r\ns=--\r\n")) is PASS
