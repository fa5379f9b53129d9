"""Calls that change while they are up: re-INVITE, UPDATE, reliable responses, timers."""

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import SDP, Pause, Say, See, Step, sdp
from tests.interop.call_steps import ACK, BYE, CALLED, REPEATS, invite


def audio(direction: str = "sendrecv", codec: str = "0", port: str = "[audio]", version: int = 2) -> str:
    """Return another offer of audio."""
    return sdp(f"m=audio {port} RTP/AVP {codec}\na={direction}\n", version=version)


def offer(body: str, status: int = 200, answer: str = "", method: str = "INVITE") -> list[Step]:
    """Return the steps of a phone that offers something else."""
    return [Say(method, body=body), See(100, optional=True), See(status, body=answer), *([ACK] * (method == "INVITE"))]


IMAGE = sdp("m=image [audio] udptl t38\na=T38FaxVersion:0\n", version=2)
TIMER = {"Session-Expires": "90;refresher=uac", "Supported": "timer"}
PRACK = Say("PRACK", {"RAck": "[$rseq] 1 INVITE"})
PROGRESS = ["Progress()", "Wait(0.4)", "Answer()", "Wait(9)"]
RELIABLE = See(183, {"Require": "100rel"}, keep={"rseq": "RSeq"}, body="m=audio")

