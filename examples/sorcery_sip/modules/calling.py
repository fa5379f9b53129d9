"""Everything of calls put together: sessions, media, supplements, channels and the PBX of one server."""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sorcery import Sorcery
from sorcery.aio import AsyncSorcery
from sorcery.findings import Finding
from sorcery.pjsip import Endpoint, System
from sorcery_sip.address import Address
from sorcery_sip.io.media import MediaLoop, UdptlPort, open_rtp, open_udptl
from sorcery_sip.io.sounds import SoundLibrary
from sorcery_sip.modules.call_headers import HeaderSupplement
from sorcery_sip.modules.caller_id import CallerId
from sorcery_sip.modules.calls import Calls
from sorcery_sip.modules.chan_pjsip import ChannelSupplement, PjsipDriver
from sorcery_sip.modules.contract import SessionSupplement
from sorcery_sip.modules.diversion import Diversion
from sorcery_sip.modules.dns import name_service
from sorcery_sip.modules.dtmf_info import DtmfInfo
from sorcery_sip.modules.fax import Fax
from sorcery_sip.modules.header_functions import header_functions
from sorcery_sip.modules.in_dialog import Texts, Transfers, UnknownInfos
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.nat import NatSupplement
from sorcery_sip.modules.network import Network
from sorcery_sip.modules.object_functions import object_functions
from sorcery_sip.modules.outbound_auth import OutboundAuth
from sorcery_sip.modules.pbx_config import DialplanFile
from sorcery_sip.modules.pbx_start import PbxStart
from sorcery_sip.modules.pjsip_channel import Surroundings
from sorcery_sip.modules.resolver import Resolver
from sorcery_sip.modules.rtp_ports import RtpPorts
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.sound_folders import asterisk_sounds
from sorcery_sip.modules.t38 import T38Supplement
from sorcery_sip.modules.targets import Targets
from sorcery_sip.modules.transports import Transports
from sorcery_sip.pbx.applications import Services, applications
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import Match
from sorcery_sip.pbx.local import LocalDriver
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.stasis import StasisApplications
from sorcery_sip.pbx.technology import ChannelDriver
from sorcery_sip.session import UserAgent
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import Timers

__all__ = ["Calling"]

_POLL = 0.02
_FAREWELL = 2.0
"""Seconds that a stop waits for answers to the last BYEs."""


class Calling:
    """The calls of one server, from its socket to its dialplan. Make and use it in the thread of the event loop."""

    def __init__(
        self,
        sorcery: Sorcery,
        settings: Settings,
        stack: Stack,
        timers: Timers,
        transports: Transports,
        changed: Callable[[], None],
    ) -> None:
        """`changed` is called when something may wait to be sent.

        Blocks on `extensions.conf` and `rtp.conf`; raises `Unavailable` where the `system` section cannot be read.
        """
        directory, loop = sorcery.environment.directory, asyncio.get_running_loop()
        self._settings, self._random, self._media_loop = settings, random.SystemRandom(), MediaLoop()
        self._rport = not any(system.disable_rport for system in sorcery.retrieve_all(System))
        self._rtp = RtpPorts(_file(directory, "rtp.conf"), functools.partial(open_rtp, media=self._media_loop))
        self._dialplan = DialplanFile(_file(directory, "extensions.conf"))
        self._network = Network(lambda: transports.listening, Resolver(name_service()))
        self._agent = UserAgent(stack, self._network, random=self._random, timers=timers)
        store = AsyncSorcery(sorcery)
        self.calls = Calls(
            self._agent,
            self._network,
            settings,
            make=self._make,
            answer_challenge=OutboundAuth(store, settings).answer,
            clock=loop.time,
            changed=changed,
        )
        self._t38 = T38Supplement(self.calls, loop.call_later)
        self.channels = Channels()
        self.sounds = SoundLibrary((directory or Path()) / "sounds", more=asterisk_sounds(directory))
        surroundings = Surroundings(self.calls, self.channels, self.sounds, self._t38)
        targets = Targets(store, settings, self._network, time.time)
        drivers: dict[str, ChannelDriver] = {"PJSIP": PjsipDriver(surroundings, targets)}
        self.pbx = Pbx(self._dialplan.current, drivers, {}, channels=self.channels)
        drivers["Local"] = LocalDriver(self.channels, self.pbx.start, self._has_extension)
        self.stasis = StasisApplications()
        services = Services(self.sounds, drivers, self.stasis, self.pbx.run_subroutine)
        for application, run in applications(services).items():
            self.pbx.register_application(application, run)
        self._dialplan.expect(self.pbx.applications)
        for name, function in {**header_functions(), **object_functions(store, targets)}.items():
            self.pbx.register_function(name, function)
        self.calls.use(self._supplements(surroundings))
        self._is_stopped = False

    def reload(self) -> tuple[Finding, ...]:
        """Read `extensions.conf` and `rtp.conf` again, and return what is wrong in the dialplan; blocks."""
        self._rtp.reload()
        return self._dialplan.reload()

    async def stop(self, patience: float) -> None:
        """End all calls, wait up to `patience` seconds for that, and let go of everything."""
        for channel in self.channels:
            channel.request_hangup(Cause.NORMAL_CLEARING if channel.is_up else Cause.SWITCH_CONGESTION)
        await _while(lambda: bool(len(self.channels) or len(self.calls)), patience)
        await _while(lambda: self._agent.is_parting, _FAREWELL)
        if not self._is_stopped:
            self._is_stopped = True
            self._media_loop.close()

    def _supplements(self, surroundings: Surroundings) -> tuple[SessionSupplement, ...]:
        return (
            DtmfInfo(),
            CallerId(),
            HeaderSupplement(),
            ChannelSupplement(surroundings),
            self._t38,
            Diversion(),
            Texts(),
            Transfers(),
            UnknownInfos(),
            PbxStart(self.pbx),
            NatSupplement(self._network, rport=self._rport),
        )

    def _has_extension(self, context: str, exten: str, caller_number: str) -> bool:
        return self.pbx.exists(context, exten, caller_number) is Match.EXISTS

    def _make(self, endpoint: Endpoint, peer: Address, **attributes: Any) -> CallSession:
        """Return a call that has not begun, with handlers for the media that its endpoint allows."""
        fax = Fax(endpoint, self._open_udptl(endpoint)) if endpoint.t38_udptl else None
        handlers = self._rtp.handlers(endpoint)
        session = CallSession(
            endpoint=endpoint,
            settings=self._settings,
            media=MediaSession(
                endpoint,
                handlers if fax is None else (*handlers, fax),
                lambda ipv6: self._network.media(endpoint, peer, ipv6=ipv6),
                random=self._random,
            ),
            transport=self._network.settings(peer.transport),
            **attributes,
        )
        if fax is not None:
            self._t38.watch(session, fax)
        return session

    def _open_udptl(self, endpoint: Endpoint) -> Callable[[str], UdptlPort]:
        return functools.partial(open_udptl, ports=self._rtp.range_for(endpoint), media=self._media_loop)


def _file(directory: Path | None, name: str) -> Path | None:
    return None if directory is None else directory / name


async def _while(condition: Callable[[], bool], patience: float) -> None:
    """Return once the condition no longer holds, or after so many seconds."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience
    while condition() and loop.time() < deadline:
        await asyncio.sleep(_POLL)
