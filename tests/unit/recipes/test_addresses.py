"""What can be dialled, and where other systems are."""

from __future__ import annotations

import pytest

from sorcery import InvalidObject
from sorcery.recipes.addresses import Peer, peers, require_usable, user_part


@pytest.mark.parametrize("id", ["100", "alice", "a.b_c-d", "+4930", "*97", "alice@example.com"])
def test_such_an_id_can_be_dialled_and_registered_with(id: str) -> None:
    require_usable(id, ["ulaw"])


@pytest.mark.parametrize("id", ["", "a b", "a,b", "a/b", "a;b", "a&b", "a@b@c", "ü", "a]", "<a>", "a\nb"])
def test_such_an_id_cannot(id: str) -> None:
    with pytest.raises(InvalidObject, match="cannot be dialled"):
        require_usable(id, ["ulaw"])


def test_without_codecs_nothing_can_be_heard() -> None:
    with pytest.raises(InvalidObject, match="without a codec"):
        require_usable("100", [])


def test_a_device_logs_in_without_its_domain() -> None:
    assert user_part("alice@example.com") == user_part("alice") == "alice"


@pytest.mark.parametrize(
    ("text", "peer", "uri"),
    [
        ("192.0.2.1", Peer("192.0.2.1"), "sip:192.0.2.1"),
        ("192.0.2.1:5070", Peer("192.0.2.1", "5070"), "sip:192.0.2.1:5070"),
        ("sip.example.com", Peer("sip.example.com"), "sip:sip.example.com"),
        ("2001:db8::1", Peer("2001:db8::1"), "sip:[2001:db8::1]"),
        ("[2001:db8::1]:5070", Peer("2001:db8::1", "5070"), "sip:[2001:db8::1]:5070"),
    ],
)
def test_a_host_may_have_a_port(text: str, peer: Peer, uri: str) -> None:
    assert peers("t", [text]) == (peer,)
    assert peer.uri() == uri
    assert peer.uri("bob", protocol="tls") == uri.replace("sip:", "sip:bob@") + ";transport=tls"


@pytest.mark.parametrize("text", ["", "a b", "sip:a", "a/b", "a:0", "a:70000", "a:x", "[::1", "a,b", "!a"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(InvalidObject, match="is no host"):
        peers("t", [text])


def test_a_trunk_needs_a_host() -> None:
    with pytest.raises(InvalidObject, match="there is no host"):
        peers("t", [])
