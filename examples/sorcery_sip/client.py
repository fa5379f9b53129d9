"""A small user agent client over UDP: send a request, answer challenges, wait for the final response."""

from __future__ import annotations

import secrets
import socket
import time
from types import TracebackType
from typing import Self

from sorcery_sip.address import Address
from sorcery_sip.auth.challenge import answer_challenge, choose_challenge
from sorcery_sip.auth.digest import Algorithm, ha1
from sorcery_sip.errors import NoResponse, UriError
from sorcery_sip.events import RequestReceived, ResponseReceived, TransactionTimedOut, TransportFailed
from sorcery_sip.message.authorization import Challenge, Credentials
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request, Response
from sorcery_sip.message.name_addr import NameAddr
from sorcery_sip.message.parser import MAX_MESSAGE
from sorcery_sip.message.simple import CSeq
from sorcery_sip.message.uri import SipUri, parse_uri
from sorcery_sip.message.via import Via, bracketed
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.client import ClientTransaction
from sorcery_sip.transaction.timers import DEFAULT_TIMERS, Timers

__all__ = ["Client", "answered", "register"]

_MAX_ROUNDS = 5


class Client:
    """One UDP socket to one server. Methods block the calling thread; a client serves one thread at a time.

    Raises `OSError` when the server's name is not found or no socket is to be had.
    """

    def __init__(self, server: tuple[str, int], *, local_port: int = 0, timers: Timers = DEFAULT_TIMERS) -> None:
        family, _, _, _, peer = socket.getaddrinfo(*server, type=socket.SOCK_DGRAM)[0]
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.bind(("", local_port))
            self._socket.connect(peer)
        except OSError:
            self._socket.close()
            raise
        self._peer = Address(str(peer[0]), int(peer[1]))
        self._stack = Stack(timers)
        self._failure: OSError | None = None
        """What the network said when it refused the present request."""

    @property
    def local(self) -> Address:
        """The address that the server sees, unless there is NAT between."""
        return Address(*self._socket.getsockname()[:2])

    def send(self, request: Request, *, username: str = "", password: str = "") -> Response:
        """Send a request other than INVITE and ACK and return its final response; `request` comes without Via.

        With a `username`, challenges are answered: up to five, and a realm again only when stale. Raises
        `NoResponse` when timer F ends before the server answers, or at once when the network refuses, as where
        nothing listens; `HeaderError` for a challenge that cannot be read; and `ValueError` for INVITE and ACK, which
        are more than a question and an answer.
        """
        if request.method in ("INVITE", "ACK"):
            raise ValueError(f"{request.method} is part of a call; a client only asks and gets an answer")
        response = self._exchange(request)
        for _ in range(_MAX_ROUNDS):
            again = username and answered(request, response, username, password, secrets.token_hex(8))
            if not again:
                break
            request = again
            response = self._exchange(request)
        return response

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _exchange(self, request: Request) -> Response:
        local, self._failure = self.local, None
        request = request.with_via(Via.create(local.host, local.port, secrets.token_hex(12)))
        transaction = self._stack.request(request, self._peer, time.monotonic())
        while True:
            self._send()
            response = self._final_response(transaction)
            if response is not None:
                return response
            self._wait()

    def _final_response(self, transaction: ClientTransaction) -> Response | None:
        while (event := self._stack.next_event()) is not None:
            if isinstance(event, RequestReceived):
                self._stack.abandon(event)
            elif isinstance(event, ResponseReceived | TransactionTimedOut | TransportFailed):
                if event.transaction is not transaction:
                    continue
                if not isinstance(event, ResponseReceived):
                    reason = _why(self._failure)
                    raise NoResponse(f"{transaction.request.method} to {self._peer}: {reason}") from self._failure
                if event.response.is_final:
                    return event.response
        return None

    def _send(self) -> None:
        for data, _ in self._stack.to_send():
            try:
                self._socket.send(data)
            except OSError as error:
                self._refused(error)

    def _wait(self) -> None:
        """Block until a datagram comes or a timer is due."""
        deadline = self._stack.next_deadline()
        left = None if deadline is None else deadline - time.monotonic()
        if left is not None and left <= 0:
            self._stack.handle_deadline(time.monotonic())
            return
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(MAX_MESSAGE)
        except TimeoutError:
            return
        except OSError as error:
            self._refused(error)
        else:
            self._stack.receive(data, self._peer, time.monotonic())

    def _refused(self, error: OSError) -> None:
        self._failure = error
        self._stack.transport_failed(self._peer, time.monotonic())


def register(
    server: tuple[str, int],
    aor: str,
    *,
    username: str = "",
    password: str = "",
    contact: str = "",
    expires: int = 3600,
    timers: Timers = DEFAULT_TIMERS,
) -> Response:
    """Register `contact` for the address of record `aor` and return the final response, whatever it is.

    `expires` is in seconds; 0 removes the binding, and with `contact="*"` all of them. Without `contact` the
    client's own address is registered. Blocks for up to timer F a round (32 s by default). Raises `NoResponse`,
    and `UriError` when `aor` is no SIP URI or `contact` no URI.
    """
    address = parse_uri(aor)
    if not isinstance(address, SipUri):
        raise UriError(aor, "write the address of record as sip:user@domain")
    with Client(server, timers=timers) as client:
        local = client.local
        own = SipUri(bracketed(local.host), address.user, local.port)
        bound = contact if contact == "*" else str(NameAddr(parse_uri(contact) if contact else own))
        fields = [
            ("Max-Forwards", "70"),
            ("From", str(NameAddr(address).with_tag(secrets.token_hex(8)))),
            ("To", str(NameAddr(address))),
            ("Call-ID", secrets.token_hex(16)),
            ("CSeq", "1 REGISTER"),
            ("Contact", bound),
            ("Expires", str(expires)),
        ]
        registrar = SipUri(address.host, port=address.port, scheme=address.scheme)
        request = Request("REGISTER", registrar, Headers(fields))
        return client.send(request, username=username, password=password)


def answered(request: Request, response: Response, username: str, password: str, cnonce: str) -> Request | None:
    """Return `request` with credentials for the challenge in a 401 or 407, and the next CSeq.

    None when the response holds no challenge that can be answered, or when the password was wrong: the realm
    that was answered asks again, and not because the nonce was stale (RFC 3261 22.2). Raises `HeaderError`.
    """
    if response.status not in (401, 407):
        return None
    proxy = response.status == 407
    challenge = choose_challenge(response.proxy_challenges if proxy else response.challenges)
    given = request.proxy_credentials if proxy else request.credentials
    if challenge is None or _is_refused(challenge, given):
        return None
    algorithm = Algorithm.named(challenge.algorithm) or Algorithm.MD5
    credentials = answer_challenge(
        challenge,
        username=username,
        ha1_hex=ha1(algorithm, username, challenge.realm, password),
        method=request.method,
        uri=str(request.uri),
        cnonce=cnonce,
    )
    name = "Proxy-Authorization" if proxy else "Authorization"
    cseq = CSeq(request.cseq.number + 1, request.method)
    return request.with_headers(request.headers.with_set(name, str(credentials)).with_set("CSeq", str(cseq)))


def _is_refused(challenge: Challenge, given: tuple[Credentials, ...]) -> bool:
    return not challenge.stale and any(credentials.realm == challenge.realm for credentials in given)


def _why(failure: OSError | None) -> str:
    if failure is None:
        return "no final response in time"
    if isinstance(failure, ConnectionRefusedError):
        return "nothing listens there"
    return failure.strerror or str(failure)
