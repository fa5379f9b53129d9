"""A server without sockets, threads and clock: bytes in, a response out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_sip import Address, RequestReceived, Response, Stack
from sorcery_sip.client import answered
from sorcery_sip.message import parse_datagram, write
from sorcery_sip.message.messages import Request
from sorcery_sip.modules import build

PHONE = Address("192.0.2.7", 5062, "udp")
Fields = dict[str, str]


class Server:
    """The modules over a `Sorcery` in memory, and a stack; time stands still unless `now` is set."""

    def __init__(self, sorcery: Sorcery) -> None:
        self.sorcery, self.now = sorcery, 1_700_000_000.0
        self.application = build(sorcery, server_id="test", clock=lambda: self.now)
        self.stack = Stack()
        self._numbers = itertools.count(1)

    def store(self, *objects: Object) -> None:
        for obj in objects:
            self.sorcery.create(obj)

    def request(
        self, method: str = "REGISTER", fields: Fields | None = None, *, uri: str = "sip:pbx.example.com"
    ) -> Request:
        """Make a request of alice; `fields` replace the default header fields, an empty text removes one."""
        number = next(self._numbers)
        default = {
            "Via": f"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{number};rport",
            "From": "<sip:alice@pbx.example.com>;tag=1",
            "To": "<sip:alice@pbx.example.com>",
            "Call-ID": f"call{number}",
            "CSeq": f"1 {method}",
            "Contact": "<sip:alice@10.0.0.1:5060>" if method == "REGISTER" else "",
        }
        lines = [f"{name}: {value}" for name, value in {**default, **(fields or {})}.items() if value]
        data = "\r\n".join([f"{method} {uri} SIP/2.0", *lines, "", ""]).encode()
        message = parse_datagram(data)
        assert isinstance(message, Request)
        return message

    def send(self, request: Request, source: Address = PHONE) -> Response | None:
        """Let a request through the stack and the modules and return what is sent back."""
        self.stack.receive(write(request), source, 0.0)
        received = self.stack.next_event()
        assert isinstance(received, RequestReceived)
        self.application.pipeline.run(received).hand_to(self.stack, 0.0)
        sent = self.stack.to_send()
        if not sent:
            return None
        ((data, self.destination),) = sent
        response = parse_datagram(data)
        assert isinstance(response, Response)
        return response

    def ask(
        self,
        method: str = "REGISTER",
        fields: Fields | None = None,
        *,
        uri: str = "sip:pbx.example.com",
        source: Address = PHONE,
        password: str = "",
        username: str = "alice",
    ) -> Response:
        """Send a request and return its answer; with a password, a challenge is answered once."""
        request = self.request(method, fields, uri=uri)
        response = self.send(request, source)
        assert response is not None
        again = answered(request, response, username, password, "cnonce") if password else None
        if again is None:
            return response
        number = next(self._numbers)
        via = f"SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK{number};rport"
        final = self.send(again.with_headers(again.headers.with_set("Via", via)), source)
        assert final is not None
        return final


@pytest.fixture
def sorcery() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as opened:
        yield opened


@pytest.fixture
def server(sorcery: Sorcery) -> Iterator[Server]:
    """A server that knows nobody."""
    made = Server(sorcery)
    yield made
    made.application.close()


@pytest.fixture
def pbx(server: Server) -> Server:
    """A server where alice may register two contacts with the password `secret`."""
    server.store(
        Endpoint(id="alice", aors=["alice"], auth=["alice"]),
        Aor(id="alice", max_contacts=2),
        Auth.from_objectset("alice", [("username", "alice"), ("password", "secret")]),
    )
    return server


@pytest.fixture
def open_pbx(server: Server) -> Server:
    """A server where alice may register two contacts without a password."""
    server.store(Endpoint(id="alice", aors=["alice"]), Aor(id="alice", max_contacts=2))
    return server
