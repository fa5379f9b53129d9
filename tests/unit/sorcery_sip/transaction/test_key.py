import pytest

from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.uri import parse_uri
from sorcery_sip.transaction.key import client_key, invite_key, server_key

NEW = {
    "method": "OPTIONS",
    "uri": "sip:b@h",
    "Via": "SIP/2.0/UDP host:5062;branch=z9hG4bK1",
    "From": "<sip:a@h>;tag=1",
    "To": "<sip:b@h>",
    "Call-ID": "x",
    "CSeq": "1",
}
OLD = NEW | {"Via": "SIP/2.0/UDP host;branch=1"}


def request(base: dict[str, str], **changed: str) -> Request:
    parts = base | {name.replace("_", "-"): value for name, value in changed.items()}
    cseq = f"{parts['CSeq']} {parts['method']}"
    fields = [(name, parts[name]) for name in ("Via", "From", "To", "Call-ID")]
    return Request(parts["method"], parse_uri(parts["uri"]), Headers([*fields, ("CSeq", cseq)]))


@pytest.mark.parametrize("base", [NEW, OLD])
def test_a_repeat_has_the_same_key(base: dict[str, str]) -> None:
    assert server_key(request(base)) == server_key(request(base))


@pytest.mark.parametrize(
    "changed",
    [
        {"Via": "SIP/2.0/UDP host:5062;branch=z9hG4bK2"},
        {"Via": "SIP/2.0/UDP other:5062;branch=z9hG4bK1"},
        {"Via": "SIP/2.0/UDP host:5063;branch=z9hG4bK1"},
        {"method": "MESSAGE"},
    ],
)
def test_branch_sent_by_and_method_make_the_key(changed: dict[str, str]) -> None:
    assert server_key(request(NEW, **changed)) != server_key(request(NEW))


def test_nothing_else_counts_once_the_branch_is_unique() -> None:
    changed = {"uri": "sip:c@h", "From": "<sip:z@h>;tag=9", "Call_ID": "y", "CSeq": "2"}
    assert server_key(request(NEW, **changed)) == server_key(request(NEW))
    assert server_key(request(NEW, Via="SIP/2.0/UDP HOST:5062;branch=z9hG4bK1")) == server_key(request(NEW))


@pytest.mark.parametrize(
    "changed",
    [
        {"uri": "sip:c@h"},
        {"From": "<sip:a@h>;tag=2"},
        {"To": "<sip:b@h>;tag=2"},
        {"Call_ID": "y"},
        {"CSeq": "2"},
        {"method": "MESSAGE"},
        {"Via": "SIP/2.0/UDP host;branch=2"},
    ],
)
def test_an_old_client_is_told_by_everything_a_repeat_shares(changed: dict[str, str]) -> None:
    assert server_key(request(OLD, **changed)) != server_key(request(OLD))


def test_a_cookie_without_more_counts_as_old() -> None:
    bare = NEW | {"Via": "SIP/2.0/UDP host;branch=z9hG4bK"}
    assert server_key(request(bare, Call_ID="y")) != server_key(request(bare))


@pytest.mark.parametrize("base", [NEW, OLD])
def test_ack_and_cancel_lead_to_their_invite(base: dict[str, str]) -> None:
    invite = server_key(request(base, method="INVITE"))
    ack, cancel = request(base, method="ACK", To="<sip:b@h>;tag=ours"), request(base, method="CANCEL")
    assert server_key(ack) == invite_key(ack) == invite
    assert invite_key(cancel) == invite
    assert server_key(cancel) != invite


def test_a_response_finds_its_request_by_branch_and_method() -> None:
    asked = request(NEW)
    assert client_key(Response(200, "OK", asked.headers)) == client_key(asked)
    other = request(NEW, method="MESSAGE")
    assert client_key(Response(200, "OK", other.headers)) != client_key(asked)
