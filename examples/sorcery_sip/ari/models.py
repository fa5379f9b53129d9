"""The shapes of JSON values and events, as the API's description gives them to clients: names and types of fields."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["EVENTS", "MODELS"]

MODELS: Mapping[str, Mapping[str, str]] = {
    "Application": {
        "name": "string",
        "channel_ids": "List[string]",
        "bridge_ids": "List[string]",
        "endpoint_ids": "List[string]",
        "device_names": "List[string]",
        "events_allowed": "List[object]",
        "events_disallowed": "List[object]",
    },
    "AsteriskInfo": {"build": "object", "system": "object", "config": "object", "status": "object"},
    "AsteriskPing": {"asterisk_id": "string", "ping": "string", "timestamp": "Date"},
    "Bridge": {
        "id": "string",
        "technology": "string",
        "bridge_type": "string",
        "bridge_class": "string",
        "creator": "string",
        "name": "string",
        "channels": "List[string]",
        "creationtime": "Date",
        "video_mode": "string",
    },
    "CallerID": {"name": "string", "number": "string"},
    "Channel": {
        "id": "string",
        "name": "string",
        "state": "string",
        "protocol_id": "string",
        "caller": "CallerID",
        "connected": "CallerID",
        "accountcode": "string",
        "dialplan": "DialplanCEP",
        "creationtime": "Date",
        "language": "string",
    },
    "DialplanCEP": {
        "context": "string",
        "exten": "string",
        "priority": "long",
        "app_name": "string",
        "app_data": "string",
    },
    "Endpoint": {"technology": "string", "resource": "string", "state": "string", "channel_ids": "List[string]"},
    "Playback": {
        "id": "string",
        "media_uri": "string",
        "target_uri": "string",
        "language": "string",
        "state": "string",
    },
    "Variable": {"value": "string"},
}

_MESSAGE = {"type": "string", "timestamp": "Date", "application": "string", "asterisk_id": "string"}

EVENTS: Mapping[str, Mapping[str, str]] = {
    name: _MESSAGE | fields
    for name, fields in {
        "ApplicationReplaced": {},
        "BridgeCreated": {"bridge": "Bridge"},
        "BridgeDestroyed": {"bridge": "Bridge"},
        "ChannelCallerId": {
            "caller_presentation": "int",
            "caller_presentation_txt": "string",
            "channel": "Channel",
        },
        "ChannelConnectedLine": {"channel": "Channel"},
        "ChannelCreated": {"channel": "Channel"},
        "ChannelDestroyed": {"cause": "int", "cause_txt": "string", "channel": "Channel"},
        "ChannelDialplan": {"dialplan_app": "string", "dialplan_app_data": "string", "channel": "Channel"},
        "ChannelDtmfReceived": {"digit": "string", "duration_ms": "int", "channel": "Channel"},
        "ChannelEnteredBridge": {"bridge": "Bridge", "channel": "Channel"},
        "ChannelHangupRequest": {"cause": "int", "soft": "boolean", "channel": "Channel"},
        "ChannelHold": {"musicclass": "string", "channel": "Channel"},
        "ChannelLeftBridge": {"bridge": "Bridge", "channel": "Channel"},
        "ChannelStateChange": {"channel": "Channel"},
        "ChannelUnhold": {"channel": "Channel"},
        "ChannelUserevent": {"eventname": "string", "userevent": "object", "channel": "Channel", "bridge": "Bridge"},
        "ChannelVarset": {"variable": "string", "value": "string", "channel": "Channel"},
        "Dial": {
            "caller": "Channel",
            "peer": "Channel",
            "forward": "string",
            "dialstring": "string",
            "dialstatus": "string",
        },
        "PlaybackFinished": {"playback": "Playback"},
        "PlaybackStarted": {"playback": "Playback"},
        "StasisEnd": {"channel": "Channel"},
        "StasisStart": {"args": "List[string]", "channel": "Channel"},
    }.items()
}
