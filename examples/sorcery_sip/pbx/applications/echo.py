"""Echo(): let the caller hear himself."""

from __future__ import annotations

import logging

from sorcery_sip.errors import UnsupportedFormat
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.events import DtmfEnd, HangupRequested, TextReceived
from sorcery_sip.pbx.playing import audible

__all__ = ["echo"]

_LOG = logging.getLogger(__name__)


async def echo(call: Call, arguments: str, services: Services) -> None:
    """Send back what comes, digits and texts too, until `#` or a hang-up."""
    channel = call.channel
    try:
        media = await audible(channel)
    except UnsupportedFormat as error:
        _LOG.warning("Echo on %s: %s", channel.name, error)
        return
    media.echo(True)
    try:
        while True:
            match await channel.read():
                case HangupRequested() | DtmfEnd("#"):
                    return
                case DtmfEnd(digit, ms):
                    channel.technology.send_dtmf(digit, ms)
                case TextReceived(text, content_type):
                    channel.technology.send_text(text, content_type)
    finally:
        media.echo(False)
