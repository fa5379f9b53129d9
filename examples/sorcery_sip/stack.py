"""The facade of the core: datagrams and deadlines in, events and datagrams out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError, ParseError
from sorcery_sip.events import (
    Cancelled,
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
from sorcery_sip.message.reply import acknowledges_reply, reply, reply_to_headers
from sorcery_sip.message.writer import write
from sorcery_sip.transaction.client import NON_INVITE_CLIENT, ClientTransaction
from sorcery_sip.transaction.derived import ack_to_failure, cancel_of
from sorcery_sip.transaction.invite_client import INVITE_CLIENT
from sorcery_sip.transaction.invite_server import INVITE_SERVER
from sorcery_sip.transaction.key import client_key, invite_key, server_key
from sorcery_sip.transaction.machine import Action, Input, State, input_of
from sorcery_sip.transaction.server import NON_INVITE_SERVER, ServerTransaction
from sorcery_sip.transaction.table import Outgoing, Transaction, TransactionTable
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, Timers
from sorcery_sip.transaction.way_back import arrived, on_its_way

__all__ = ["Stack"]


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
        """Answer a request; repeats of it get this response again, save those of an INVITE that got a 2xx.

        The way back is that of RFC 3261 18.2.2 and RFC 3581; `force_rport` treats the request as if its Via
        had `rport`. After a final response, and for a transaction that is gone, nothing happens. Raises
        `ValueError` when a header value holds a line end.
        """
        message = on_its_way(response, transaction.source, force_rport)
        transaction.force_rport = force_rport
        if transaction.to_tag is None and transaction.key.method == "INVITE":
            transaction.to_tag = response.to.tag
        self._feed(transaction, input_of(transaction.key.method, response.status), now, message)

    def send_response(self, response: Response, transaction: ServerTransaction) -> None:
        """Send a response once more, or one that its user repeats himself: the transaction takes no notice.

        It goes where those of `respond` went. Raises as `respond`.
        """
        self._table.outgoing.append(on_its_way(response, transaction.source, transaction.force_rport))

    def respond_statelessly(self, received: RequestReceived, response: Response, *, force_rport: bool = False) -> None:
        """Answer a request and forget it: a repeat will be a new request. `reply` gives both the same To tag.

        Raises as `respond`.
        """
        self._table.outgoing.append(on_its_way(response, received.source, force_rport))
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
        """Send a request, again and again until a response comes or its time is over.

        An INVITE that got a provisional response waits for ever, unless it is cancelled. The ACK to a failure is sent
        here, that to a 2xx by the user. The top Via has to carry a branch of its own (`Via.create`,
        `Request.with_via`). Raises `ValueError` when it has none or one that is in use, and for an ACK, which has no
        transaction.
        """
        if request.method == "ACK":
            raise ValueError("an ACK is no transaction; give the one to a 2xx to send")
        if not request.via.has_cookie:
            raise ValueError("the top Via has no branch of RFC 3261; make it with Via.create")
        machine = INVITE_CLIENT if request.method == "INVITE" else NON_INVITE_CLIENT
        transaction = ClientTransaction(client_key(request), request, destination, machine)
        message = (write(request), destination)
        self._table.add(transaction)
        self._feed(transaction, Input.START, now, message)
        return transaction

    def send(self, request: Request, destination: Address) -> None:
        """Send a request that nobody answers: the ACK to a 2xx. Raises `ValueError` when a header holds a line end."""
        self._table.outgoing.append((write(request), destination))

    def cancel(
        self, transaction: ClientTransaction, now: float, headers: Iterable[tuple[str, str]] = ()
    ) -> ClientTransaction | None:
        """Ask for an INVITE of ours to be given up, with more `headers` in the CANCEL (RFC 3261 9.1).

        Returns the CANCEL's transaction; None when it has to wait for a provisional response, when there is a
        final response, and for what is cancelled already. The INVITE ends as it would without: as a rule with a 487,
        and with a time-out when the peer is silent for 64 times T1. Raises `ValueError` when a header holds a line
        end.
        """
        if transaction.is_cancelled or transaction.state not in (State.CALLING, State.PROCEEDING):
            return None
        cancel = cancel_of(transaction.request, headers)
        write(cancel)  # what cannot be written is told now, and not when it is sent
        transaction.is_cancelled, transaction.waiting_cancel = True, cancel
        return self._send_cancel(transaction, cancel, now) if transaction.state is State.PROCEEDING else None

    def transport_failed(self, destination: Address, now: float) -> None:
        """Learn that `destination` cannot be reached: whoever waits for what was sent there is told."""
        for transaction in self._table.towards(destination):
            self._feed(transaction, Input.TRANSPORT_ERROR, now)

    def __len__(self) -> int:
        """Return how many transactions live."""
        return len(self._table)

    def _receive_request(self, request: Request, source: Address, now: float) -> None:
        if request.method == "ACK":
            self._receive_ack(request, source, now)
            return
        key = server_key(request)
        known = self._table.servers.get(key)
        if known is not None:
            self._feed(known, Input.REQUEST, now)
            return
        machine = INVITE_SERVER if request.method == "INVITE" else NON_INVITE_SERVER
        transaction = ServerTransaction(key, source, machine)
        self._table.add(transaction)
        received = RequestReceived(request.with_headers(arrived(request.headers, source)), source, transaction)
        invite = self._table.servers.get(invite_key(request)) if request.method == "CANCEL" else None
        if invite is None:
            self._events.append(received)
        else:
            self._cancelled(invite, received, now)

    def _receive_ack(self, ack: Request, source: Address, now: float) -> None:
        """Let an ACK end its transaction, or give it to the user when it may be that to a 2xx."""
        invite = self._table.servers.get(server_key(ack))
        if invite is not None:
            is_for_user = Action.DELIVER in self._table.feed(invite, Input.ACK, now)
        else:
            is_for_user = ack.to.tag is not None and not acknowledges_reply(ack)
            if not is_for_user:
                self._events.append(Dropped("ACK to a response without transaction", source))
        if is_for_user:
            arrived_ack = ack.with_headers(arrived(ack.headers, source))
            self._events.append(RequestReceived(arrived_ack, source, None))

    def _cancelled(self, invite: ServerTransaction, received: RequestReceived, now: float) -> None:
        """Answer a CANCEL whose INVITE is here; that is the user's matter until it has its final response."""
        if received.transaction is not None:
            response = reply(received.request, 200, to_tag=invite.to_tag)
            self.respond(received.transaction, response, now, force_rport=invite.force_rport)
        if invite.state in (State.TRYING, State.PROCEEDING):
            invite.is_cancelled = True
            self._events.append(Cancelled(invite, received))

    def _receive_response(self, response: Response, source: Address, now: float) -> None:
        if len(response.vias) > 1:
            self._events.append(Dropped("response with more than one Via: it is for somebody else", source))
            return
        transaction = self._table.clients.get(client_key(response))
        if transaction is None:
            self._events.append(ResponseReceived(response, source, None))
            return
        happened = input_of(transaction.key.method, response.status)
        message = None
        if happened is Input.FAILURE:
            message = (write(ack_to_failure(transaction.request, response)), transaction.destination)
        if Action.DELIVER in self._table.feed(transaction, happened, now, message):
            self._events.append(ResponseReceived(response, source, transaction))
            if happened is Input.PROVISIONAL and transaction.waiting_cancel is not None:
                self._send_cancel(transaction, transaction.waiting_cancel, now)

    def _send_cancel(self, invite: ClientTransaction, cancel: Request, now: float) -> ClientTransaction:
        invite.waiting_cancel = None
        self._feed(invite, Input.CANCELLED, now)
        return self.request(cancel, invite.destination, now)

    def _refuse(self, error: ParseError, data: bytes, source: Address) -> None:
        """Answer what can be answered, and never an ACK; count the rest as dropped."""
        event: Event = Dropped(error.reason, source)
        if error.fields and not data.lstrip(b"\r\n").startswith(b"ACK "):
            try:
                response = reply_to_headers(arrived(Headers(error.fields), source), error.status)
            except HeaderError:
                pass
            else:
                self._table.outgoing.append(on_its_way(response, source, force_rport=False))
                event = Refused(error.status, error.reason, source)
        self._events.append(event)

    def _feed(self, transaction: Transaction, happened: Input, now: float, message: Outgoing | None = None) -> None:
        actions = self._table.feed(transaction, happened, now, message)
        if Action.REPORT_TIMEOUT in actions and isinstance(transaction, ClientTransaction):
            self._events.append(TransactionTimedOut(transaction))
        elif Action.REPORT_FAILURE in actions:
            self._events.append(TransportFailed(transaction))
