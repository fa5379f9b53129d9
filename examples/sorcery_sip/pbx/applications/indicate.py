"""Ringing(), Progress(), Proceeding(): tell the caller how the call goes."""

from __future__ import annotations

from sorcery_sip.pbx.applications.contract import Call, Services
from sorcery_sip.pbx.technology import Indication

__all__ = ["proceeding", "progress", "ringing"]


async def ringing(call: Call, arguments: str, services: Services) -> None:
    """Tell the caller that it rings."""
    call.channel.indicate(Indication.RINGING)


async def progress(call: Call, arguments: str, services: Services) -> None:
    """Let the caller hear what is played before the answer."""
    call.channel.indicate(Indication.PROGRESS)


async def proceeding(call: Call, arguments: str, services: Services) -> None:
    """Tell the caller that the call is on its way."""
    call.channel.indicate(Indication.PROCEEDING)