FLOWS = {
    "hold and resume": Flow(
        [
            *CALLED,
            *offer(audio("sendonly"), answer="a=recvonly"),
            *offer(audio("sendrecv", version=3), answer="a=sendrecv"),
            *offer(audio("inactive", version=4), answer="a=inactive"),
            *offer(sdp(version=5, address="0.0.0.0"), answer="a="),
            *BYE,
        ]
    ),
    "another codec": Flow(
        [*CALLED, *offer(audio(codec="8"), answer="m=audio [0-9]+ RTP/AVP 8"), *BYE], caller_options="allow=alaw"
    ),
    "no codec any more": Flow([*CALLED, *offer(audio(codec="18"), 488), *offer(audio(), answer="PCMU"), *BYE]),
    "a broken offer in a call": Flow([*CALLED, *offer("v=0\nx", 415), *offer(audio(), answer="PCMU"), *BYE]),
    "a stream more": Flow(
        [*CALLED, *offer(audio() + "m=video 40010 RTP/AVP 99\na=rtpmap:99 VP8/90000\n", answer="m=video 0 "), *BYE]
    ),
    "an offer that is wanted in a call": Flow(
        [*CALLED, Say("INVITE"), See(100, optional=True), See(200, body="m=audio [1-9]"), Say("ACK", body=SDP), *BYE]
    ),
    "the same description again": Flow([*CALLED, *offer(SDP, answer="m=audio"), *BYE]),
    "an update without a description": Flow([*CALLED, *offer("", method="UPDATE"), *BYE]),
    "an update with a description": Flow(
        [*CALLED, *offer(audio("sendonly"), answer="a=recvonly", method="UPDATE"), *BYE]
    ),
    "an update that does not fit": Flow([*CALLED, *offer(audio(codec="18"), 488, method="UPDATE"), *BYE]),
    "an update of a timer too short": Flow(
        [*CALLED, Say("UPDATE", {"Session-Expires": "60", "Supported": "timer"}), See(422, {"Min-SE": "90"}), *BYE]
    ),
    "a change while another waits": Flow(
        [
            *CALLED,
            Say("INVITE", body=IMAGE),
            Pause(0.1),
            Say("INVITE", body=audio(version=3)),
            See(500, {"Retry-After": "[0-9]"}),
            Pause(0.2),
        ],
        caller_options="t38_udptl=yes",
        differs="Asterisk answers 491 while fax is being decided on; RFC 3261 14.2 wants 500.",
    ),
    "an update while a change waits": Flow(
        [*CALLED, Say("INVITE", body=IMAGE), Pause(0.1), Say("UPDATE", body=audio(version=3)), See(500), Pause(0.2)],
        caller_options="t38_udptl=yes",
        differs="Asterisk answers 200 by a description without media; RFC 3311 5.2 wants 500.",
    ),
    "a change that is cancelled": Flow(
        [
            *CALLED,
            Say("INVITE", body=IMAGE),
            Pause(0.1),
            Say("CANCEL"),
            See(200),
            See(487, of="INVITE"),
            ACK,
            *offer(audio(version=3), answer="PCMU"),
            *BYE,
        ],
        caller_options="t38_udptl=yes",
        differs="Asterisk does not know CANCEL of a re-INVITE: 481.",
    ),
    "fax that nobody takes": Flow(
        [*CALLED, Say("INVITE", body=IMAGE), See(488), ACK, *offer(audio(version=3), answer="PCMU"), *BYE],
        caller_options="t38_udptl=yes",
    ),
    "fax that is not allowed": Flow([*CALLED, Say("INVITE", body=IMAGE), See(100, optional=True), See(488), ACK, *BYE]),
    # reliable responses
    "early media that is acknowledged": Flow(
        [invite(Require="100rel"), See(100), RELIABLE, PRACK, See(200), See(200, of="INVITE"), ACK, *BYE],
        steps=PROGRESS,
    ),
    "reliable only when it is required": Flow(
        [invite(Supported="100rel"), See(100), See(183, lacks=["RSeq"]), See(200), ACK, *BYE], steps=PROGRESS
    ),
    "reliable where the phone can": Flow(
        [invite(Supported="100rel"), See(100), RELIABLE, PRACK, See(200), See(200, of="INVITE"), ACK, *BYE],
        steps=PROGRESS,
        caller_options="100rel=peer_supported",
    ),
    "ringing that is acknowledged": Flow(
        [
            invite(Require="100rel"),
            See(100),
            See(180, {"Require": "100rel"}, keep={"rseq": "RSeq"}),
            PRACK,
            See(200),
            See(200, of="INVITE"),
            ACK,
            *BYE,
        ],
        steps=["Ringing()", "Wait(0.4)", "Answer()", "Wait(9)"],
    ),
    "an acknowledgement of nothing": Flow(
        [
            invite(Require="100rel"),
            See(100),
            RELIABLE,
            Say("PRACK", {"RAck": "1 1 INVITE"}),
            See(400),
            PRACK,
            See(200),
            See(200, of="INVITE"),
            ACK,
            *BYE,
        ],
        steps=PROGRESS,
        differs="Asterisk answers 200, whatever RAck says, and goes on repeating the 183.",
    ),
    "early media that is never acknowledged": Flow(
        [invite(Require="100rel"), See(100), *[See(183)] * 6, See(504), ACK],
        steps=["Progress()", "Wait(20)"],
        program=REPEATS,
    ),
    "an offer in a reliable response": Flow(
        [
            invite("", Require="100rel"),
            See(100),
            RELIABLE,
            Say("PRACK", {"RAck": "[$rseq] 1 INVITE"}, SDP),
            See(200),
            See(200, of="INVITE"),
            ACK,
            *BYE,
        ],
        steps=PROGRESS,
    ),
    # session timers
    "a timer of the phone": Flow(
        [
            Say("INVITE", TIMER, SDP),
            See(100),
            See(200, {"Session-Expires": "90;refresher=uac", "Require": "timer"}),
            ACK,
            Say("UPDATE", TIMER),
            See(200, {"Session-Expires": "90;refresher=uac"}),
            *BYE,
        ]
    ),
    "a timer of the server": Flow(
        [
            Say("INVITE", {**TIMER, "Session-Expires": "90;refresher=uas"}, SDP),
            See(100),
            See(200, {"Session-Expires": "90;refresher=uas"}),
            ACK,
            *BYE,
        ]
    ),
    "a timer nobody asked for": Flow(
        [invite(Supported="timer"), See(100), See(200, {"Session-Expires": "1800;refresher=uas"}), ACK, *BYE],
        caller_options="timers=always",
    ),
    "no timers": Flow(
        [Say("INVITE", TIMER, SDP), See(100), See(200, lacks=["Session-Expires"]), ACK, *BYE],
        caller_options="timers=no",
    ),
}
