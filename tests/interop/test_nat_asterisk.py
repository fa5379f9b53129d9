"""Calls out of a private network, through a running Asterisk and through our stack: phones see the same of us."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sorcery_sip import Request
from sorcery_sip.sdp import parse_sdp
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack
from tests.interop.test_identity_asterisk import Phones

pytestmark = pytest.mark.interop

TRANSPORTS = {
    "nothing": "",
    "signalling": "external_signaling_address=192.0.2.77",
    "signalling and port": "external_signaling_address=192.0.2.77\nexternal_signaling_port=5099",
    "media": "external_media_address=192.0.2.78",
    "all, for peers outside": (
        "local_net=10.0.0.0/8\nexternal_signaling_address=192.0.2.77\nexternal_media_address=192.0.2.78"
    ),
    "all, for peers inside": (
        "local_net=127.0.0.0/8\nexternal_signaling_address=192.0.2.77\nexternal_media_address=192.0.2.78"
    ),
}
Seen = dict[str, str]


def configuration(server: int, phone: int, transport: str) -> dict[str, str]:
    """Return the files that both read."""
    pjsip = (
        f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{server}\n{transport}\n"
        "[caller]\ntype=endpoint\ncontext=calls\nallow=ulaw\n"
        "[called]\ntype=endpoint\naors=called\nallow=ulaw\n"
        f"[called]\ntype=aor\ncontact=sip:bob@{LOOPBACK}:{phone}\n"
    )
    return {"pjsip.conf": pjsip, "extensions.conf": "[calls]\nexten => 100,1,Dial(PJSIP/called)\n"}


def seen(phones: Phones, server: int) -> Seen:
    """Make a call, and return what of ours the called phone sees."""
    phones.call(server, "100", "caller", {})
    invite = phones.invite
    assert isinstance(invite, Request)
    description = parse_sdp(invite.body)
    connection = description.media[0].connection
    found = {
        "Via": f"{invite.via.host}:{invite.via.port}",
        "Contact": invite.headers.get("Contact") or "",
        "From": str(invite.from_.uri),
        "c=": connection.host if connection is not None else "",
        "o=": description.origin.address,
    }
    return {name: re.sub(f":{server}\\b", ":SERVER", text) for name, text in found.items()}


@pytest.mark.parametrize("name", TRANSPORTS)
def test_a_phone_sees_the_same_addresses_of_us(asterisk_root: Path, tmp_path: Path, name: str) -> None:
    phones = Phones()
    try:
        port = free_port()
        with Asterisk(asterisk_root, configuration(port, phones.port, TRANSPORTS[name])):
            theirs = seen(phones, port)
        port = free_port()
        for file, text in configuration(port, phones.port, TRANSPORTS[name]).items():
            (tmp_path / file).write_text(text)
        with SipStack(tmp_path):
            ours = seen(phones, port)
    finally:
        phones.close()
    assert ours == theirs
