"""Channels, parties and times as JSON, field by field as Asterisk writes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.party import Party

__all__ = ["Json", "channel_json", "presentation", "timestamp"]

Json = dict[str, Any]

_PRESENTATIONS = {
    "allowed_not_screened": (0, "Presentation Allowed, Not Screened"),
    "allowed_passed_screen": (1, "Presentation Allowed, Passed Screen"),
    "allowed_failed_screen": (2, "Presentation Allowed, Failed Screen"),
    "allowed": (3, "Presentation Allowed, Network Number"),
    "prohib_not_screened": (32, "Presentation Prohibited, Not Screened"),
    "prohib_passed_screen": (33, "Presentation Prohibited, Passed Screen"),
    "prohib_failed_screen": (34, "Presentation Prohibited, Failed Screen"),
    "prohib": (35, "Presentation Prohibited, Network Number"),
    "unavailable": (67, "Number Unavailable"),
}


def timestamp(seconds: float) -> str:
    """Return unix seconds as ISO 8601 with milliseconds, in the machine's time zone."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{moment:%z}"


def presentation(party: Party) -> tuple[int, str]:
    """Return the number of a party's presentation, and what it means."""
    return _PRESENTATIONS.get(party.presentation, _PRESENTATIONS["unavailable"])


def channel_json(channel: Channel) -> Json:
    """Return a channel as it is now."""
    return {
        "id": channel.id,
        "name": channel.name,
        "state": channel.state.value,
        "protocol_id": channel.technology.read_variable("pjsip,call-id") or "",
        "caller": _party_json(channel.caller),
        "connected": _party_json(channel.connected),
        "accountcode": channel.account,
        "dialplan": {
            "context": channel.context,
            "exten": channel.exten,
            "priority": channel.priority,
            "app_name": channel.application,
            "app_data": channel.arguments,
        },
        "creationtime": timestamp(channel.created),
        "language": channel.language,
    }


def _party_json(party: Party) -> Json:
    return {"name": party.name, "number": party.number}
