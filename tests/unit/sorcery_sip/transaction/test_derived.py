import pytest

from sorcery_sip.message import Headers, Request, SipUri, Via, reply
from sorcery_sip.transaction.derived import ack_to_failure, cancel_of
from sorcery_sip.transaction.key import client_key, invite_key, server_key

FIELDS = [
    ("Max-Forwards", "20"),
    ("Route", "<sip:p1;lr>, <sip:p2;lr>"),
    ("Route", "<sip:p3;lr>"),
    ("From", '"Me" <sip:me@h>;tag=1'),
    ("To", "<sip:b@h>"),
    ("Call-ID", "c"),
    ("CSeq", "7 INVITE"),
    ("Contact", "<sip:me@h>"),
    ("Require", "100rel"),
    ("Content-Type", "application/sdp"),
]
INVITE = Request("INVITE", SipUri("h", "b"), Headers(FIELDS), b"v=0").with_via(Via.create("192.0.2.1", 5060, "b1"))


def fields(request: Request) -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.headers if name not in ("To", "CSeq")]


@pytest.mark.parametrize(
    "request_",
    [ack_to_failure(INVITE, reply(INVITE, 486)), cancel_of(INVITE)],
)
def test_it_has_of_the_invite_what_makes_it_find_the_same_hops_and_transaction(request_: Request) -> None:
    assert request_.uri == INVITE.uri
    assert fields(request_) == [("Via", str(INVITE.via)), *FIELDS[:4], ("Call-ID", "c")]
    assert (request_.cseq.number, request_.cseq.method, request_.body) == (7, request_.method, b"")
    assert invite_key(request_) == server_key(INVITE)


def test_an_ack_has_the_tag_of_the_response_and_a_cancel_the_to_of_the_invite() -> None:
    refused = reply(INVITE, 486, to_tag="theirs")
    assert ack_to_failure(INVITE, refused).to.tag == "theirs"
    assert server_key(ack_to_failure(INVITE, refused)) == server_key(INVITE)
    assert cancel_of(INVITE).to == INVITE.to


def test_only_the_nearest_hop_knows_it() -> None:
    forwarded = INVITE.with_via(Via.create("192.0.2.9", 5060, "b2"))
    assert cancel_of(forwarded).vias == forwarded.vias[:1]


def test_a_cancel_is_a_transaction_of_its_own_and_may_say_why() -> None:
    cancel = cancel_of(INVITE, [("Reason", 'SIP;cause=200;text="Call completed elsewhere"')])
    assert client_key(cancel) != client_key(INVITE)
    assert cancel.headers.get("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'


def test_without_max_forwards_it_gets_the_usual_one() -> None:
    bare = INVITE.with_headers(INVITE.headers.without("Max-Forwards"))
    assert cancel_of(bare).max_forwards == 70
