"""Session timers that run: the shortest interval is ninety seconds, so these take about a minute, all at once."""

from tests.interop.call_flows import Flow
from tests.interop.call_scenario import SDP, Answer, Say, See, Step
from tests.interop.call_steps import ACK, BYE, GONE


def answered(refresher: str, **fields: str) -> list[Step]:
    """Return the steps of a caller who wants a timer."""
    timer = {"Session-Expires": f"90;refresher={refresher}", "Supported": "timer"}
    accepted = See(200, {"Session-Expires": f"90;refresher={refresher}"})
    return [Say("INVITE", {**timer, **fields}, SDP), See(100), accepted, ACK]


BY_US = {"Session-Expires": "90;refresher=uac"}
REFRESHED = {**BY_US, "Require": "timer"}
UPDATES = {"Allow": "INVITE, ACK, BYE, CANCEL, UPDATE"}
STEPS = ["Answer()", "Wait(120)"]

FLOWS = {
    "the server refreshes by update": Flow(
        [*answered("uas", **UPDATES), See("UPDATE", BY_US, lacks=["Content-Type"]), Answer(200, REFRESHED), *BYE],
        steps=STEPS,
        patience=70,
    ),
    "the server refreshes by invite": Flow(
        [*answered("uas"), See("INVITE", BY_US, body="m=audio [1-9]"), Answer(200, REFRESHED, SDP), See("ACK"), *BYE],
        steps=STEPS,
        patience=70,
    ),
    "the server cannot refresh": Flow(
        [*answered("uas", **UPDATES), See("UPDATE"), Answer(481), *GONE], steps=STEPS, patience=70
    ),
    "nobody answers a refresh": Flow([*answered("uas", **UPDATES), See("UPDATE"), *GONE], steps=STEPS, patience=70),
    "the phone does not refresh": Flow([*answered("uac"), *GONE], steps=STEPS, patience=70),
}
