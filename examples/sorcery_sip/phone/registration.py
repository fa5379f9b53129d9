"""How a phone tells its server where it is: REGISTER and what comes of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

from sorcery_sip.address import Address
from sorcery_sip.client import answered
from sorcery_sip.errors import NoResponse
from sorcery_sip.events import Event, ResponseReceived, TransactionTimedOut, TransportFailed
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.uri import SipUri
from sorcery_sip.message.via import Via
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.client import ClientTransaction

__all__ = ["Registration"]

_MAX_ROUNDS = 5


class Registration:
    """Put REGISTERs to one server over the stack of a phone; `flush` sends what waits there.

    All share a Call-ID, as RFC 3261 10.2.4 asks, so they have to come one after the other.
    """

    def __init__(self, user: str, password: str, stack: Stack, flush: Callable[[], None]) -> None:
        self._user, self._password = user, password
        self._stack, self._flush = stack, flush
        self._call_id, self._cseq = secrets.token_hex(16), 0
        self._waiting: dict[ClientTransaction, asyncio.Future[Response]] = {}

    async def register(
        self, server: SipUri, destination: Address, contact: SipUri, local: Address, expires: int
    ) -> Response:
        """Register `contact` and return the final response; challenges are answered. Raises `NoResponse`."""
        request = self._request(server, contact, expires)
        response = await self._exchange(request, destination, local)
        for _ in range(_MAX_ROUNDS):
            again = answered(request, response, self._user, self._password, secrets.token_hex(8))
            if again is None:
                break
            request = again
            response = await self._exchange(request, destination, local)
        return response

    def handle(self, event: Event) -> bool:
        """Take an event of the stack; False when it is not about a REGISTER of ours."""
        if not isinstance(event, ResponseReceived | TransactionTimedOut | TransportFailed):
            return False
        transaction = event.transaction
        if not isinstance(transaction, ClientTransaction) or transaction not in self._waiting:
            return False
        outcome = self._waiting[transaction]
        if isinstance(event, ResponseReceived):
            if event.response.is_final and not outcome.done():
                outcome.set_result(event.response)
        elif not outcome.done():
            outcome.set_exception(NoResponse(f"REGISTER to {transaction.destination}: no final response in time"))
        return True

    def _request(self, server: SipUri, contact: SipUri, expires: int) -> Request:
        own = NameAddr(SipUri(server.host, self._user, server.port))
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(own.with_tag(secrets.token_hex(8)))),
            ("To", str(own)),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._cseq + 1} REGISTER"),
            ("Contact", str(NameAddr(contact))),
            ("Expires", str(expires)),
        ]
        return Request("REGISTER", server, Headers(fields))

    async def _exchange(self, request: Request, destination: Address, local: Address) -> Response:
        self._cseq = request.cseq.number
        loop = asyncio.get_running_loop()
        via = Via.create(local.host, local.port, secrets.token_hex(12))
        transaction = self._stack.request(request.with_via(via), destination, loop.time())
        outcome: asyncio.Future[Response] = loop.create_future()
        self._waiting[transaction] = outcome
        self._flush()
        try:
            return await outcome
        finally:
            del self._waiting[transaction]
