"""Stasis(application[,argument...]): hand the channel to an application outside."""

from __future__ import annotations

import logging

from sorcery_sip.errors import shorten
from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.dialplan.arguments import split_arguments

__all__ = ["stasis"]

_LOG = logging.getLogger(__name__)


async def stasis(call: Call, arguments: str, services: Services) -> None:
    """Let an application have the channel; `STASISSTATUS` is `FAILED` if it is not connected, else `SUCCESS`."""
    name, *rest = split_arguments(arguments) or [""]
    channel = call.channel
    channel.set_variable("STASISSTATUS", "")
    try:
        destination = await services.stasis.hand_over(channel, name, rest)
    except LookupError:
        _LOG.error("Stasis on %s: no application %s is connected", channel.name, shorten(name))
        channel.set_variable("STASISSTATUS", "FAILED")
        return
    channel.set_variable("STASISSTATUS", "SUCCESS")
    if destination is not None:
        call.goto(*destination)
