"""One leg of a call, whatever protocol carries it."""

from __future__ import annotations

import asyncio
import collections
import enum
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.events import (
    Answered,
    ChannelEvent,
    ConnectedLine,
    HangupRequested,
    RedirectingChanged,
    Ringing,
)
from sorcery_sip.pbx.notices import ApplicationStarted, ConnectedLineChanged, Ended, StateChanged, VariableSet
from sorcery_sip.pbx.party import Party, Redirecting
from sorcery_sip.pbx.technology import Indication

if TYPE_CHECKING:
    from sorcery_sip.pbx.technology import Technology

__all__ = ["Channel", "ChannelState", "Observer", "read_any"]


MAX_FORWARDS = 20


class ChannelState(enum.Enum):
    """How far the call is; the values are what `CHANNEL(state)` and ARI print."""

    DOWN = "Down"
    DIALING = "Dialing"
    RING = "Ring"
    """An incoming call that nobody answered yet."""
    RINGING = "Ringing"
    """An outgoing call whose far end is alerted."""
    UP = "Up"


Observer: TypeAlias = Callable[["Channel", object], None]
"""Called in the loop with the channel and an event or notice, or what others tell of it through `Channel.tell`."""


class Channel:
    """A leg of a call: its driver posts events, one application or bridge at a time reads them.

    Used in the thread of the event loop only. `Channels.create` makes one with the next id.
    """

    def __init__(
        self,
        name: str,
        technology: Technology,
        *,
        id: str,
        created: float,
        context: str = "default",
        exten: str = "s",
        caller: Party | None = None,
        connected: Party | None = None,
        dialed: str = "",
        language: str = "en",
        account: str = "",
        formats: tuple[str, ...] = (),
        state: ChannelState = ChannelState.DOWN,
        observers: tuple[Observer, ...] = (),
    ) -> None:
        self.name, self.technology, self.id, self.created = name, technology, id, created
        self.context, self.exten, self.priority = context, exten, 1
        self.caller, self.connected = caller or Party(), connected or Party()
        self.redirecting = Redirecting()
        self.dialed = dialed
        """The number that was called."""
        self.language, self.account, self.formats = language, account, formats
        self.variables: dict[str, str] = {}
        """By name, without the underscores that say who inherits it."""
        self.application, self.arguments = "", ""
        """What the dialplan runs at present."""
        self.hangup_cause: int = 0
        self.tech_cause = ""
        self.is_ended_by_us = False
        """Whether the PBX asked for its end, and not the peer."""
        self.answered_at: float | None = None
        """When it was answered, by the loop's clock."""
        self.max_forwards = MAX_FORWARDS
        """How many more times the call may be passed on."""
        self.data: dict[str, Any] = {}
        """What others keep with it, by a name of their own."""
        self._state = state
        self._inherited: dict[str, int] = {}
        self._events: collections.deque[ChannelEvent] = collections.deque()
        self._reader: asyncio.Future[None] | None = None
        self._hangup: HangupRequested | None = None
        self._is_over = False
        self._waiting: list[asyncio.Future[None]] = []
        self._observers = observers

    def __repr__(self) -> str:
        return f"<Channel {self.name} {self._state.value}>"

    # -- state

    @property
    def state(self) -> ChannelState:
        """How far the call is."""
        return self._state

    @state.setter
    def state(self, state: ChannelState) -> None:
        if state is not self._state:
            self._state = state
            if state is ChannelState.UP:
                self.answered_at = asyncio.get_running_loop().time()
            self.tell(StateChanged())

    @property
    def is_up(self) -> bool:
        """Whether it was answered."""
        return self._state is ChannelState.UP

    @property
    def is_hung_up(self) -> bool:
        """Whether it is to end, or has ended."""
        return self._hangup is not None

    @property
    def is_over(self) -> bool:
        """Whether it has ended: the driver knows it no longer."""
        return self._is_over

    # -- events

    def post(self, event: ChannelEvent) -> None:
        """Take what the driver tells; the state follows at once, the rest is up to whoever reads it."""
        match event:
            case Answered():
                self.state = ChannelState.UP
            case Ringing() if self._state is not ChannelState.UP:
                self.state = ChannelState.RINGING
            case ConnectedLine(party):
                self.caller = party
            case RedirectingChanged(redirecting):
                self.redirecting = redirecting
            case HangupRequested():
                self._request_hangup(event, by_us=False)
                return
        self.tell(event)
        self._events.append(event)
        self._wake()

    async def read(self) -> ChannelEvent:
        """Return the next event, waiting for it; one task at a time.

        After the channel is to end, what was left is returned and from then on always `HangupRequested`.
        """
        _, event = await read_any((self,))
        return event

    async def read_unless(self, done: asyncio.Future[Any]) -> ChannelEvent | None:
        """Return the next event like `read`, or None as soon as `done` is done."""
        done.add_done_callback(self._wake)
        try:
            while not done.done():
                event = self._next()
                if event is not None:
                    return event
                await _anything((self,))
        finally:
            done.remove_done_callback(self._wake)
        return None

    async def wait_for_hangup(self) -> None:
        """Return once the channel is to end; any number of tasks may wait, and take no event from its reader."""
        if self._hangup is None:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            try:
                await waiting
            finally:
                if waiting in self._waiting:
                    self._waiting.remove(waiting)

    # -- what the PBX does with it

    def answer(self) -> None:
        """Answer an incoming call; nothing for one that is up or is to end."""
        if self._state is not ChannelState.UP and self._hangup is None:
            self.technology.answer()
            self.state = ChannelState.UP

    def indicate(self, what: Indication, data: Any = None) -> None:
        """Tell the peer; nothing for a channel that is to end."""
        if self._hangup is None:
            self.technology.indicate(what, data)

    def connect_line(self, party: Party) -> None:
        """Tell the peer whom it speaks with, if that changed."""
        if party != self.connected:
            self.connected = party
            self.indicate(Indication.CONNECTED_LINE, party)
            self.tell(ConnectedLineChanged())

    def request_hangup(self, cause: int = Cause.UNKNOWN) -> None:
        """Ask whoever has the channel to end it; without a cause for the one that is known, or normal clearing."""
        self._request_hangup(HangupRequested(cause), by_us=True)

    def hangup(self, cause: int = Cause.UNKNOWN) -> None:
        """End it for good; called again it does nothing. The cause counts as in `request_hangup`, for the first."""
        if self._is_over:
            return
        self._request_hangup(HangupRequested(cause), by_us=True)
        self._is_over = True
        try:
            self.technology.hangup(self.hangup_cause)
        finally:
            self.tell(Ended())
            self._observers = ()

    def start_application(self, name: str, arguments: str) -> None:
        """Note what the dialplan runs from now on."""
        self.application, self.arguments = name, arguments
        self.tell(ApplicationStarted())

    # -- variables

    def set_variable(self, name: str, value: str) -> None:
        """Set a variable; one underscore before the name hands it to channels this one dials, two to theirs too."""
        bare = name.lstrip("_") if name.startswith("_") else name
        depth = min(len(name) - len(bare), 2)
        self.variables[bare] = value
        if depth:
            self._inherited[bare] = depth
        else:
            self._inherited.pop(bare, None)
        self.tell(VariableSet(bare, value))

    def inherited_variables(self) -> dict[str, str]:
        """Return what a channel that this one dials is to get, by the names that `set_variable` takes."""
        return {f"{'__' if depth > 1 else ''}{name}": self.variables[name] for name, depth in self._inherited.items()}

    # -- observers

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Have `observer` called with whatever happens until the channel ends; returns what stops it."""
        self._observers += (observer,)

        def stop() -> None:
            self._observers = tuple(other for other in self._observers if other is not observer)

        return stop

    def tell(self, notice: object) -> None:
        """Tell the observers."""
        for observer in self._observers:
            observer(self, notice)

    def _request_hangup(self, event: HangupRequested, *, by_us: bool) -> None:
        if self._hangup is not None:
            return
        self.is_ended_by_us = by_us
        self.hangup_cause = event.cause or self.hangup_cause or Cause.NORMAL_CLEARING
        if event.cause != self.hangup_cause:
            event = attrs.evolve(event, cause=self.hangup_cause)
        self._hangup = event
        self.tech_cause = event.tech_cause
        self.tell(event)
        self._wake()
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    def _next(self) -> ChannelEvent | None:
        return self._events.popleft() if self._events else self._hangup

    def _wake(self, _: object = None) -> None:
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)


async def read_any(channels: Sequence[Channel]) -> tuple[Channel, ChannelEvent]:
    """Return the next event of several channels, and whose it is; they are asked in their order.

    Like `Channel.read` for one task at a time: raises `RuntimeError` where another one reads a channel.
    """
    while True:
        for channel in channels:
            event = channel._next()
            if event is not None:
                return channel, event
        await _anything(channels)


async def _anything(channels: Sequence[Channel]) -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    if any(channel._reader is not None for channel in channels):
        raise RuntimeError(f"two tasks read one of {channels}")
    for channel in channels:
        channel._reader = future
    try:
        await future
    finally:
        for channel in channels:
            channel._reader = None
