"""Calls of one phone to an application: how they come about, what is asked in them, how they end."""

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import SDP, Answer, Pause, Say, See, Step
from tests.interop.call_steps import ACK, BYE, CALLED, GONE, INVITE, REPEATS, TRYING


def asked(request: Say, status: int, reason: str = "", **headers: str) -> list[Step]:
    """Return the steps of a caller who asks something in the call."""
    return [*CALLED, request, See(status, {n.replace("_", "-"): t for n, t in headers.items()}, reason=reason), *BYE]


RELAY = "application/dtmf-relay"
FLOWS = {
    "the caller hangs up": Flow([*CALLED, *BYE]),
    "the dialplan hangs up": Flow(
        [*CALLED, See("BYE", {"Reason": "Q.850;cause=16"}), Answer(200)], steps=["Answer()", "Wait(0.2)", "Hangup()"]
    ),
    "rings first": Flow(
        [INVITE, See(100), See(180, lacks=["Content-Type"]), See(200, body="m=audio"), ACK, *BYE],
        steps=["Ringing()", "Wait(0.2)", "Answer()", "Wait(9)"],
    ),
    "early media": Flow(
        [INVITE, See(100), See(183, body="m=audio"), See(200, body="m=audio"), ACK, *BYE],
        steps=["Progress()", "Wait(0.2)", "Answer()", "Wait(9)"],
    ),
    "ringing after early media": Flow(
        [
            INVITE,
            See(100),
            See(183, body="m=audio"),
            See(183, body="m=audio"),
            See(200, body="m=audio"),
            ACK,
            *BYE,
        ],
        program=REPEATS,
        steps=["Progress()", "Wait(0.2)", "Ringing()", "Wait(0.2)", "Answer()", "Wait(9)"],
    ),
    "ringing in the band": Flow(
        [INVITE, See(100), See(183, body="m=audio"), See(200, body="m=audio"), ACK, *BYE],
        steps=["Ringing()", "Wait(0.2)", "Answer()", "Wait(9)"],
        caller_options="inband_progress=yes",
    ),
    "no description": Flow(
        [Say("INVITE"), TRYING, See(200, {"Content-Type": "application/sdp"}, body="PCMU"), Say("ACK", body=SDP), *BYE]
    ),
    "no description, rings first": Flow(
        [Say("INVITE"), See(100), See(180), See(200, body="m=audio"), Say("ACK", body=SDP), *BYE],
        steps=["Ringing()", "Wait(0.2)", "Answer()", "Wait(9)"],
    ),
    "no description, no answer to the offer": Flow([Say("INVITE"), TRYING, See(200), ACK, See("BYE"), Answer(200)]),
    "no description, a broken answer": Flow(
        [Say("INVITE"), TRYING, See(200), Say("ACK", body="v=0\nx"), See("BYE"), Answer(200)]
    ),
    "options": Flow(asked(Say("OPTIONS"), 200, Allow="INVITE", Accept="application/sdp")),
    "an empty info": Flow(asked(Say("INFO"), 200)),
    "an info of a digit": Flow(asked(Say("INFO", {}, "Signal=5\nDuration=100\n", RELAY), 200)),
    "an info of no digit": Flow(asked(Say("INFO", {}, "Signal=?\nDuration=100\n", RELAY), 500)),
    "an info nobody knows": Flow(
        asked(Say("INFO", {}, "x", "application/x"), 415), differs="Asterisk does not answer at all."
    ),
    "a text": Flow(asked(Say("MESSAGE", {}, "hello", "text/plain"), 202)),
    "a method nobody knows": Flow(asked(Say("FOO"), 405, Allow="INVITE"), differs="Asterisk does not answer at all."),
    "a number of the past": Flow(
        [*CALLED, Say("OPTIONS", cseq=1), Pause(0.3), *BYE],
        program=("-default_behaviors", "all,-abortunexp"),
        beside=lambda caller, _: caller.wait_for("SIP/2.0 500 Invalid CSeq"),  # whose text sipp takes for the header
    ),
    "another tag": Flow([*CALLED, Say("BYE", to_tag=";tag=other"), See(481)]),
    "a bye after the end": Flow(
        [*CALLED, *BYE, Say("BYE"), See(481)],
        differs="Asterisk remembers the dialog for a while, and answers 200.",
    ),
    "the invite comes twice before the answer": Flow(
        [INVITE, See(100), See(180), Say("INVITE", again=True), See(180), See(200), ACK, *BYE],
        steps=["Ringing()", "Wait(0.4)", "Answer()", "Wait(9)"],
        program=REPEATS,
    ),
    "the invite comes twice": Flow(
        [INVITE, See(100), See(200), Say("INVITE", again=True), See(200), ACK, *BYE], program=REPEATS
    ),
    "the answer is repeated until it is acknowledged": Flow(
        [INVITE, See(100), See(200), See(200), See(200), See(200), ACK, Pause(1.5), *BYE], program=REPEATS
    ),
    "never acknowledged": Flow([INVITE, See(100), *[See(200)] * 7, *GONE], program=REPEATS),
    "a bye that is lost": Flow(
        [*CALLED, See("BYE"), See("BYE"), See("BYE"), Answer(200)],
        steps=["Answer()", "Wait(0.2)", "Hangup()"],
        program=REPEATS,
    ),
    "byes that cross": Flow(
        [*CALLED, See("BYE"), Say("BYE"), See(200), Answer(200, to="BYE")],
        steps=["Answer()", "Wait(0.2)", "Hangup()"],
    ),
    "a bye before it is answered": Flow(
        [INVITE, See(100), See(180), Say("BYE"), See(200), See(487, of="INVITE"), ACK],
        steps=["Ringing()", "Wait(9)"],
    ),
}
