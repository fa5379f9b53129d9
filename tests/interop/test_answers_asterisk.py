"""What a caller sees of a call, through a running Asterisk and through our stack with the same files: the same.

Compared are the responses to its INVITE, and what they tell about who answers and where the call goes.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sorcery_sip import Request, Response, reply
from sorcery_sip.message import parse_datagram, write
from tests.interop.ports import LOOPBACK
from tests.interop.side_by_side import through_both

pytestmark = pytest.mark.interop

SILENCE = 8.0
SDP = (
    f"v=0\r\no=- 1 1 IN IP4 {LOOPBACK}\r\ns=-\r\nc=IN IP4 {LOOPBACK}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
COMPARED = ("P-Asserted-Identity", "Remote-Party-ID", "Privacy", "Diversion", "History-Info", "Reason")
GAP = 0.15
"""Seconds between two responses of the called phone: time for each to come through by itself."""

Answer = tuple[int, Mapping[str, str]]
Seen = dict[str, list[dict[str, object]]]


class Call(NamedTuple):
    """One call: options of who calls and who is called, what the called phone answers, steps around Dial."""

    answers: Sequence[Answer]
    caller: str = ""
    called: str = ""
    steps: Sequence[str] = ()
    dial: str = "PJSIP/{called},20"
    then: Sequence[str] = ()


def status(code: int, **fields: str) -> Answer:
    return code, {name.replace("_", "-"): text for name, text in fields.items()}


TELLS = "send_pai=yes\nsend_rpid=yes"
TRUSTED = "trust_id_inbound=yes"
BOSS = f'"Boss" <sip:77@{LOOPBACK}>'
CALLS = {
    "ringing, busy": Call([status(180), status(486)]),
    "refused": Call([status(603)]),
    "not found": Call([status(404)]),
    "gone": Call([status(480)]),
    "busy everywhere": Call([status(600)]),
    "not acceptable": Call([status(488)]),
    "unavailable": Call([status(503)]),
    "server error": Call([status(500)]),
    "forbidden": Call([status(403)]),
    "moved, to nobody": Call([status(302, Contact="<sip:nobody@127.0.0.1>")]),
    "answered": Call([status(180), status(200)]),
    "who is called has callerid": Call([status(180), status(200)], TELLS, 'callerid="Bob" <200>'),
    "without callerid": Call([status(180), status(200)], TELLS),
    "an identity that is not trusted": Call([status(180, P_Asserted_Identity=BOSS), status(200)], TELLS),
    "an identity in the answer": Call([status(180), status(200, P_Asserted_Identity=BOSS)], TELLS, TRUSTED),
    "an identity while it rings": Call([status(180, P_Asserted_Identity=BOSS), status(200)], TELLS, TRUSTED),
    "an identity that is withheld": Call(
        [status(180, P_Asserted_Identity=BOSS, Privacy="id"), status(200)], f"{TELLS}\ntrust_id_outbound=yes", TRUSTED
    ),
    "no trust in connected lines": Call(
        [status(180, P_Asserted_Identity=BOSS), status(200)], TELLS, f"{TRUSTED}\ntrust_connected_line=no"
    ),
    "no connected lines for the caller": Call(
        [status(180), status(200, P_Asserted_Identity=BOSS)],
        f"{TELLS}\nsend_connected_line=no",
        f'{TRUSTED}\ncallerid="Bob" <200>',
    ),
    "passed on": Call([status(181, Diversion=f"<sip:55@{LOOPBACK}>;reason=no-answer"), status(180), status(486)]),
    "passed on without a word": Call([status(181), status(486)]),
    "contact_user of the caller": Call([status(180), status(200)], "contact_user=desk"),
    "answered elsewhere": Call([status(486)], then=["Hangup(26)"]),
    "answered elsewhere, no Q.850": Call([status(486)], "suppress_q850_reason_headers=yes", then=["Hangup(26)"]),
    "told at once": Call([status(180), status(486)], f"{TELLS}\nrpid_immediate=yes", 'callerid="Bob" <200>'),
    "told at once, ringing in the audio": Call(
        [status(180), status(486)], f"{TELLS}\nrpid_immediate=yes\ninband_progress=yes", 'callerid="Bob" <200>'
    ),
}


class Phones:
    """The two phones of a call: one socket each."""

    def __init__(self) -> None:
        self._calling, self._called = _socket(), _socket()
        self.port: int = self._called.getsockname()[1]

    def call(self, server: int, number: int, call: Call) -> list[dict[str, object]]:
        """Make a call that the other phone answers, and return the responses to it."""
        self._fields = self._invite(server, number)
        self._send("INVITE", server, self._fields, SDP)
        data, source = self._called.recvfrom(65535)
        invite = parse_datagram(data)
        assert isinstance(invite, Request)
        for code, fields in call.answers:
            self._answer(invite, source, code, fields)
            time.sleep(GAP)
        seen = self._responses(server)
        self._drain(source)
        return seen

    def close(self) -> None:
        self._calling.close()
        self._called.close()

    def _answer(self, invite: Request, to: object, code: int, fields: Mapping[str, str]) -> None:
        headers = [("Contact", f"<sip:bob@{LOOPBACK}:{self.port}>"), *fields.items()]
        if code == 200:
            headers.append(("Content-Type", "application/sdp"))
        response = reply(invite, code, headers=headers, body=SDP.encode() if code == 200 else b"", to_tag="b")
        self._called.sendto(write(response), to)  # type: ignore[call-overload]

    def _invite(self, server: int, number: int) -> dict[str, str]:
        own = f"{LOOPBACK}:{self._calling.getsockname()[1]}"
        return {
            "Via": f"SIP/2.0/UDP {own};branch=z9hG4bK{number}{server}",
            "Max-Forwards": "70",
            "From": f'"Alice" <sip:caller{number}@{LOOPBACK}>;tag=a',
            "To": f"<sip:{100 + number}@{LOOPBACK}>",
            "Call-ID": f"answers-{number}-{server}",
            "CSeq": "1 INVITE",
            "Contact": f"<sip:alice@{own}>",
        }

    def _send(self, method: str, server: int, fields: Mapping[str, str], body: str = "") -> None:
        kind = {"Content-Type": "application/sdp"} if body else {}
        lines = [f"{name}: {value}" for name, value in {**fields, **kind, "Content-Length": str(len(body))}.items()]
        uri = f"sip:{fields['To'].partition(':')[2].partition('@')[0]}@{LOOPBACK}:{server}"
        self._calling.sendto("\r\n".join([f"{method} {uri} SIP/2.0", *lines, "", body]).encode(), (LOOPBACK, server))

    def _responses(self, server: int) -> list[dict[str, object]]:
        """Collect what the caller is answered, and acknowledge the end; an answered call is hung up."""
        seen: list[dict[str, object]] = []
        while True:
            message = parse_datagram(self._calling.recv(65535))
            if not isinstance(message, Response) or message.cseq.method != "INVITE" or message.status == 100:
                continue
            seen.append(_told(message, server))
            if message.is_final:
                break
        to = {"To": message.headers.get("To") or ""}
        branch = "z9hG4bKack" if message.is_success else ""
        via = {"Via": re.sub("branch=.*", f"branch={branch}{server}", self._fields["Via"])} if branch else {}
        self._send("ACK", server, {**self._fields, **to, **via, "CSeq": "1 ACK"})
        if message.is_success:
            bye = {
                "Via": re.sub("branch=", "branch=z9hG4bKbye", self._fields["Via"]).replace(
                    "z9hG4bKbyez9hG4bK", "z9hG4bKbye"
                )
            }
            self._send("BYE", server, {**self._fields, **to, **bye, "CSeq": "2 BYE"})
        return seen

    def _drain(self, server: object) -> None:
        """Answer what belongs to this call still, on both sides."""
        for phone in (self._called, self._calling):
            phone.settimeout(0.3)
            try:
                while True:
                    message = parse_datagram(phone.recv(65535))
                    if isinstance(message, Request) and message.method != "ACK":
                        phone.sendto(write(reply(message, 200)), server)  # type: ignore[call-overload]
            except TimeoutError:
                phone.settimeout(SILENCE)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((LOOPBACK, 0))
    made.settimeout(SILENCE)
    return made


def _told(response: Response, server: int) -> dict[str, object]:
    headers = response.headers
    told: dict[str, object] = {"status": response.status, "reason": response.reason}
    told["Contact"] = (headers.get("Contact") or "").replace(f":{server}", ":SERVER")
    told |= {name: list(headers.elements(name)) for name in COMPARED if name in headers}
    if response.status == 503:
        told.pop("Reason", None)  # the cause of the called channel, or 34: two threads of Asterisk vie for it
    return told


def configuration(server: int, phone: int) -> dict[str, str]:
    """Return the files that both read."""
    pjsip = [f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{server}\n"]
    extensions = ["[calls]"]
    for number, call in enumerate(CALLS.values()):
        pjsip.append(
            f"[caller{number}]\ntype=endpoint\ncontext=calls\nallow=ulaw\ndirect_media=no\n{call.caller}\n"
            f"[called{number}]\ntype=endpoint\naors=called{number}\nallow=ulaw\ndirect_media=no\n{call.called}\n"
            f"[called{number}]\ntype=aor\ncontact=sip:bob@{LOOPBACK}:{phone}\n"
        )
        steps = [*call.steps, f"Dial({call.dial.format(called=f'called{number}')})", *call.then]
        extensions.append(f"exten => {100 + number},1,NoOp()")
        extensions += [f" same => n,{step}" for step in steps]
    return {"pjsip.conf": "\n".join(pjsip), "extensions.conf": "\n".join([*extensions, ""])}


def answered(phones: Phones, server: int) -> Seen:
    """Make all calls, and return what the caller saw of each."""
    return {name: phones.call(server, number, call) for number, (name, call) in enumerate(CALLS.items())}


@pytest.fixture(scope="module")
def seen(asterisk_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """Make the calls through both, and return what the caller saw: Asterisk's, then ours."""
    phones = Phones()
    try:
        return through_both(
            asterisk_root,
            tmp_path_factory.mktemp("stack"),
            lambda port: configuration(port, phones.port),
            lambda port: answered(phones, port),
        )
    finally:
        phones.close()


@pytest.mark.parametrize("name", CALLS)
def test_a_caller_sees_the_same(seen: tuple[Seen, Seen], name: str) -> None:
    theirs, ours = seen
    assert ours[name] == theirs[name]
