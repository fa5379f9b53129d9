import pytest

from sorcery_sip.dialog.routes import recorded_routes, routed, target_of
from sorcery_sip.errors import HeaderError
from sorcery_sip.message import Headers, NameAddr, Request, Response, SipUri, parse_uri


def request(*fields: tuple[str, str]) -> Request:
    return Request("INVITE", SipUri("h"), Headers(fields))


def texts(*uris: str) -> tuple[NameAddr, ...]:
    return tuple(NameAddr.parse(f"<{uri}>") for uri in uris)


RECORDED = (("Record-Route", "<sip:p1;lr>, <sip:p2;lr>"), ("Record-Route", "<sip:p3;lr>"))


def test_a_receiver_uses_the_recorded_routes_of_a_request_as_they_stand() -> None:
    assert recorded_routes(request(*RECORDED)) == texts("sip:p1;lr", "sip:p2;lr", "sip:p3;lr")


def test_a_receiver_uses_those_of_a_response_the_other_way_round() -> None:
    response = Response(200, "OK", Headers(RECORDED))
    assert recorded_routes(response) == texts("sip:p3;lr", "sip:p2;lr", "sip:p1;lr")


@pytest.mark.parametrize("text", ["<tel:123>", "<sip:p1", "<>"])
def test_a_hop_nothing_can_be_sent_to_is_refused_by_name(text: str) -> None:
    with pytest.raises(HeaderError, match="Record-Route"):
        recorded_routes(request(("Record-Route", text)))


def test_the_target_is_the_first_contact_without_what_a_request_line_must_not_have() -> None:
    contact = "<sip:b@192.0.2.9:5070;transport=udp?Subject=x>;expires=5, <sip:other@h>"
    assert str(target_of(request(("Contact", contact)))) == "sip:b@192.0.2.9:5070;transport=udp"


@pytest.mark.parametrize("fields", [(), (("Contact", "*"),)])
def test_without_contact_there_is_no_target(fields: tuple[tuple[str, str], ...]) -> None:
    assert target_of(request(*fields)) is None


@pytest.mark.parametrize("text", ["<tel:123>", "<mailto:b@h>", "<sip:b@h"])
def test_a_contact_nothing_can_be_sent_to_is_refused_by_name(text: str) -> None:
    with pytest.raises(HeaderError, match="Contact"):
        target_of(request(("Contact", text)))


TARGET = SipUri("h", "b")


def test_a_loose_first_hop_leaves_the_request_uri_alone() -> None:
    routes = texts("sip:p1;lr", "sip:p2")
    assert routed(TARGET, routes) == (TARGET, routes)
    assert routed(TARGET, texts("sip:p1;LR=on")) == (TARGET, texts("sip:p1;LR=on"))
    assert routed(TARGET, ()) == (TARGET, ())


def test_a_strict_first_hop_gets_its_own_address_and_the_target_goes_last() -> None:
    uri, routes = routed(TARGET, texts("sip:p1?X=y", "sip:p2;lr"))
    assert (uri, routes) == (parse_uri("sip:p1"), texts("sip:p2;lr", "sip:b@h"))
