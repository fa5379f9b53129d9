from typing import Any

import pytest

from sorcery_sip.address import Address
from sorcery_sip.dialog import Dialog, DialogId, Refusal, dialog_id_of_request, dialog_id_of_response
from sorcery_sip.errors import HeaderError
from sorcery_sip.message import (
    Headers,
    NameAddr,
    Request,
    Response,
    SipUri,
    Via,
    parse_datagram,
    reply,
    write,
)

PEER = Address("192.0.2.7", 5062, "lan")
ROUTES = ("Record-Route", "<sip:p1;lr>, <sip:p2;lr>")


def request(method: str = "INVITE", number: int = 7, **changed: Any) -> Request:
    fields = {
        "Via": "SIP/2.0/UDP 192.0.2.7:5062;branch=z9hG4bK1",
        "From": '"Alice" <sip:alice@h>;tag=a',
        "To": "<sip:bob@h>",
        "Call-ID": "c",
        "CSeq": f"{number} {method}",
        "Contact": "<sip:alice@192.0.2.7:5062>",
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return Request(method, SipUri("h", "bob"), Headers((k, v) for k, v in fields.items() if v is not None))


def answer(status: int = 200, tag: str = "b", *fields: tuple[str, str], to: Request | None = None) -> Response:
    fields = fields or (("Contact", "<sip:bob@192.0.2.9>"),)
    return reply(to or request(), status, headers=fields, to_tag=tag)


def callee(**changed: Any) -> Dialog:
    return Dialog.from_request(request(**changed), PEER, "b")


def caller(response: Response | None = None) -> Dialog:
    return Dialog.from_response(request(), response or answer(), PEER)


class TestMaking:
    def test_the_called_side_takes_it_from_the_request(self) -> None:
        dialog = callee(Record_Route=ROUTES[1])
        assert dialog.id == DialogId("c", "b", "a")
        assert (str(dialog.local), str(dialog.remote)) == ("<sip:bob@h>;tag=b", '"Alice" <sip:alice@h>;tag=a')
        assert (dialog.local_cseq, dialog.remote_cseq, dialog.is_uac, dialog.is_confirmed) == (0, 7, False, False)
        assert str(dialog.remote_target) == "sip:alice@192.0.2.7:5062"
        assert [str(route) for route in dialog.route_set] == ["<sip:p1;lr>", "<sip:p2;lr>"]
        assert dialog.transport == "lan"

    def test_the_calling_side_takes_it_from_request_and_response(self) -> None:
        dialog = caller(answer(180, "b", ROUTES, ("Contact", "<sip:bob@192.0.2.9>")))
        assert dialog.id == DialogId("c", "a", "b")
        assert (str(dialog.local), str(dialog.remote)) == ('"Alice" <sip:alice@h>;tag=a', "<sip:bob@h>;tag=b")
        assert (dialog.local_cseq, dialog.remote_cseq, dialog.is_uac, dialog.is_confirmed) == (7, None, True, False)
        assert str(dialog.remote_target) == "sip:bob@192.0.2.9"
        assert [str(route) for route in dialog.route_set] == ["<sip:p2;lr>", "<sip:p1;lr>"]

    def test_both_ends_agree_on_what_it_is_called(self) -> None:
        ours, theirs = caller(), callee()
        assert dialog_id_of_response(answer()) == ours.id
        assert dialog_id_of_request(ours.request("BYE")) == theirs.id
        assert dialog_id_of_request(theirs.request("BYE")) == ours.id

    def test_a_2xx_makes_it_confirmed(self) -> None:
        assert caller(answer(200)).is_confirmed

    @pytest.mark.parametrize("contact", [None, "*", "<tel:1>"])
    def test_a_request_without_an_address_to_send_to_makes_none(self, contact: str | None) -> None:
        with pytest.raises(HeaderError, match="Contact"):
            callee(Contact=contact)

    def test_a_response_without_contact_leaves_the_request_uri(self) -> None:
        assert str(caller(answer(180, "b", ("X", "y"))).remote_target) == "sip:bob@h"

    def test_an_old_peer_without_tag_is_one_all_the_same(self) -> None:
        assert Dialog.from_response(request(), answer(100), PEER).id == DialogId("c", "a", "")


class TestRequests:
    def test_they_bear_identity_route_set_and_the_next_number(self) -> None:
        dialog = caller(answer(200, "b", ROUTES, ("Contact", "<sip:bob@192.0.2.9>")))
        contact = NameAddr(SipUri("192.0.2.1", "alice"))
        made = dialog.request(
            "INVITE", contact=contact, headers=[("Supported", "timer")], body=b"v=0", content_type="application/sdp"
        )
        assert str(made.uri) == "sip:bob@192.0.2.9"
        assert list(made.headers) == [
            ("Max-Forwards", "70"),
            ("Route", "<sip:p2;lr>"),
            ("Route", "<sip:p1;lr>"),
            ("From", '"Alice" <sip:alice@h>;tag=a'),
            ("To", "<sip:bob@h>;tag=b"),
            ("Call-ID", "c"),
            ("CSeq", "8 INVITE"),
            ("Contact", "<sip:alice@192.0.2.1>"),
            ("Supported", "timer"),
            ("Content-Type", "application/sdp"),
        ]
        wired = made.with_via(Via.create("192.0.2.1", 5060, "b"))
        assert parse_datagram(write(wired)) == wired

    def test_numbers_rise_and_an_ack_takes_that_of_its_invite(self) -> None:
        dialog = callee()
        assert [dialog.request(method).cseq.number for method in ("INFO", "INVITE", "UPDATE")] == [1, 2, 3]
        early = dialog.ack(2, body=b"v=0", content_type="application/sdp")
        assert (early.method, str(early.cseq), early.body) == ("ACK", "2 ACK", b"v=0")
        assert dialog.request("BYE").cseq.number == 4

    @pytest.mark.parametrize(
        ("routes", "hop", "uri"),
        [
            (None, "sip:alice@192.0.2.7:5062", "sip:alice@192.0.2.7:5062"),
            ("<sip:p1;lr>, <sip:p2>", "sip:p1;lr", "sip:alice@192.0.2.7:5062"),
            ("<sip:p1>, <sip:p2;lr>", "sip:p1", "sip:p1"),
        ],
    )
    def test_the_next_hop_is_the_first_route_or_the_target(self, routes: str | None, hop: str, uri: str) -> None:
        dialog = callee(Record_Route=routes)
        assert (str(dialog.next_hop()), str(dialog.request("BYE").uri)) == (hop, uri)


class TestOrder:
    def test_numbers_of_the_peer_have_to_rise(self) -> None:
        dialog = callee()
        assert dialog.accept(request("INFO", 9)) is None
        for number in (8, 9):
            assert dialog.accept(request("INFO", number)) == Refusal(500, "Invalid CSeq")
        assert dialog.accept(request("INFO", 10)) is None
        assert dialog.remote_cseq == 10

    @pytest.mark.parametrize("method", ["ACK", "CANCEL"])
    def test_what_belongs_to_an_invite_is_always_in_order(self, method: str) -> None:
        dialog = callee()
        assert dialog.accept(request(method, 7)) is None
        assert dialog.accept(request(method, 3)) is None
        assert dialog.remote_cseq == 7

    def test_the_first_request_to_who_called_may_have_any_number(self) -> None:
        dialog = caller()
        assert dialog.accept(request("BYE", 0)) is None
        assert dialog.accept(request("BYE", 0)) is not None


class TestRefresh:
    @pytest.mark.parametrize("method", ["INVITE", "UPDATE", "SUBSCRIBE", "NOTIFY", "REFER"])
    def test_a_new_contact_in_a_request_is_the_new_target(self, method: str) -> None:
        dialog = callee(Record_Route=ROUTES[1])
        dialog.refresh(request(method, 8, Contact="<sip:new@h>", Record_Route="<sip:p9;lr>"))
        assert str(dialog.remote_target) == "sip:new@h"
        assert str(dialog.next_hop()) == "sip:p1;lr"

    @pytest.mark.parametrize("message", [request("INFO", 8, Contact="<sip:new@h>"), request("INVITE", 8, Contact=None)])
    def test_other_requests_and_those_without_contact_change_nothing(self, message: Request) -> None:
        dialog = callee()
        dialog.refresh(message)
        assert str(dialog.remote_target) == "sip:alice@192.0.2.7:5062"

    def test_until_a_2xx_responses_may_change_target_and_routes_and_after_it_only_the_target(self) -> None:
        dialog = caller(answer(180, "b", ROUTES, ("Contact", "<sip:one@h>")))
        seen = []
        for status, target, route in [
            (183, "two", "p3"),
            (200, "three", "p4"),
            (200, "four", "p5"),
            (180, "five", "p6"),
        ]:
            fields = (("Contact", f"<sip:{target}@h>"), ("Record-Route", f"<sip:{route};lr>"))
            dialog.refresh(answer(status, "b", *fields))
            seen.append((dialog.remote_target.user, dialog.next_hop().host, dialog.is_confirmed))
        assert seen == [
            ("two", "p3", False),
            ("three", "p4", True),
            ("four", "p4", True),
            ("four", "p4", True),
        ]

    def test_a_2xx_to_an_update_does_not_confirm(self) -> None:
        dialog = caller(answer(180, "b", ROUTES, ("Contact", "<sip:one@h>")))
        dialog.refresh(answer(200, "b", ("Contact", "<sip:two@h>"), to=request("UPDATE", 8)))
        assert (dialog.remote_target.user, dialog.next_hop().host, dialog.is_confirmed) == ("two", "p2", False)

    def test_the_routes_of_who_was_called_come_from_the_request_alone(self) -> None:
        dialog = callee(Record_Route=ROUTES[1])
        dialog.refresh(answer(200, "a", ("Contact", "<sip:new@h>"), ("Record-Route", "<sip:p9;lr>")))
        assert (str(dialog.remote_target), dialog.next_hop().host) == ("sip:new@h", "p1")

    def test_a_failure_changes_nothing(self) -> None:
        dialog = caller()
        dialog.refresh(answer(302, "b", ("Contact", "<sip:new@h>")))
        assert str(dialog.remote_target) == "sip:bob@192.0.2.9"

    def test_a_contact_that_cannot_be_used_is_told_and_changes_nothing(self) -> None:
        dialog = caller(answer(180))
        with pytest.raises(HeaderError, match="Record-Route"):
            dialog.refresh(answer(200, "b", ("Contact", "<sip:new@h>"), ("Record-Route", "<tel:1>")))
        assert (str(dialog.remote_target), dialog.is_confirmed) == ("sip:bob@192.0.2.9", False)
