"""Steps that many flows share."""

from collections.abc import Mapping

from tests.interop.call_scenario import SDP, Answer, Say, See, Step

INVITE = Say("INVITE", body=SDP)
TRYING = See(100, optional=True)
ACK = Say("ACK")
CALLED: list[Step] = [INVITE, TRYING, See(200, {"Contact": "sip:", "Allow": "INVITE.*BYE"}, body="m=audio [1-9]"), ACK]
BYE: list[Step] = [Say("BYE"), See(200)]
"""The phone hangs up."""
GONE: list[Step] = [See("BYE"), Answer(200)]
"""The other side hangs up."""
DIALED = ["Dial({bob},20)"]
RINGS: list[Step] = [See("INVITE"), Answer(100), Answer(180)]
ANSWERS: list[Step] = [See("INVITE"), Answer(180), Answer(200, body=SDP), See("ACK")]
REPEATS = ("-nr",)
"""For flows whose steps are repeats: sipp does not hide them."""


def invite(body: str = SDP, content_type: str = "application/sdp", **headers: str) -> Say:
    """Return an INVITE with further header fields."""
    return Say("INVITE", fields(**headers), body, content_type)


def fields(**headers: str) -> Mapping[str, str]:
    """Return header fields, written as names of Python."""
    return {name.replace("_", "-"): text for name, text in headers.items()}
