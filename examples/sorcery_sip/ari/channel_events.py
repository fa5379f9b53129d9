"""What is told of a channel, as events."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sorcery_sip.ari.json_values import Json, channel_json, presentation
from sorcery_sip.pbx.causes import cause_text
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dial_terms import Dialed
from sorcery_sip.pbx.events import ConnectedLine, DtmfEnd, HangupRequested, Hold, Unhold
from sorcery_sip.pbx.notices import (
    ApplicationStarted,
    ConnectedLineChanged,
    Created,
    Ended,
    StateChanged,
    VariableSet,
)

__all__ = ["event_of"]


Describe: TypeAlias = Callable[[Channel], Json]


def event_of(channel: Channel, notice: object, describe: Describe = channel_json) -> Json | None:
    """Return the event for what was told of a channel, without time and application; None where there is none."""
    if isinstance(notice, Dialed):
        return _dial(channel, notice, describe)
    event = _about(channel, notice)
    return None if event is None else event | {"channel": describe(channel)}


def _dial(peer: Channel, dialed: Dialed, describe: Describe) -> Json:
    event: Json = {"type": "Dial"} if dialed.caller is None else {"type": "Dial", "caller": describe(dialed.caller)}
    resource = dialed.dial_string.partition("/")[2]
    return event | {"peer": describe(peer), "forward": "", "dialstring": resource, "dialstatus": dialed.status}


def _about(channel: Channel, notice: object) -> Json | None:
    """Return the event without the channel itself."""
    match notice:
        case Created():
            return {"type": "ChannelCreated"}
        case StateChanged():
            return {"type": "ChannelStateChange"}
        case ApplicationStarted():
            application, arguments = channel.application, channel.arguments
            return {"type": "ChannelDialplan", "dialplan_app": application, "dialplan_app_data": arguments}
        case VariableSet(name, value):
            return {"type": "ChannelVarset", "variable": name, "value": value}
        case DtmfEnd(digit, ms):
            return {"type": "ChannelDtmfReceived", "digit": digit, "duration_ms": ms}
        case ConnectedLine():
            number, text = presentation(channel.caller)
            return {"type": "ChannelCallerId", "caller_presentation": number, "caller_presentation_txt": text}
        case ConnectedLineChanged():
            return {"type": "ChannelConnectedLine"}
        case Hold(music_class):
            return {"type": "ChannelHold"} | ({"musicclass": music_class} if music_class else {})
        case Unhold():
            return {"type": "ChannelUnhold"}
        case HangupRequested(cause):
            return {"type": "ChannelHangupRequest", "cause": cause} | ({"soft": True} if channel.is_ended_by_us else {})
        case Ended():
            cause = channel.hangup_cause
            return {"type": "ChannelDestroyed", "cause": int(cause), "cause_txt": cause_text(cause)}
    return None
