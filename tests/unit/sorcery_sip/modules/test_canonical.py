"""The spelling of Contact URIs, as an Asterisk was seen to store them."""

from __future__ import annotations

import pytest

from sorcery_sip.message import SipUri, parse_uri
from sorcery_sip.modules.canonical import canonical


def spelt(text: str) -> str:
    parsed = parse_uri(text)
    assert isinstance(parsed, SipUri)
    return str(canonical(parsed))


@pytest.mark.parametrize(
    ("uri", "stored"),
    [
        ("sip:al%5Eice%3b#@h", "sip:al%5eice;%23@h"),
        ("sip:AB%43@h;x=%41%2c", "sip:ABC@h;x=A%2c"),
        ("sip:a%40b%25@h", "sip:a%40b%25@h"),
        ("sip:%ff@h", "sip:%ff@h"),
        ("sip:a:%2F%61@h", "sip:a:%2fa@h"),
        ("sip:a@h?X=%41%26", "sip:a@h?X=A%26"),
        ("sip:h", "sip:h"),
        ("SIP:a@HOST:5060", "sip:a@HOST:5060"),
    ],
)
def test_only_what_has_to_be_escaped_is(uri: str, stored: str) -> None:
    assert spelt(uri) == stored
    assert spelt(stored) == stored


@pytest.mark.parametrize(
    ("uri", "stored"),
    [
        (
            "sip:a@h;b=1;Transport=UDP;a=2;user=phone;maddr=10.1.2.3;ttl=5",
            "user=phone;transport=UDP;ttl=5;maddr=10.1.2.3;b=1;a=2",
        ),
        ("sip:a@h;rinstance=x;transport=tls", "transport=tls;rinstance=x"),
        ("sip:a@h;transport=udp;ob;b=", "transport=udp;ob;b"),
        ("sip:a@h;x;lr;method=INVITE", "x"),
    ],
)
def test_known_parameters_come_first_and_meaningless_ones_go(uri: str, stored: str) -> None:
    assert spelt(uri) == f"sip:a@h;{stored}"
