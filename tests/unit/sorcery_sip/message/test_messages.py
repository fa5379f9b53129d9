import pytest

from sorcery_sip.errors import HeaderError
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.uri import SipUri
from sorcery_sip.message.via import Via

URI = SipUri("example.com")


def request(*fields: tuple[str, str]) -> Request:
    return Request("REGISTER", URI, Headers(fields))


def test_typed_views_of_the_mandatory_fields() -> None:
    message = request(
        ("v", "SIP/2.0/UDP a;branch=1, SIP/2.0/UDP b"),
        ("f", "<sip:a@h>;tag=1"),
        ("t", "Bob, Jr <sip:b@h>"),
        ("i", "x@y"),
        ("CSeq", "7 REGISTER"),
    )
    assert (message.via.host, [via.host for via in message.vias]) == ("a", ["a", "b"])
    assert (message.from_.tag, message.to.display_name, message.to.tag) == ("1", "Bob, Jr", None)
    assert (message.call_id, message.cseq.number) == ("x@y", 7)


@pytest.mark.parametrize("name", ["via", "from_", "to", "call_id", "cseq"])
def test_a_mandatory_field_that_is_absent_raises(name: str) -> None:
    with pytest.raises(HeaderError):
        getattr(request(), name)


def test_optional_fields_are_none_when_absent() -> None:
    message = request()
    assert (message.expires, message.max_forwards, message.content_type) == (None, None, None)
    assert (message.contacts, message.has_wildcard_contact, message.credentials) == ((), False, ())


def test_contacts_leave_out_the_wildcard() -> None:
    message = request(("m", "<sip:a@h>;q=0.5, *"), ("Contact", "sip:b@h"))
    assert [str(contact.uri) for contact in message.contacts] == ["sip:a@h", "sip:b@h"]
    assert message.has_wildcard_contact


def test_numbers_and_types() -> None:
    message = request(("Expires", "60"), ("Max-Forwards", "070"), ("c", "application/SDP"))
    assert (message.expires, message.max_forwards) == (60, 70)
    assert message.content_type is not None
    assert message.content_type.essence == "application/sdp"
    assert request(("Expires", "tomorrow")).expires is None
    with pytest.raises(HeaderError, match="Max-Forwards"):
        _ = request(("Max-Forwards", "300")).max_forwards


def test_lists_of_addresses_and_of_words() -> None:
    message = request(("Path", "<sip:p1;lr>,<sip:p2;lr>"), ("k", "path, 100REL"), ("Supported", "timer"))
    assert [str(path.uri) for path in message.addresses("Path")] == ["sip:p1;lr", "sip:p2;lr"]
    assert message.tokens("Supported") == {"path", "100rel", "timer"}


def test_credentials_and_challenges_are_one_a_field() -> None:
    message = request(("Authorization", 'Digest username="a", realm="r"'), ("Proxy-Authorization", "Basic x"))
    assert [credentials.username for credentials in message.credentials] == ["a"]
    assert [credentials.scheme for credentials in message.proxy_credentials] == ["Basic"]
    fields = [("WWW-Authenticate", 'Digest realm="a"'), ("WWW-Authenticate", 'Digest realm="b"')]
    response = Response(401, "Unauthorized", Headers([*fields, ("Proxy-Authenticate", 'Digest realm="c"')]))
    assert [challenge.realm for challenge in response.challenges] == ["a", "b"]
    assert [challenge.realm for challenge in response.proxy_challenges] == ["c"]


def test_a_hop_is_put_on_top() -> None:
    message = request(("Max-Forwards", "70"), ("v", "SIP/2.0/UDP a")).with_via(Via("b"))
    assert [via.host for via in message.vias] == ["b", "a"]


@pytest.mark.parametrize(("status", "final", "success"), [(100, False, False), (200, True, True), (300, True, False)])
def test_classes_of_responses(status: int, final: bool, success: bool) -> None:
    response = Response(status, "")
    assert (response.is_final, response.is_success) == (final, success)
