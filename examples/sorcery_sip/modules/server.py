"""The server: sockets, transactions, worker threads and modules in one event loop."""

from __future__ import annotations

import asyncio
import collections
import functools
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import attrs

from sorcery import Report, Sorcery, SorceryError, Unavailable
from sorcery.pjsip import Acl, Aor, Auth, Contact, DomainAlias, Endpoint, Global, Identify, System, Transport
from sorcery.plain import plain
from sorcery_sip.address import Address
from sorcery_sip.errors import ParseError
from sorcery_sip.events import Dropped, Event, Refused, RequestReceived
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.modules.application import build
from sorcery_sip.modules.ari import AriInterface
from sorcery_sip.modules.calling import Calling
from sorcery_sip.modules.calls import Calls
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.distributor import Distributor
from sorcery_sip.modules.pipeline import RETRY_AFTER, Result
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.transports import Transports
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import Timers

__all__ = ["Server", "log_report"]

WORKERS = 8
PATIENCE = 10.0
"""Seconds that a stop waits for what is in progress."""
SWEEP_WHEN_OFF = 30
ORPHANS_EVERY = 3600.0
"""Seconds between two looks for contacts whose AOR is gone: of one that is deleted while this runs, a notice tells."""
_SHOWN = 10
"""Ids of each type that the log names after a reload."""
_NEEDED = (Acl, Aor, Auth, Contact, DomainAlias, Endpoint, Global, Identify, Transport)

_LOG = logging.getLogger(__name__)


class Server:
    """One stack over one `Sorcery`. Make and use it in the thread of a running event loop."""

    def __init__(self, sorcery: Sorcery) -> None:
        self._sorcery = sorcery
        self._loop = asyncio.get_running_loop()
        timers, settings = _timers(sorcery), Settings(sorcery)
        self._stack = Stack(timers)
        self._shell = UdpShell(self._stack, self._on_event)
        self._transports = Transports(sorcery, self._shell)
        self._calling = Calling(sorcery, settings, self._stack, timers, self._transports, self._changed)
        self._calls = self._shell.sessions = self._calling.calls
        self._application = build(sorcery, settings=settings, extensions=self._calling.pbx, calls=self._calls)
        calling, lists = self._calling, self._application.lists
        self._ari = AriInterface(sorcery, lists, calling.pbx, calling.stasis, calling.sounds)
        self._in_call = _InCall(self._calls, self._stack)
        self._is_flush_due = False
        self._distributor = Distributor(
            self._application.pipeline.run, lambda: self._loop.call_soon_threadsafe(self._answer), WORKERS
        )
        self._reloading = asyncio.Lock()
        self._vanished: collections.deque[str] = collections.deque()
        """AORs that were deleted, whose contacts are still to go."""
        self._forgetting = asyncio.Lock()
        self._deletions = sorcery.observe(Aor, deleted=self._on_deleted)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    async def start(self) -> Sequence[Address]:
        """Open the sockets and return their addresses; raises `NoTransport`, `Unavailable`."""
        addresses = await self._transports.start(await asyncio.to_thread(self._transports.wanted))
        self._begin(self._sweep())
        self._begin(self._warn_of_silence())
        await self._ari.follow()
        return addresses

    def reload(self) -> None:
        """Read the configuration again, beside what is going on; the log tells what changed, and what went wrong."""
        self._begin(self._reload())

    async def reloaded(self) -> Report:
        """Read the configuration again and return what came of it, in the dialplan too; raises `Unavailable`."""
        async with self._reloading:
            report = await asyncio.to_thread(self._sorcery.reload)
            log_report(report)
            await self._forget()
            await asyncio.to_thread(self._application.lists.reload)
            findings = await asyncio.to_thread(self._calling.reload)
            await self._ari.follow()
            await self._transports.follow(await asyncio.to_thread(self._transports.wanted))
            _LOG.info("reloaded")
        return attrs.evolve(report, findings=(*report.findings, *findings))

    async def stop(self) -> None:
        """Answer what is in progress, end all calls, refuse what is new, close the sockets; takes up to ten seconds."""
        self._is_stopping = True
        self._deletions.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        deadline = self._loop.time() + PATIENCE
        while self._distributor.pending and self._loop.time() < deadline:
            await asyncio.sleep(0.01)
        if self._distributor.pending:
            _LOG.error("%d requests were not answered within %.0f s", self._distributor.pending, PATIENCE)
        await self._ari.stop()
        await self._calling.stop(max(1.0, deadline - self._loop.time()))
        self._shell.close()
        self._application.close()
        await asyncio.to_thread(self._distributor.close, 0.0 if self._distributor.pending else PATIENCE)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_deleted(self, aor: Aor) -> None:
        """Let an AOR's contacts go with it, whoever deleted it; called in the thread that tells of it."""
        self._vanished.append(aor.id)
        self._loop.call_soon_threadsafe(lambda: self._begin(self._forget()))

    async def _forget(self) -> None:
        contacts = self._application.contacts
        async with self._forgetting:
            while self._vanished:
                forget = functools.partial(contacts.forget, self._vanished.popleft())
                await self._clean("belonged to a deleted aor", forget)

    def _on_event(self, event: Event) -> None:
        if isinstance(event, RequestReceived):
            self._on_request(event)
        elif isinstance(event, Refused):
            _LOG.info("request from %s: %d, %s", event.source, event.status, event.reason)
        elif isinstance(event, Dropped):
            _LOG.debug("datagram from %s dropped: %s", event.source, event.reason)
        else:
            self._calls.handle(event)

    def _on_request(self, received: RequestReceived) -> None:
        if self._calls.owns(received):
            self._on_request_of_call(received)
        elif self._is_stopping:
            self._stack.reject(received, 503, headers=(("Retry-After", str(RETRY_AFTER)),), force_rport=True)
        elif self._is_overloaded(received) and self._overload_counts:
            _LOG.debug("%s from %s dropped: overload", received.request.method, received.source)
            self._stack.abandon(received)  # over UDP the client tries again by itself
        else:
            self._distributor.submit(received)

    def _on_request_of_call(self, received: RequestReceived) -> None:
        """Let the gates judge it, in a worker where that may block."""
        admit, application = self._application.pipeline.admit, self._application
        if application.acl.is_open:
            self._carry_out(admit(received, (application.uri_gate,), self._in_call))
        else:
            gates = (application.acl, application.uri_gate)
            self._distributor.submit(received, lambda received: admit(received, gates, self._in_call))

    def _is_overloaded(self, received: RequestReceived) -> bool:
        """Tell whether a new request is too much: any while workers do not keep up, a call while the sockets fill."""
        return self._distributor.is_overloaded or (received.request.method == "INVITE" and self._shell.is_behind)

    @property
    def _overload_counts(self) -> bool:
        settings = self._application.settings.latest  # this is the thread of the sockets: it must not block
        return settings is None or settings.taskprocessor_overload_trigger != "none"

    def _answer(self) -> None:
        for result in self._distributor.results():
            self._carry_out(result)
        self._shell.flush()

    def _carry_out(self, result: Result) -> None:
        try:
            result.hand_to(self._stack, self._shell.now)
        except ParseError as error:
            _LOG.warning("request from %s: %d, %s", result.received.source, error.status, plain(error.reason))
            self._stack.reject(result.received, error.status, force_rport=result.force_rport)
        except ValueError as error:  # a stored text with a line end in it
            _LOG.error("answer to %s cannot be written: %s", result.received.source, error)
            self._stack.reject(result.received, 500, force_rport=result.force_rport)
        except Exception as error:  # noqa: BLE001 - the next request is somebody else's
            _LOG.error("request from %s cannot be served", result.received.source, exc_info=error)
            self._stack.reject(result.received, 500, force_rport=result.force_rport)

    def _changed(self) -> None:
        """Have what calls want to say sent before the loop waits again."""
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        self._calls.pump()
        self._shell.flush()

    async def _reload(self) -> None:
        try:
            await self.reloaded()
        except SorceryError as error:
            _LOG.error("reload: %s", error)

    async def _warn_of_silence(self) -> None:
        """Say which stores do not answer before the first phone learns it."""
        for error in await asyncio.to_thread(_silent_stores, self._sorcery):
            _LOG.warning("%s; until it answers, requests that need it get 503", error)

    async def _sweep(self) -> None:
        """Delete expired contacts from time to time, and those without an AOR; once what died with the last run."""
        contacts, system_name = self._application.contacts, self._sorcery.environment.system_name
        await self._clean("died with the last run", lambda: contacts.prune(system_name))
        looked = float("-inf")
        while True:
            if self._loop.time() - looked >= ORPHANS_EVERY:
                await self._clean("belongs to no aor", contacts.orphans)
                looked = self._loop.time()
            interval = await asyncio.to_thread(self._interval)
            await asyncio.sleep(interval or SWEEP_WHEN_OFF)
            if interval:
                await self._clean("expired", self._expired)

    def _expired(self) -> Sequence[str]:
        return self._application.contacts.sweep(self._application.pipeline.clock())

    async def _clean(self, why: str, work: Callable[[], Sequence[str]]) -> None:
        try:
            for id in await asyncio.to_thread(work):
                _LOG.info("contact %r removed: it %s", id, why)
        except SorceryError as error:
            _LOG.warning("not every contact that %s could be removed: %s", why, error)

    def _interval(self) -> int:
        try:
            return self._application.settings.current.contact_expiration_check_interval
        except SorceryError:
            return SWEEP_WHEN_OFF


