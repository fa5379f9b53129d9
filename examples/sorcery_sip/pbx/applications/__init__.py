"""The applications of the dialplan that have to do with calls and sound; what steers it is in `dialplan`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sorcery_sip.pbx.applications.answer import answer
from sorcery_sip.pbx.applications.background import background
from sorcery_sip.pbx.applications.busy import busy, congestion, incomplete
from sorcery_sip.pbx.applications.contract import Application, Call, Services
from sorcery_sip.pbx.applications.dial import dial
from sorcery_sip.pbx.applications.echo import echo
from sorcery_sip.pbx.applications.indicate import proceeding, progress, ringing
from sorcery_sip.pbx.applications.playback import playback
from sorcery_sip.pbx.applications.playtones import playtones, stop_playtones
from sorcery_sip.pbx.applications.read import read
from sorcery_sip.pbx.applications.senddtmf import senddtmf
from sorcery_sip.pbx.applications.stasis import stasis
from sorcery_sip.pbx.applications.wait import wait

__all__ = ["APPLICATIONS", "Application", "Call", "Services", "applications"]

APPLICATIONS: Mapping[str, Application] = {
    "Answer": answer,
    "BackGround": background,
    "Busy": busy,
    "Congestion": congestion,
    "Dial": dial,
    "Echo": echo,
    "Incomplete": incomplete,
    "Playback": playback,
    "Playtones": playtones,
    "Proceeding": proceeding,
    "Progress": progress,
    "Read": read,
    "Ringing": ringing,
    "SendDTMF": senddtmf,
    "Stasis": stasis,
    "StopPlaytones": stop_playtones,
    "Wait": wait,
}


def applications(services: Services) -> dict[str, Callable[[Call, str], Awaitable[None]]]:
    """Return all applications by name, as a PBX runs them."""
    return {name: _bound(application, services) for name, application in APPLICATIONS.items()}


def _bound(application: Application, services: Services) -> Callable[[Call, str], Awaitable[None]]:
    return lambda call, arguments: application(call, arguments, services)
