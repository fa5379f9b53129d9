"""Who passed a call on: Diversion and History-Info, read and written."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Address, Headers, Request, RequestReceived, Response
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.contract import PASS
from sorcery_sip.modules.diversion import Diversion, redirecting_of_request, redirecting_of_response
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.events import RedirectingChanged
from sorcery_sip.pbx.party import Party, Redirecting

PEER = Address("192.0.2.7", 5060, "udp")
DIVERTED = ("Diversion", '"Bob" <sip:200;x=1@pbx>;reason=user-busy;counter=3, <sip:1@pbx>;reason=away')
HISTORY = ("History-Info", "<sip:200@pbx>;index=1, <sip:250@pbx>;index=1.1, <sip:300@pbx;cause=408>;index=1.2")
BOB, CAROL = Party("200", "Bob"), Party("300")


def call(redirecting: Redirecting | None = None, **options: Any) -> CallSession:
    session = CallSession(
        endpoint=Endpoint(id="bob", **options), settings=cast(Any, None), media=cast(Any, None), transport=None
    )
    session.channel = Channel("PJSIP/bob-1", cast(Any, None), id="1.1", created=1.0, caller=Party("222"))
    if redirecting is not None:
        session.channel.redirecting = redirecting
    return session


def invite(*fields: tuple[str, str], to_tag: str = "") -> Request:
    headers = [
        ("From", '"Alice" <sip:100@10.0.0.1>;tag=1'),
        ("To", '"Sales" <sip:300@pbx>' + (f";tag={to_tag}" if to_tag else "")),
        ("CSeq", "1 INVITE"),
        *fields,
    ]
    return Request("INVITE", SipUri("pbx", "300"), Headers(headers))


def response(status: int, *fields: tuple[str, str]) -> Response:
    return Response(status, "x", Headers([*invite(to_tag="2").headers, *fields]))


# -- in


def test_diversion_tells_who_passed_the_call_on_and_why_to_whom_it_is() -> None:
    found = redirecting_of_request(invite(DIVERTED, HISTORY))
    assert found == Redirecting(BOB, Party("300", "Sales"), "user-busy", 1)


def test_without_diversion_history_info_tells_it() -> None:
    assert redirecting_of_request(invite(HISTORY)) == Redirecting(Party("200"), CAROL, "no-answer", 1)


@pytest.mark.parametrize(
    ("cause", "reason"),
    [
        ("404", "unknown"),
        ("486", "user-busy"),
        ("408", "no-answer"),
        ("503", "unavailable"),
        ("302", "unconditional"),
        ("480", "deflection"),
        ("487", "deflection"),
        ("999", "unknown"),
    ],
)
def test_the_cause_in_history_info_is_the_reason(cause: str, reason: str) -> None:
    found = redirecting_of_request(invite(("History-Info", f"<sip:1@h>;index=1, <sip:2@h;cause={cause}>;index=1.1")))
    assert found is not None
    assert found.reason == reason


def test_other_reasons_are_kept_without_their_quotes() -> None:
    found = redirecting_of_request(invite(("Diversion", '<sip:1@h>;reason="out to \\"lunch\\""')))
    assert found is not None
    assert found.reason == 'out to "lunch"'


@pytest.mark.parametrize(
    "field",
    [
        None,
        ("Diversion", "<sip:@@>"),
        ("History-Info", "<sip:1@h>;index=1"),
        ("History-Info", "<sip:1@h>;index=1.1"),
        ("History-Info", "<sip:1@h"),
    ],
)
def test_a_request_that_tells_nothing_was_passed_on_by_nobody(field: tuple[str, str] | None) -> None:
    assert redirecting_of_request(invite(*([field] if field else []))) is None


def test_a_302_is_passed_on_by_diversion_to_its_contact() -> None:
    contact = ("Contact", "<sip:400@elsewhere>")
    found = redirecting_of_response(response(302, DIVERTED, contact), Party("222"))
    assert found == Redirecting(BOB, Party("400"), "user-busy", 1)
    assert redirecting_of_response(response(302, contact), Party("222")).from_ == Party("222")
    assert redirecting_of_response(response(302, contact), Party()).from_ == Party("300", "Sales")


def test_a_181_was_passed_on_by_its_to_to_its_diversion() -> None:
    found = redirecting_of_response(response(181, DIVERTED), Party("222"))
    assert found == Redirecting(Party("300", "Sales"), BOB, "unknown", 1)
    assert redirecting_of_response(response(181), Party("222")).to == Party()


def test_the_first_invite_tells_the_channel() -> None:
    session = call()
    assert session.channel is not None
    assert Diversion().incoming_request(session, RequestReceived(invite(DIVERTED), PEER, None)) is PASS
    assert session.channel.redirecting.from_ == BOB
    Diversion().incoming_request(session, RequestReceived(invite(HISTORY, to_tag="2"), PEER, None))
    assert session.channel.redirecting.from_ == BOB


def test_181_is_told_to_the_other_leg_302_to_who_follows_it_others_to_nobody() -> None:
    session = call()
    assert session.channel is not None
    Diversion().incoming_response(session, response(180, DIVERTED))
    assert (session.channel.redirecting, len(session.channel._events)) == (Redirecting(), 0)
    Diversion().incoming_response(session, response(302, DIVERTED, ("Contact", "<sip:400@h>")))
    assert (session.channel.redirecting.to, len(session.channel._events)) == (Party("400"), 0)
    Diversion().incoming_response(session, response(181, DIVERTED))
    assert [type(event) for event in session.channel._events] == [RedirectingChanged]


# -- out

PASSED_ON = Redirecting(BOB, CAROL, "user-busy", 1)


def sent(session: CallSession, message: Request | Response) -> dict[str, tuple[str, ...]]:
    if isinstance(message, Request):
        headers = Diversion().outgoing_request(session, message, PEER).headers
    else:
        headers = Diversion().outgoing_response(session, message, PEER).headers
    return {name: headers.get_all(name) for name in ("Diversion", "History-Info", "Supported") if name in headers}


def test_histinfo_is_supported_in_invite_181_and_3xx_alone() -> None:
    assert sent(call(), invite()) == {"Supported": ("histinfo",)}
    assert sent(call(), invite(("Supported", "timer, 100rel"))) == {"Supported": ("timer, 100rel, histinfo",)}
    assert [sent(call(), response(status)) for status in (181, 302, 180, 200, 486)] == [
        {"Supported": ("histinfo",)},
        {"Supported": ("histinfo",)},
        {},
        {},
        {},
    ]


def test_an_invite_tells_who_passed_the_call_on_with_the_host_of_from() -> None:
    assert sent(call(PASSED_ON), invite())["Diversion"] == ('"Bob" <sip:200@10.0.0.1>;reason=user-busy',)


def test_a_181_tells_to_whom() -> None:
    assert sent(call(PASSED_ON), response(181))["Diversion"] == ("<sip:300@10.0.0.1>;reason=user-busy",)


def test_what_follows_a_181_repeats_it() -> None:
    session = call(PASSED_ON)
    assert sent(session, response(180)) == {}
    sent(session, response(181))
    assert sent(session, response(180))["Diversion"] == ("<sip:300@10.0.0.1>;reason=user-busy",)


def test_an_older_diversion_is_replaced() -> None:
    assert len(sent(call(PASSED_ON), invite(DIVERTED))["Diversion"]) == 1


def test_a_reason_that_is_no_token_is_quoted() -> None:
    session = call(Redirecting(BOB, CAROL, 'out to "lunch"', 1))
    assert sent(session, invite())["Diversion"] == ('"Bob" <sip:200@10.0.0.1>;reason="out to \\"lunch\\""',)


@pytest.mark.parametrize(
    ("redirecting", "options"),
    [
        (Redirecting(BOB, CAROL, "user-busy", 0), {}),
        (PASSED_ON, {"send_diversion": False}),
        (Redirecting(Party(name="Bob"), CAROL, "user-busy", 1), {}),
    ],
)
def test_nothing_is_told_without_count_send_diversion_and_number(
    redirecting: Redirecting, options: dict[str, Any]
) -> None:
    assert sent(call(redirecting, **options), invite()) == {"Supported": ("histinfo",)}
    told = Redirecting(redirecting.to, redirecting.from_, redirecting.reason, redirecting.count)
    assert sent(call(told, **options), response(181)) == {"Supported": ("histinfo",)}


def test_send_history_info_tells_both_parties_on_the_uri_of_to() -> None:
    session = call(PASSED_ON, send_history_info=True, send_diversion=False)
    assert sent(session, invite())["History-Info"] == (
        '"Bob" <sip:200@pbx>;index=1',
        "<sip:300@pbx;cause=486>;index=1.1",
    )


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("no-answer", 408),
        ("unavailable", 503),
        ("unconditional", 302),
        ("deflection", 480),
        ("away", 404),
        ("do-not-disturb", 404),
        ("whatever", 404),
    ],
)
def test_each_reason_has_its_cause_in_history_info(reason: str, cause: int) -> None:
    session = call(Redirecting(BOB, CAROL, reason, 1), send_history_info=True)
    assert f";cause={cause}>" in sent(session, invite())["History-Info"][1]


def test_history_info_has_one_entry_while_nobody_knows_to_whom() -> None:
    session = call(Redirecting(BOB, Party(), "away", 1), send_history_info=True)
    assert sent(session, invite())["History-Info"] == ('"Bob" <sip:200@pbx>;index=1',)


def test_history_info_of_a_call_that_nobody_passed_on_is_the_to() -> None:
    assert sent(call(send_history_info=True), invite())["History-Info"] == ('"Sales" <sip:300@pbx>;index=1',)
