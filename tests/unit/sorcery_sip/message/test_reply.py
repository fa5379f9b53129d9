import pytest

from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request
from sorcery_sip.message.reply import acknowledges_reply, reply, reply_to_headers, stable_tag
from sorcery_sip.message.uri import SipUri

FIELDS = [
    ("v", "SIP/2.0/UDP a;branch=z9hG4bK1"),
    ("Via", "SIP/2.0/UDP b;branch=z9hG4bK0"),
    ("Max-Forwards", "70"),
    ("f", '"A" <sip:a@h>;tag=1'),
    ("t", "sip:b@h"),
    ("i", "x"),
    ("CSeq", "1 OPTIONS"),
    ("Contact", "<sip:a@1.2.3.4>"),
]
REQUEST = Request("OPTIONS", SipUri("h"), Headers(FIELDS))


def test_the_fields_that_lead_back_are_copied_and_no_others() -> None:
    response = reply(REQUEST, 200, headers=[("Allow", "OPTIONS")], body=b"x", to_tag="me")
    assert (response.status, response.reason, response.body) == (200, "OK", b"x")
    assert list(response.headers) == [
        ("Via", "SIP/2.0/UDP a;branch=z9hG4bK1"),
        ("Via", "SIP/2.0/UDP b;branch=z9hG4bK0"),
        ("From", '"A" <sip:a@h>;tag=1'),
        ("To", "<sip:b@h>;tag=me"),
        ("Call-ID", "x"),
        ("CSeq", "1 OPTIONS"),
        ("Allow", "OPTIONS"),
    ]


def test_a_phrase_of_ones_own() -> None:
    assert reply(REQUEST, 400, "Missing Contact header").reason == "Missing Contact header"


def test_a_to_tag_that_is_there_stays() -> None:
    inside = REQUEST.with_headers(REQUEST.headers.with_set("To", "<sip:b@h>;tag=theirs"))
    assert reply(inside, 481, to_tag="ours").to.tag == "theirs"


def test_100_gets_no_tag() -> None:
    assert reply(REQUEST, 100).headers.get("To") == "sip:b@h"


def test_repeats_get_the_same_tag_and_other_requests_another() -> None:
    assert reply(REQUEST, 401).to.tag == reply(REQUEST, 200).to.tag == stable_tag(REQUEST.headers)
    natted = REQUEST.headers.with_set("Via", "SIP/2.0/UDP a;branch=z9hG4bK1;rport=9;received=192.0.2.1")
    assert stable_tag(natted) == stable_tag(REQUEST.headers)
    assert stable_tag(REQUEST.headers.with_set("CSeq", "2 OPTIONS")) != stable_tag(REQUEST.headers)


@pytest.mark.parametrize(("to", "answer"), [('"x <sip:b@h>', '"x <sip:b@h>'), ("<sip:b@h>;tag=1", "<sip:b@h>;tag=1")])
def test_a_to_that_cannot_be_read_or_has_a_tag_is_copied(to: str, answer: str) -> None:
    response = reply_to_headers(REQUEST.headers.with_set("To", to), 400)
    assert (response.status, response.headers.get("To")) == (400, answer)


def test_a_reply_to_mere_headers_has_a_tag_too() -> None:
    assert reply_to_headers(REQUEST.headers, 505).to.tag == stable_tag(REQUEST.headers)


def test_the_ack_to_a_reply_is_told_by_branch_and_tag() -> None:
    invite = REQUEST.with_headers(REQUEST.headers.with_set("CSeq", "7 INVITE"))

    def ack(to: str, via: str = FIELDS[0][1]) -> Request:
        headers = invite.headers.with_set("CSeq", "7 ACK").with_set("To", to).with_set("Via", via)
        return Request("ACK", invite.uri, headers)

    refused = str(reply(invite, 401).to)
    assert acknowledges_reply(ack(refused))
    assert not acknowledges_reply(ack(refused, "SIP/2.0/UDP a;branch=z9hG4bK2"))  # the ACK to a 2xx has its own branch
    assert not acknowledges_reply(ack(str(reply(invite, 486, to_tag="dialog").to)))
    assert not acknowledges_reply(ack("<sip:b@h>"))
