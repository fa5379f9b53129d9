import pytest

from sorcery_sip.errors import UriError
from sorcery_sip.message.uri import MAX_URI, OtherUri, SipUri, TelUri, parse_uri

# Pairs after RFC 3261 19.1.4.
EQUIVALENT = [
    ("sip:%61lice@atlanta.example;transport=TCP", "sip:alice@AtLanTa.example;Transport=tcp"),
    ("sip:carol@chicago.example", "sip:carol@chicago.example;newparam=5"),
    ("sip:carol@chicago.example;security=on", "sip:carol@chicago.example;newparam=5"),
    ("sip:b@x.example;transport=tcp?to=sip:r%40x&method=y", "sip:b@x.example;transport=tcp?method=y&to=sip:r%40x"),
    ("SIP:bob@x.example", "sip:bob@x.example"),
    ("tel:+358-555-1234567", "TEL:+3585551234567"),
    ("urn:service:sos", "URN:service:sos"),
]
DIFFERENT = [
    ("sip:ALICE@atlanta.example", "sip:alice@atlanta.example"),
    ("sip:bob@biloxi.example", "sip:bob@biloxi.example:5060"),
    ("sip:bob@biloxi.example", "sip:bob@biloxi.example;transport=udp"),
    ("sip:bob@biloxi.example", "sip:bob@biloxi.example:6000;transport=tcp"),
    ("sip:carol@chicago.example;newparam=5", "sip:carol@chicago.example;newparam=6"),
    ("sip:carol@chicago.example", "sip:carol@chicago.example?Subject=next"),
    ("sip:bob@phone21.example", "sip:bob@192.0.2.4"),
    ("sip:bob@x.example;maddr=192.0.2.1", "sip:bob@x.example"),
    ("sip:bob@x.example", "sips:bob@x.example"),
    ("sip:a%3Bb@x.example", "sip:a;b@x.example"),
    ("sip:bob:1@x.example", "sip:bob:2@x.example"),
    ("sip:+3585551234567@x.example", "tel:+3585551234567"),
    ("tel:+1;postd=pp22", "tel:+1"),
    ("urn:service:sos", "urn:service:fire"),
]


@pytest.mark.parametrize(("one", "other"), EQUIVALENT)
def test_equivalent(one: str, other: str) -> None:
    assert parse_uri(one).equivalent(parse_uri(other))
    assert parse_uri(other).equivalent(parse_uri(one))


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_not_equivalent(one: str, other: str) -> None:
    assert not parse_uri(one).equivalent(parse_uri(other))
    assert not parse_uri(other).equivalent(parse_uri(one))


@pytest.mark.parametrize(
    "text",
    [
        "sip:alice@example.com",
        "sips:alice:secret@example.com:5061;transport=tcp;x-unknown=1;lr?subject=x&priority=urgent",
        "sip:[2001:db8::1]:5060",
        "sip:user;par=u%40example.net@example.com",
        "sip:null-%00-null@example.com",
        "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
        "tel:+1-201-555-0123;phone-context=example.com",
        "soap.beep://192.0.2.103:3002",
    ],
)
def test_printing_gives_back_what_was_read(text: str) -> None:
    assert str(parse_uri(text)) == text


def test_parts_of_a_sip_uri() -> None:
    uri = parse_uri("sip:alice:pw@[::1]:5070;Transport=TCP;lr?a=b")
    assert isinstance(uri, SipUri)
    assert (uri.user, uri.password, uri.host, uri.port) == ("alice", "pw", "[::1]", 5070)
    assert (uri.transport, uri.headers) == ("tcp", (("a", "b"),))


def test_other_schemes_have_types_of_their_own() -> None:
    assert isinstance(parse_uri("tel:5551234"), TelUri)
    assert parse_uri("isbn:2983792873") == OtherUri("isbn", "2983792873")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "alice",
        "sip:",
        "sip:@example.com",
        "<sip:alice@example.com>",
        "sip:alice@example.com; lr",
        "sip:alice@exa mple.com",
        "sip:alice@example.com:0",
        "sip:alice@example.com:70000",
        "sip:[::zz]",
        "sip:[1:2:3]",
        "sip:alice@example.com?novalue",
        "sip:alice@" + "h" * 300,
        "tel:",
        "tel:12;a=b;=",
        "http:",
    ],
)
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(UriError) as caught:
        parse_uri(text)
    assert caught.value.status == 400


def test_a_uri_over_the_limit_has_a_status_of_its_own() -> None:
    assert str(parse_uri("sip:" + "u" * (MAX_URI - 6) + "@h"))
    with pytest.raises(UriError) as caught:
        parse_uri("sip:" + "u" * (MAX_URI - 5) + "@h")
    assert caught.value.status == 414
