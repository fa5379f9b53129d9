"""What is told of a channel, as events."""

from __future__ import annotations

from sorcery_sip.ari.json_values import Json, channel_json, presentation
from sorcery_sip.pbx.causes import cause_text
from sorcery_sip.pbx.channel import (
    ApplicationStarted,
    Channel,
    ConnectedLineChanged,
    Created,
    Ended,
    StateChanged,
    VariableSet,
)
from sorcery_sip.pbx.dialing import Dialed
from sorcery_sip.pbx.events import ConnectedLine, DtmfEnd, HangupRequested, Hold, Unhold

__all__ = ["event_of"]


def event_of(channel: Channel, notice: object) -> Json | None:
    """Return the event for what was told of a channel, without time and application; None where there is none."""
    match notice:
        case Dialed(caller, dial_string, status):
            return _dial(channel, caller, dial_string, status)
        case Created():
            return _event("ChannelCreated", channel)
        case StateChanged():
            return _event("ChannelStateChange", channel)
        case ApplicationStarted():
            return _event(
                "ChannelDialplan", channel, dialplan_app=channel.application, dialplan_app_data=channel.arguments
            )
        case VariableSet(name, value):
            return _event("ChannelVarset", channel, variable=name, value=value)
        case DtmfEnd(digit, ms):
            return _event("ChannelDtmfReceived", channel, digit=digit, duration_ms=ms)
        case ConnectedLine():
            number, text = presentation(channel.caller)
            return _event("ChannelCallerId", channel, caller_presentation=number, caller_presentation_txt=text)
        case ConnectedLineChanged():
            return _event("ChannelConnectedLine", channel)
        case Hold(music_class):
            return _event("ChannelHold", channel, **({"musicclass": music_class} if music_class else {}))
        case Unhold():
            return _event("ChannelUnhold", channel)
        case HangupRequested(cause):
            soft = {"soft": True} if channel.is_ended_by_us else {}
            return _event("ChannelHangupRequest", channel, cause=cause, **soft)
        case Ended():
            cause = channel.hangup_cause
            return _event("ChannelDestroyed", channel, cause=int(cause), cause_txt=cause_text(cause))
    return None


def _event(type: str, channel: Channel, **fields: object) -> Json:
    return {"type": type, **fields, "channel": channel_json(channel)}


def _dial(peer: Channel, caller: Channel | None, dial_string: str, status: str) -> Json:
    event: Json = {"type": "Dial"} if caller is None else {"type": "Dial", "caller": channel_json(caller)}
    resource = dial_string.partition("/")[2]
    return event | {"peer": channel_json(peer), "forward": "", "dialstring": resource, "dialstatus": status}