@attrs.frozen(slots=True)
class _InCall:
    """Takes the requests of calls that the gates let in."""

    calls: Calls
    stack: Stack

    def begin(self, received: RequestReceived, incoming: Incoming) -> None:
        """Give it to its call; 481 when that ended meanwhile."""
        if incoming.request is not received.request:
            received = attrs.evolve(received, request=incoming.request)
        if not self.calls.handle(received):
            self.stack.reject(received, 481, force_rport=True)


def log_report(report: Report) -> None:
    """Log what a load did, a line per finding and per kind of change."""
    for finding in report.findings:
        _LOG.log(finding.severity.level, "%s", plain(str(finding)))
    for what in ("created", "updated", "deleted", "kept"):
        for type_name, ids in getattr(report, what).items():
            _LOG.info("%s %s: %s", what, type_name, _few(ids))
    if not report:
        _LOG.info("nothing changed")


def _few(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


def _silent_stores(sorcery: Sorcery) -> list[Unavailable]:
    """Ask for one object of every type that a request may need; return what stores that do not answer say; blocks."""
    silent = []
    for cls in _NEEDED:
        try:
            sorcery.retrieve_by_id(cls, "sorcery-sip")
        except Unavailable as error:
            silent.append(error)
    return silent


def _timers(sorcery: Sorcery) -> Timers:
    """Return the timers of the `system` section, whose milliseconds become seconds; raises `Unavailable`."""
    found = sorcery.retrieve_all(System)
    system = found[0] if found else System.from_objectset("system", ())
    return Timers(t1=system.timer_t1 / 1000, timer_b=system.timer_b / 1000)
