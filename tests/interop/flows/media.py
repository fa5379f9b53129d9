"""Media of calls: sound, digits and fax through the server, from behind a NAT, and none at all."""

from __future__ import annotations

import re
import struct
import time

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import AUDIO, SDP, Answer, Pause, Say, See, Step, sdp
from tests.interop.call_steps import ACK, ANSWERS, BYE, CALLED, DIALED, GONE, INVITE
from tests.interop.calls_sipp import Running
from tests.interop.flows.bridged import AGAIN, ANSWERED, FAX, FAX_ANSWER, OK, TAKEN_BACK
from tests.interop.flows.changed import IMAGE
from tests.interop.ports import LOOPBACK

HEADER = struct.Struct("!BBHII")
PACKETS = 25
SOUND = bytes(range(160))


def rtp(number: int, payload: bytes = SOUND, kind: int = 0) -> bytes:
    """Return one packet of a stream."""
    return HEADER.pack(0x80, kind, number, number * 160, 7) + payload


def port_of(phone: Running, media: str = "audio") -> int:
    """Return where the server takes in a kind of media of a phone, as soon as the phone has been told."""
    pattern = re.compile(rf"message received(?:(?!message sent).)*?\nm={media} ([1-9]\d*) ", re.DOTALL)
    deadline = time.monotonic() + 30
    while not (found := pattern.findall(phone.messages())):
        assert time.monotonic() < deadline, f"{phone.phone.user} was told no port for {media}"
        time.sleep(0.01)
    return int(found[-1])


def send(phone: Running, port: int, *packets: bytes) -> None:
    """Send packets of the phone's media, twenty milliseconds between two."""
    assert phone.phone.media is not None
    for packet in packets:
        phone.phone.media.sendto(packet, (LOOPBACK, port))
        time.sleep(0.02)


def heard(phone: Running, payload: bytes) -> None:
    """Wait for a packet that holds these bytes."""
    assert phone.phone.media is not None
    while payload not in phone.phone.media.recv(2048):
        pass


def both_hear(caller: Running, called: Running | None) -> None:
    """Let each phone send, and wait until the other hears it."""
    assert called is not None
    for one, other in ((caller, called), (called, caller)):
        other.wait_for("\nACK " if other is called else "ACK sip")
        send(one, port_of(one), *map(rtp, range(PACKETS)))
        heard(other, SOUND)


def hears_itself(caller: Running, _: Running | None) -> None:
    caller.wait_for("ACK sip")
    send(caller, port_of(caller), *map(rtp, range(PACKETS)))
    heard(caller, SOUND)


def presses_five(caller: Running, called: Running | None) -> None:
    """Send the telephone-event of the digit 5, after some sound."""
    assert called is not None
    called.wait_for("\nACK ")
    port = port_of(caller)
    send(caller, port, *map(rtp, range(5)))
    for number, (end, duration) in enumerate([(0, 160), (0, 320), (0x80, 800), (0x80, 800), (0x80, 800)]):
        event = struct.pack("!BBH", 5, end | 10, duration)
        send(caller, port, HEADER.pack(0x80, 101 | (0x80 if not number else 0), 5 + number, 800, 7) + event)


def sends_a_page(caller: Running, called: Running | None) -> None:
    """Send datagrams of UDPTL both ways, of one IFP packet each and nothing to recover others by."""
    assert called is not None
    caller.wait_for("m=image")
    for one, other in ((caller, called), (called, caller)):
        line = f"a line of {one.phone.user}".encode()
        page = [struct.pack("!HB", number, len(line)) + line + bytes(2) for number in range(PACKETS)]
        send(one, port_of(one, "image"), *page)
        heard(other, line)


NOWHERE = sdp(AUDIO.replace("[audio]", "9"))
"""A port that is not the phone's: as one behind a NAT tells it."""
HIDDEN = {
    "Via": "SIP/2.0/UDP 192.0.2.1:5060;branch={branch}",
    "Contact": "<sip:alice@192.0.2.1:5060>",
}
TALK: list[Step] = [*ANSWERED, Pause(2.5), *BYE]

FLOWS = {
    "sound goes both ways": Flow(TALK, [*ANSWERS, *GONE], DIALED, has_media=True, beside=both_hear),
    "sound of a phone behind a nat": Flow(
        [Say("INVITE", body=NOWHERE), See(100), See(180), See(200), ACK, Pause(2.5), *BYE],
        [*ANSWERS, *GONE],
        DIALED,
        has_media=True,
        beside=both_hear,
    ),
    "an echo": Flow([*CALLED, Pause(1.5), *BYE], steps=["Answer()", "Echo()"], has_media=True, beside=hears_itself),
    "a digit of sound as an info": Flow(
        TALK,
        [*ANSWERS, See("INFO", {"Content-Type": "application/dtmf-relay"}, "Signal= ?5"), OK, *GONE],
        DIALED,
        called_options="dtmf_mode=info",
        has_media=True,
        beside=presses_five,
    ),
    "a fax goes both ways": Flow(
        [*ANSWERED, Pause(0.1), Say("INVITE", body=IMAGE), See(200, body="m=image"), ACK, Pause(2.5), *BYE],
        [
            *ANSWERS,
            See("INVITE", body="m=image"),
            Answer(200, to="INVITE", body=FAX_ANSWER),
            See("ACK"),
            See("INVITE", body="m=audio [1-9]"),
            AGAIN,
            See("ACK"),
            *GONE,
        ],
        DIALED,
        caller_options=FAX,
        called_options=FAX,
        has_media=True,
        beside=sends_a_page,
    ),
    "silence ends a call": Flow(
        [*CALLED, See("BYE", {"Reason": "cause=44"}), OK],
        steps=["Answer()", "Echo()"],
        caller_options="rtp_timeout=1",
    ),
    # addresses of signalling
    "a phone behind a nat": Flow(
        [
            Say("INVITE", HIDDEN, SDP),
            See(100, {"Via": "rport=.*received=127|received=127.*rport="}),
            See(200),
            *CALLED[3:],
            *GONE,
        ],
        steps=["Answer()", "Wait(0.3)", "Hangup()"],
        caller_options="rewrite_contact=yes",
    ),
    "a server behind a nat": Flow(
        [
            INVITE,
            See(100),
            See(200, {"Contact": "sip:198.51.100.1:5099"}, "o=.* IN IP4 198.51.100.2.*c=IN IP4 198.51.100.2"),
            ACK,
            See("BYE", {"Via": "198.51.100.1:5099"}),
            OK,
        ],
        steps=["Answer()", "Wait(0.3)", "Hangup()"],
        caller_options="transport=outside",
        is_outside=True,
    ),
    # who vanishes
    "the called phone does not answer a change": Flow(
        [*ANSWERED, See("INVITE"), AGAIN, See("ACK"), *TAKEN_BACK, *GONE],
        [*ANSWERS, See("INVITE"), *GONE],
        DIALED,
        caller_options="direct_media=yes",
        called_options="direct_media=yes",
    ),
    "the called phone knows nothing of the call any more": Flow(
        [*ANSWERED, See("INVITE"), AGAIN, See("ACK"), *TAKEN_BACK, *GONE],
        [*ANSWERS, See("INVITE"), Pause(0.3), Answer(481, to="INVITE"), See("ACK"), *GONE],
        DIALED,
        caller_options="direct_media=yes",
        called_options="direct_media=yes",
    ),
}
