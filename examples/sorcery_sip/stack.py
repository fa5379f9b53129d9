"""The facade of the core: datagrams and deadlines in, events and datagrams out."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Iterable

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.events import (
    Dropped,
    Event,
    Refused,
    RequestReceived,
    ResponseReceived,
    TransactionTimedOut,
    TransportFailed,
)
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.parser import is_keepalive, parse_datagram
from sorcery_sip.message.reply import reply, reply_to_headers
from sorcery_sip.message.via import Via
from sorcery_sip.message.writer import write
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.key import client_key, server_key
from sorcery_sip.transaction.machine import Action, Input
from sorcery_sip.transaction.server import ServerTransaction
from sorcery_sip.transaction.table import Outgoing, Transaction, TransactionTable
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, Timers

__all__ = ["Stack"]

_DEFAULT_PORT = 5060
_WITHOUT_MACHINE = ("INVITE", "ACK")


class Stack:
    """Speak SIP over UDP without sockets, clock, chance or threads: all of them belong to the caller.

    After each call look at `next_event` until it returns None, send what `to_send` gives, and come back with
    `handle_deadline` at `next_deadline`. `now` is in seconds of a clock that never goes back. All calls have to
    come from one thread; a request may be answered at any later time. Bad input raises nothing: it becomes an
    event.

    >>> from sorcery_sip import Address, Stack, reply
    >>> stack, phone = Stack(), Address("192.0.2.7", 5062)
    >>> stack.receive(
    ...     b"OPTIONS sip:pbx.example.com SIP/2.0\\r\\nVia: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa1;rport\\r\\n"
    ...     b"From: <sip:alice@example.com>;tag=1\\r\\nTo: <sip:pbx.example.com>\\r\\n"
    ...     b"Call-ID: x\\r\\nCSeq: 1 OPTIONS\\r\\n\\r\\n", phone, now=0.0)
    >>> received = stack.next_event()
    >>> stack.respond(received.transaction, reply(received.request, 200), now=0.1)
    >>> [(data.split(b"\\r\\n")[1].decode(), str(to)) for data, to in stack.to_send()]
    [('Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa1;rport=5062;received=192.0.2.7', '192.0.2.7:5062')]
    >>> stack.next_deadline()
    32.1
    """

    def __init__(self, timers: Timers = DEFAULT_TIMERS) -> None:
        self._table = TransactionTable(timers)
        self._events: deque[Event] = deque()

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """Take in one datagram from `source`. Keep-alives are ignored, repeats absorbed."""
        if is_keepalive(data):
            return
        try:
            message = parse_datagram(data)
        except ParseError as error:
            self._refuse(error, data, source)
            return
        if isinstance(message, Request):
            self._receive_request(message, source, now)
        else:
            self._receive_response(message, source, now)

    def next_event(self) -> Event | None:
        """Return the oldest event not yet returned, None when there is none."""
        return self._events.popleft() if self._events else None

    def to_send(self) -> list[Outgoing]:
        """Hand over what waits to be sent, in order; the caller has to send it."""
        outgoing, self._table.outgoing = self._table.outgoing, []
        return outgoing

    def next_deadline(self) -> float | None:
        """Return when `handle_deadline` has to be called, None when nothing waits."""
        return self._table.next_deadline()

    def handle_deadline(self, now: float) -> None:
        """Let the timers fire that are due by `now`; too early a call does no harm."""
        for transaction, timer in self._table.due(now):
            self._feed(transaction, timer, now)

    def respond(
        self, transaction: ServerTransaction, response: Response, now: float, *, force_rport: bool = False
    ) -> None:
        """Answer a request; repeats of it get this response again until timer J ends.

        The way back is that of RFC 3261 18.2.2 and RFC 3581; `force_rport` treats the request as if its Via
        had `rport`. After a final response, and for a transaction that is gone, nothing happens. Raises
        `ValueError` when a header value holds a line end.
        """
        happened = Input.FINAL if response.is_final else Input.PROVISIONAL
        self._feed(transaction, happened, now, _outgoing(response, transaction.source, force_rport))

    def respond_statelessly(self, received: RequestReceived, response: Response, *, force_rport: bool = False) -> None:
        """Answer a request and forget it: a repeat will be a new request. `reply` gives both the same To tag.

        Raises as `respond`.
        """
        self._table.outgoing.append(_outgoing(response, received.source, force_rport))
        self.abandon(received)

    def reject(
        self,
        received: RequestReceived,
        status: int,
        *,
        headers: Iterable[tuple[str, str]] = (),
        force_rport: bool = False,
    ) -> None:
        """Answer a request with a bare failure and forget it; an ACK, which gets no answer, is only forgotten."""
        if received.request.method == "ACK":
            self.abandon(received)
        else:
            response = reply(received.request, status, headers=headers)
            self.respond_statelessly(received, response, force_rport=force_rport)

    def abandon(self, received: RequestReceived) -> None:
        """Forget a request that will never be answered; without this it would be remembered for ever."""
        if received.transaction is not None:
            self._table.remove(received.transaction)

    def request(self, request: Request, destination: Address, now: float) -> ClientTransaction:
        """Send a request, again and again until a response comes or timer F ends it.

        Its top Via has to carry a branch of its own (`Via.create`, `Request.with_via`). Raises `ValueError`
        when it has none or one that is in use, and for INVITE and ACK, which have machines of their own.
        """
        if request.method in _WITHOUT_MACHINE:
            raise ValueError(f"{request.method} is no request for a non-INVITE transaction")
        if not request.via.has_cookie:
            raise ValueError("the top Via has no branch of RFC 3261; make it with Via.create")
        transaction = ClientTransaction(client_key(request), request, destination)
        message = (write(request), destination)
        self._table.add(transaction)
        self._feed(transaction, Input.START, now, message)
        return transaction

    def transport_failed(self, destination: Address, now: float) -> None:
        """Learn that `destination` cannot be reached: every transaction that sends there ends."""
        for transaction in self._table.towards(destination):
            self._feed(transaction, Input.TRANSPORT_ERROR, now)

    def __len__(self) -> int:
        """Return how many transactions live."""
        return len(self._table)

    def _receive_request(self, request: Request, source: Address, now: float) -> None:
        transaction = None
        if request.method not in _WITHOUT_MACHINE:
            key = server_key(request)
            known = self._table.servers.get(key)
            if known is not None:
                self._feed(known, Input.REQUEST, now)
                return
            transaction = ServerTransaction(key, source)
            self._table.add(transaction)
        arrived = request.with_headers(_arrived(request.headers, source))
        self._events.append(RequestReceived(arrived, source, transaction))

    def _receive_response(self, response: Response, source: Address, now: float) -> None:
        if len(response.vias) > 1:
            self._events.append(Dropped("response with more than one Via: it is for somebody else", source))
            return
        transaction = self._table.clients.get(client_key(response))
        happened = Input.FINAL if response.is_final else Input.PROVISIONAL
        if transaction is None or Action.DELIVER in self._table.feed(transaction, happened, now):
            self._events.append(ResponseReceived(response, source, transaction))

    def _refuse(self, error: ParseError, data: bytes, source: Address) -> None:
        """Answer what can be answered, and never an ACK; count the rest as dropped."""
        event: Event = Dropped(error.reason, source)
        if error.fields and not data.lstrip(b"\r\n").startswith(b"ACK "):
            try:
                response = reply_to_headers(_arrived(Headers(error.fields), source), error.status)
            except HeaderError:
                pass
            else:
                self._table.outgoing.append(_outgoing(response, source, force_rport=False))
                event = Refused(error.status, error.reason, source)
        self._events.append(event)

    def _feed(self, transaction: Transaction, happened: Input, now: float, message: Outgoing | None = None) -> None:
        actions = self._table.feed(transaction, happened, now, message)
        if Action.REPORT_TIMEOUT in actions and isinstance(transaction, ClientTransaction):
            self._events.append(TransactionTimedOut(transaction))
        elif Action.REPORT_FAILURE in actions:
            self._events.append(TransportFailed(transaction))


def _arrived(headers: Headers, source: Address, *, force_rport: bool = False) -> Headers:
    """Fill `received` and `rport` of the top Via (RFC 3261 18.2.1, RFC 3581 4). Raises `HeaderError`."""
    vias = headers.parsed("Via", Via.parse)
    if not vias:
        raise HeaderError("Via", "", "the message has none")
    top = vias[0].arrived_from(source.host, source.port, force_rport=force_rport)
    return headers.with_set("Via", str(top), *(str(via) for via in vias[1:]))


def _outgoing(response: Response, source: Address, force_rport: bool) -> Outgoing:
    if force_rport and response.via.rport is None:
        response = response.with_headers(_arrived(response.headers, source, force_rport=True))
    return write(response), _way_back(response.via, source)


def _way_back(via: Via, source: Address) -> Address:
    """Choose where a response goes: maddr when the socket can send there, else where the request came from."""
    maddr = (via.params.get("maddr") or "").strip("[]")
    if maddr and _version(maddr) == _version(source.host):
        return Address(maddr, via.port or _DEFAULT_PORT, source.transport)
    return Address(source.host, via.rport or via.port or _DEFAULT_PORT, source.transport)


def _version(host: str) -> int | None:
    """Return the version of IP that an address belongs to; None for a name, which nobody here looks up."""
    try:
        return ipaddress.ip_address(host).version
    except ValueError:
        return None
