"""Calls that do not come about: what is wrong with the INVITE, and what the answer says."""

from collections.abc import Mapping

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import SDP, Answer, Pause, Say, See, Step, sdp
from tests.interop.call_steps import ACK, CALLED, DIALED, INVITE, REPEATS, RINGS, TRYING, invite


def refused(status: int, headers: Mapping[str, str] = {}, first: Say = INVITE) -> list[Step]:
    """Return the steps of a caller whose INVITE is refused."""
    return [first, TRYING, See(status, headers), ACK]


def bob_answers(status: int, caller_sees: int, **headers: str) -> Flow:
    """Return a call that the called phone refuses."""
    caller: list[Step] = [INVITE, See(100), See(180), See(caller_sees), ACK]
    return Flow(caller, [*RINGS, Answer(status, headers), See("ACK")], [*DIALED, "Hangup()"])


G729 = sdp("m=audio 40000 RTP/AVP 18\na=rtpmap:18 G729/8000\n")
CAUSES = {
    **dict.fromkeys((1, 2, 3), 404),
    **dict.fromkeys((34, 42, 66), 503),
    **dict.fromkeys((19, 20, 31), 480),
    18: 408,
    21: 403,
    22: 410,
    28: 484,
    17: 486,
    38: 500,
    29: 501,
    27: 502,
    58: 488,
    127: 500,
    16: 603,
    44: 603,
    26: 603,
    102: 603,
}
"""Q.850 cause of the dialplan's hang-up, and what the caller sees."""
ANSWERS = {
    **dict.fromkeys((401, 403, 407, 603), 403),
    404: 404,
    408: 408,
    410: 410,
    480: 480,
    484: 484,
    486: 486,
    488: 488,
    500: 500,
    501: 501,
    502: 502,
    503: 503,
    400: 500,
    405: 500,
    420: 404,
    481: 500,
    482: 500,
    487: 500,
    493: 500,
    600: 486,
    604: 404,
    606: 488,
}
"""What the called phone answers, and what the caller sees."""

FLOWS = {
    "no such extension": Flow(refused(404), calls="9999"),
    "no such endpoint": Flow(refused(401, {"WWW-Authenticate": 'realm="asterisk".*nonce='}), user="nobody"),
    "no common codec": Flow(refused(488, first=invite(G729))),
    "a description that is none": Flow(refused(400, {"Warning": "399"}, invite("v=0\nx"))),
    "no contact": Flow([Say("INVITE", body=SDP, without=["Contact"]), See(400, reason="Missing Contact"), ACK]),
    "an extension of sip that is not known": Flow(refused(420, {"Unsupported": "foo"}, invite(Require="foo"))),
    "a timer that is asked for": Flow(refused(421, {"Require": "timer"}), caller_options="timers=required"),
    "reliable answers that are asked for": Flow(refused(421, {"Require": "100rel"}), caller_options="100rel=required"),
    "a timer that is too short": Flow(refused(422, {"Min-SE": "90"}, invite(Supported="timer", Session_Expires="60"))),
    "a body that is no description": Flow(refused(415, {"Accept": "application/sdp"}, invite("x", "text/x"))),
    "a number that is not complete": Flow(refused(484), calls="77", sections="[calls](+)\nexten => 77{n},1,NoOp()"),
    # Asterisk's Busy() sends the answer before or after the channel keeps the cause, as its threads happen to run.
    "busy": Flow(refused(486, {"Reason": "cause=(17|0)"}), steps=["Busy()"]),
    "congestion": Flow(refused(503, {"Reason": "cause=(34|0)"}), steps=["Congestion()"]),
    "incomplete": Flow(refused(484), steps=["Incomplete(n)"]),
    "incomplete, answered first": Flow([*CALLED, See("BYE"), Answer(200)], steps=["Incomplete()"]),
    "a phone nobody registered": Flow(refused(503), steps=["Dial(PJSIP/nobody,5)", "Congestion()"]),
    "cancelled while it rings": Flow(
        [INVITE, See(100), See(180), Say("CANCEL"), See(200), See(487, of="INVITE"), ACK],
        [*RINGS, See("CANCEL"), Answer(200), Answer(487, to="INVITE"), See("ACK")],
        DIALED,
    ),
    "cancelled before it rings": Flow(
        [INVITE, See(100), Say("CANCEL"), See(200), See(487, of="INVITE"), ACK], steps=["Wait(10)", "Answer()"]
    ),
    "cancelled before the called phone says a word": Flow(
        [INVITE, See(100), Pause(0.3), Say("CANCEL"), See(200), See(487, of="INVITE"), ACK],
        [
            See("INVITE"),
            Pause(0.6),
            Answer(180),
            See("CANCEL"),
            Answer(200),
            Answer(487, to="INVITE"),
            See("ACK"),
        ],
        DIALED,
    ),
    "answered while it is cancelled": Flow(
        [INVITE, See(100), See(180), Say("CANCEL"), See(200), See(487, of="INVITE"), ACK],
        [*RINGS, See("CANCEL"), Answer(200), Answer(200, to="INVITE", body=SDP), See("ACK"), See("BYE"), Answer(200)],
        DIALED,
    ),
    "cancelled, of nothing": Flow(
        [INVITE, See(100), See(486), ACK, Say("CANCEL", to_tag=""), See(200)],
        steps=["Busy()"],
        differs="We answer 200 while the transaction is remembered (RFC 3261 9.2), Asterisk 481.",
    ),
    "nobody answers in time": Flow(
        [INVITE, See(100), See(180), See(480), ACK],
        [*RINGS, See("CANCEL"), Answer(200), Answer(487, to="INVITE"), See("ACK")],
        ["Dial({bob},1)", "Hangup(19)"],
    ),
    "the called phone does not answer at all": Flow(
        [INVITE, See(100), See(408), ACK],
        [*[See("INVITE")] * 7, Pause(0.3)],
        [*DIALED, "Hangup()"],
        program=REPEATS,
    ),
    **{
        f"hung up with cause {cause}": Flow(refused(code), steps=[f"Hangup({cause})"]) for cause, code in CAUSES.items()
    },
    **{f"refused with {code}": bob_answers(code, seen) for code, seen in ANSWERS.items()},
    "refused, with a reason that is no cause of ours": bob_answers(486, 486, Reason="Q.850;cause=21"),
}
