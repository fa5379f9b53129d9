"""Calls through a running Asterisk and through our stack, with the same files: what the called phone gets is the same.

Compared is what tells who calls, who passed the call on, and by which way: Request-URI, Route, From, To, Contact and
the headers of identity.
"""

from __future__ import annotations

import re
import socket
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
"""Seconds after which a phone is not called."""
SDP = (
    f"v=0\r\no=- 1 1 IN IP4 {LOOPBACK}\r\ns=-\r\nc=IN IP4 {LOOPBACK}\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n"
)
COMPARED = ("P-Asserted-Identity", "Remote-Party-ID", "Privacy", "Diversion", "History-Info", "Route", "X-Test")


Seen = dict[str, dict[str, object] | None]
"""What a phone saw of each call, by the call's name."""


class Call(NamedTuple):
    """One call: options of who calls and who is called, fields of the INVITE, steps of the dialplan before Dial."""

    caller: str = ""
    called: str = ""
    fields: Mapping[str, str] = {}
    steps: Sequence[str] = ()
    dial: str = "PJSIP/{called}"
    aor: str = ""


PAI = {"P-Asserted-Identity": f'"Boss" <sip:77@{LOOPBACK}>'}
PRIVATE = {**PAI, "Privacy": "id"}
TRUSTED = "trust_id_inbound=yes"
TELLS = "send_pai=yes\nsend_rpid=yes"
DIVERTED = {"Diversion": f'"Dave" <sip:55@{LOOPBACK}>;reason=user-busy'}
HISTORY = {
    "History-Info": f"<sip:55@{LOOPBACK}>;index=1",
    "history-info": f"<sip:66@{LOOPBACK};cause=408>;index=1.1",
}
PROHIB = "Set(CALLERID(pres)=prohib)"
CALLS = {
    "plain": Call(),
    "from is the caller without user options": Call(fields={"From": f'"Al" <sip:{{caller}}@{LOOPBACK};x=1>;tag=a'}),
    "an identity that is not trusted": Call(fields=PAI, called=TELLS),
    "an asserted identity": Call(TRUSTED, TELLS, PAI),
    "an asserted identity that is withheld": Call(TRUSTED, TELLS, PRIVATE),
    "withheld, to a trusted phone": Call(TRUSTED, f"{TELLS}\ntrust_id_outbound=yes", PRIVATE),
    "a remote party id": Call(TRUSTED, TELLS, {"Remote-Party-ID": f'"R" <sip:88@{LOOPBACK}>;screen=yes;privacy=off'}),
    "a withheld remote party id": Call(
        TRUSTED, f"{TELLS}\ntrust_id_outbound=yes", {"Remote-Party-ID": f"<sip:88@{LOOPBACK}>;privacy=full"}
    ),
    "callerid": Call('callerid="Reception" <900>', TELLS),
    "callerid with a name alone": Call("callerid=Reception", TELLS),
    "callerid_privacy": Call('callerid="Reception" <900>\ncallerid_privacy=prohib', TELLS),
    "callerid_privacy of a number that passed screening": Call(
        'callerid="R" <900>\ncallerid_privacy=prohib_passed_screen', f"{TELLS}\ntrust_id_outbound=yes"
    ),
    "from_user": Call(called=f"from_user=trunk\n{TELLS}"),
    "from_domain": Call(called=f"from_domain=example.com\n{TELLS}"),
    "from_user of a withheld caller": Call(called="from_user=trunk", steps=[PROHIB]),
    "from_domain of a withheld caller": Call(called="from_domain=example.com", steps=[PROHIB]),
    "withheld by the dialplan": Call(steps=[PROHIB], called=TELLS),
    "no number": Call(steps=["Set(CALLERID(num-valid)=0)", "Set(CALLERID(name)=Nobody)"], called=TELLS),
    "no name": Call(steps=["Set(CALLERID(name-valid)=0)"], called=TELLS),
    "a name with quotes and a number with escapes": Call(
        steps=['Set(CALLERID(name)=a "b" \\\\ c)', "Set(CALLERID(num)=1#2 3)"], called=TELLS
    ),
    "user_eq_phone": Call(called="user_eq_phone=yes", steps=["Set(CALLERID(num)=4711)"], dial="PJSIP/+49123@{called}"),
    "user_eq_phone of letters": Call(called="user_eq_phone=yes", steps=["Set(CALLERID(num)=al)"]),
    "contact_user": Call(called="contact_user=desk"),
    "another user at the phone": Call(dial="PJSIP/4711@{called}"),
    "a uri": Call(dial="PJSIP/{called}/sip:other@{host}:{port};x=1"),
    "dial contacts": Call(dial="${{PJSIP_DIAL_CONTACTS({called})}}"),
    "outbound proxy of the endpoint": Call(called="outbound_proxy=sip:{host}:{port}\\;lr"),
    "diversion": Call(fields=DIVERTED),
    "diversion that is not sent": Call(called="send_diversion=no", fields=DIVERTED),
    "history info": Call(called="send_history_info=yes", fields=HISTORY),
    "history info of nobody": Call(called="send_history_info=yes"),
    "history info in one entry": Call(
        called="send_history_info=yes", fields={"History-Info": f"<sip:55@{LOOPBACK}>;index=1"}
    ),
    "diversion of an odd reason": Call(fields={"Diversion": f'<sip:55@{LOOPBACK}>;reason="out to lunch"'}),
    "diversion without a reason": Call(fields={"Diversion": f"<sip:55@{LOOPBACK}>"}),
    "diversion of a tel uri": Call(fields={"Diversion": "<tel:+4930>;reason=away"}),
    "diversion of a withheld party": Call(fields={"Diversion": f"<sip:55@{LOOPBACK}>;reason=away;privacy=full"}),
    "diversion, told as history info": Call(called="send_history_info=yes\nsend_diversion=no", fields=DIVERTED),
    "redirecting of the dialplan": Call(
        called="send_history_info=yes",
        steps=[
            "Set(REDIRECTING(from-num)=55)",
            "Set(REDIRECTING(from-name)=Dave)",
            "Set(REDIRECTING(reason)=cfb)",
            "Set(REDIRECTING(count)=1)",
        ],
    ),
    "header": Call(dial="PJSIP/{called},5,b(headers^{called}^1)"),
}


