"""What the sessions of one user agent share: the stack, their tables, and how their messages leave."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import attrs

from sorcery_sip.address import Address
from sorcery_sip.dialog import Dialog, DialogId
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.via import Via
from sorcery_sip.session.deadlines import Deadlines
from sorcery_sip.session.events import SessionEvent
from sorcery_sip.session.network import Network
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.timers import Timers

if TYPE_CHECKING:
    from sorcery_sip.session.invite_session import InviteSession

__all__ = ["Core", "Handler", "OnOutgoing", "Outcome"]


@attrs.frozen(slots=True)
class Outcome:
    """A response to a request of ours. When nobody answered it is a 408 or 503 made here, without a source."""

    transaction: ClientTransaction
    response: Response
    source: Address | None

    @property
    def is_local(self) -> bool:
        """Whether nobody answered: time ran out, or the network refused."""
        return self.source is None

    @property
    def message(self) -> Response | None:
        """The response, None when nobody sent it."""
        return None if self.source is None else self.response


Handler = Callable[[Outcome, float], None]
OnOutgoing = Callable[["InviteSession", Request | Response, Address], Request | Response]
"""Looks at a message before it is written, and returns it or another one of the same kind."""


class Core:
    """The stack below, tables of what the sessions wait for, and the ways out."""

    def __init__(self, stack: Stack, network: Network, chance: random.Random, timers: Timers) -> None:
        self.stack, self.network, self.random, self.timers = stack, network, chance, timers
        self.deadlines = Deadlines()
        self.events: deque[SessionEvent] = deque()
        self.dialogs: dict[DialogId, tuple[InviteSession, Dialog]] = {}
        self.invites: dict[ServerTransaction, InviteSession] = {}
        """INVITEs of peers without a final response."""
        self.waiting: dict[ClientTransaction, Handler] = {}
        """Who hears of responses to requests of ours."""
        self.sessions: set[InviteSession] = set()
        """Those that have not ended."""
        self.on_outgoing: OnOutgoing = _unchanged

    def token(self) -> str:
        """Return a word that nobody can guess, for tags, branches and Call-IDs."""
        return f"{self.random.getrandbits(64):016x}"

    def register(self, session: InviteSession, dialog: Dialog) -> None:
        """Let the requests of `dialog` reach `session`."""
        self.dialogs[dialog.id] = (session, dialog)

    def unregister(self, dialog: Dialog) -> None:
        """Let the requests of `dialog` reach nobody."""
        self.dialogs.pop(dialog.id, None)

    def request(
        self, session: InviteSession | None, request: Request, destination: Address, now: float, handler: Handler
    ) -> ClientTransaction:
        """Send a request, which comes without Via; `handler` hears of its responses. A session that is gone is None."""
        transaction = self.stack.request(self._prepared(session, request, destination), destination, now)
        self.waiting[transaction] = handler
        return transaction

    def send(self, session: InviteSession | None, request: Request, destination: Address) -> Request:
        """Send an ACK to a 2xx, and return it as it was sent: repeats of it are the same."""
        prepared = self._prepared(session, request, destination)
        self.stack.send(prepared, destination)
        return prepared

    def respond(
        self, session: InviteSession, transaction: ServerTransaction, response: Response, now: float
    ) -> Response:
        """Answer a request, and return the response as it was sent."""
        filtered = cast(Response, self.on_outgoing(session, response, transaction.source))
        self.stack.respond(transaction, filtered, now, force_rport=session.force_rport)
        return filtered

    def _prepared(self, session: InviteSession | None, request: Request, destination: Address) -> Request:
        local = self.network.local(destination)
        prepared = request.with_via(Via.create(local.host, local.port, self.token()))
        return prepared if session is None else cast(Request, self.on_outgoing(session, prepared, destination))


def _unchanged(_session: InviteSession, message: Request | Response, _destination: Address) -> Request | Response:
    return message