class Phones:
    """The two phones of a call: one socket each, and what they see."""

    def __init__(self) -> None:
        self._calling, self._called = _socket(), _socket()
        self.port: int = self._called.getsockname()[1]
        self.invite: Request | None = None
        """What the called phone got last."""

    def call(self, server: int, extension: str, caller: str, fields: Mapping[str, str]) -> dict[str, object] | None:
        """Call an extension; the other phone is busy. Return what it saw of the INVITE, None where it got none."""
        self._calling.sendto(self._invite(server, extension, caller, fields), (LOOPBACK, server))
        try:
            data, source = self._called.recvfrom(65535)
        except TimeoutError:
            return None
        invite = parse_datagram(data)
        assert isinstance(invite, Request)
        self.invite = invite
        self._called.sendto(write(reply(invite, 486)), source)
        self._finish(server)
        self._drain()
        return _seen(invite, server, self.port)

    def close(self) -> None:
        self._calling.close()
        self._called.close()

    def _invite(self, server: int, extension: str, caller: str, fields: Mapping[str, str]) -> bytes:
        own = f"{LOOPBACK}:{self._calling.getsockname()[1]}"
        self._last = {
            "Via": f"SIP/2.0/UDP {own};branch=z9hG4bK{extension}{server}",
            "Max-Forwards": "70",
            "From": f'"Alice" <sip:{caller}@{LOOPBACK}>;tag=a',
            "To": f"<sip:{extension}@{LOOPBACK}>",
            "Call-ID": f"{extension}-{server}",
            "CSeq": "1 INVITE",
            "Contact": f"<sip:{caller}@{own}>",
            "Content-Type": "application/sdp",
            **{name: text.replace("{caller}", caller) for name, text in fields.items()},
        }
        lines = [f"{name}: {value}" for name, value in self._last.items()]
        head = [f"INVITE sip:{extension}@{LOOPBACK}:{server} SIP/2.0", *lines, f"Content-Length: {len(SDP)}"]
        return "\r\n".join([*head, "", SDP]).encode()

    def _finish(self, server: int) -> None:
        """Wait for the final response to the call, and acknowledge it."""
        while True:
            message = parse_datagram(self._calling.recv(65535))
            if isinstance(message, Response) and message.is_final:
                break
        kept = ("Via", "From", "Call-ID", "Max-Forwards")
        lines = [*(f"{name}: {self._last[name]}" for name in kept), f"To: {message.headers.get('To')}", "CSeq: 1 ACK"]
        uri = f"sip:{self._last['Call-ID'].partition('-')[0]}@{LOOPBACK}:{server}"
        self._calling.sendto("\r\n".join([f"ACK {uri} SIP/2.0", *lines, "", ""]).encode(), (LOOPBACK, server))

    def _drain(self) -> None:
        """Take in what belongs to this call still: its ACK."""
        self._called.settimeout(0.3)
        try:
            while True:
                self._called.recv(65535)
        except TimeoutError:
            self._called.settimeout(SILENCE)


def _socket() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind((LOOPBACK, 0))
    made.settimeout(SILENCE)
    return made


def _seen(invite: Request, server: int, phone: int) -> dict[str, object]:
    def plain(text: str) -> str:
        return re.sub(r";tag=[^;]*", "", text).replace(f":{server}", ":SERVER").replace(f":{phone}", ":PHONE")

    headers = invite.headers
    seen: dict[str, object] = {"uri": plain(str(invite.uri))}
    seen |= {name: plain(headers.get(name) or "") for name in ("From", "To", "Contact")}
    seen |= {name: [plain(value) for value in headers.elements(name)] for name in COMPARED if name in headers}
    seen["histinfo"] = "histinfo" in invite.tokens("Supported")
    return seen


def configuration(server: int, phone: int) -> dict[str, str]:
    """Return the files that both read."""
    pjsip = [f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{server}\n[global]\ntype=global\n"]
    extensions = ["[calls]"]
    for number, call in enumerate(CALLS.values()):
        names = {"called": f"called{number}", "host": LOOPBACK, "port": phone}
        pjsip.append(
            f"[caller{number}]\ntype=endpoint\ncontext=calls\nallow=ulaw\n{call.caller}\n"
            f"[called{number}]\ntype=endpoint\naors=called{number}\nallow=ulaw\n{call.called.format(**names)}\n"
            f"[called{number}]\ntype=aor\ncontact=sip:bob@{LOOPBACK}:{phone}\n{call.aor}\n"
        )
        steps = [*call.steps, f"Dial({call.dial.format(**names)})"]
        extensions.append(f"exten => {100 + number},1,NoOp()")
        extensions += [f" same => n,{step}" for step in steps]
    extensions += [
        "[headers]",
        *(
            f"exten => called{number},1,Set(PJSIP_HEADER(add,X-Test)=yes)\n same => n,Return()"
            for number in range(len(CALLS))
        ),
    ]
    return {"pjsip.conf": "\n".join(pjsip), "extensions.conf": "\n".join([*extensions, ""])}


def called(phones: Phones, server: int) -> Seen:
    """Make all calls, and return what the called phone saw of each."""
    return {
        name: phones.call(server, str(100 + number), f"caller{number}", call.fields)
        for number, (name, call) in enumerate(CALLS.items())
    }


@pytest.fixture(scope="module")
def seen(asterisk_root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """Make the calls through both, and return what the phones saw: Asterisk's, then ours."""
    phones = Phones()
    try:
        return through_both(
            asterisk_root,
            tmp_path_factory.mktemp("stack"),
            lambda port: configuration(port, phones.port),
            lambda port: called(phones, port),
        )
    finally:
        phones.close()


@pytest.mark.parametrize("name", CALLS)
def test_a_called_phone_sees_the_same(seen: tuple[Seen, Seen], name: str) -> None:
    theirs, ours = seen
    assert theirs[name] is not None
    assert ours[name] == theirs[name]
