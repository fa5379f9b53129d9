import asyncio
import itertools
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from sorcery_sip import client as client_module
from sorcery_sip.auth import Algorithm, ha1, make_challenge, verify
from sorcery_sip.client import Client, answered, register
from sorcery_sip.errors import NoResponse, UriError
from sorcery_sip.events import Event, RequestReceived
from sorcery_sip.io.udp import UdpShell
from sorcery_sip.message import Challenge, Headers, Request, Response, SipUri, reply
from sorcery_sip.stack import Stack
from sorcery_sip.transaction.timers import Timers

AOR = "sip:alice@example.com"
FAST = Timers(t1=0.1, timer_b=6.4)


class Registrar:
    """A server in a thread that challenges, and keeps what it was asked."""

    def __init__(self, status: int = 401) -> None:
        self.status, self.requests = status, list[Request]()
        self.stack = Stack()
        self.shell = UdpShell(self.stack, self.on_event)
        self.loop = asyncio.new_event_loop()
        bound = self.loop.run_until_complete(self.shell.open("udp", "127.0.0.1", 0))
        self.address = (bound.host, bound.port)
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()

    def on_event(self, event: Event) -> None:
        if isinstance(event, RequestReceived) and event.transaction is not None:
            self.requests.append(event.request)
            self.stack.respond(event.transaction, self.answer(event.request), self.shell.now)

    def answer(self, request: Request) -> Response:
        proxy = self.status == 407
        given = request.proxy_credentials if proxy else request.credentials
        stored = ha1(Algorithm.SHA_256, "alice", "asterisk", "secret")
        if given and verify(given[0], request.method, stored):
            return reply(request, 200)
        challenge = make_challenge("asterisk", f"n{len(self.requests)}", algorithm=Algorithm.SHA_256)
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        return reply(request, self.status, headers=[(name, str(challenge))])

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.shell.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.run_until_complete(asyncio.sleep(0))  # sockets are closed in the loop's next round
        self.loop.close()


@pytest.fixture(params=[401, 407])
def registrar(request: pytest.FixtureRequest) -> Iterator[Registrar]:
    server = Registrar(request.param)
    yield server
    server.close()


def test_a_challenge_is_answered_and_the_registration_accepted(registrar: Registrar) -> None:
    contact = "sip:alice@127.0.0.1:5099"
    response = register(
        registrar.address, AOR, username="alice", password="secret", contact=contact, expires=60, timers=FAST
    )
    assert response.status == 200
    first, second = registrar.requests
    assert (str(first.uri), first.expires, str(first.contacts[0].uri)) == ("sip:example.com", 60, contact)
    assert (first.call_id, first.from_.tag) == (second.call_id, second.from_.tag)
    assert (first.cseq.number, second.cseq.number) == (1, 2)
    assert first.via.branch != second.via.branch


def test_a_wrong_password_is_tried_once(registrar: Registrar) -> None:
    response = register(registrar.address, AOR, username="alice", password="wrong", timers=FAST)
    assert (response.status, len(registrar.requests)) == (registrar.status, 2)


def test_without_a_username_the_challenge_is_the_answer(registrar: Registrar) -> None:
    response = register(registrar.address, AOR, timers=FAST)
    assert (response.status, len(registrar.requests)) == (registrar.status, 1)


def test_the_wildcard_and_the_own_address_are_contacts_too(registrar: Registrar) -> None:
    register(registrar.address, AOR, contact="*", expires=0, timers=FAST)
    register(registrar.address, AOR, timers=FAST)
    first, second = registrar.requests
    assert (first.has_wildcard_contact, first.expires) == (True, 0)
    own = second.contacts[0].uri
    assert isinstance(own, SipUri)
    assert (own.user, own.host, own.port) == ("alice", "127.0.0.1", second.via.rport)


@pytest.mark.parametrize("method", ["INVITE", "ACK"])
def test_what_belongs_to_a_call_is_not_sent(method: str) -> None:
    with Client(("127.0.0.1", 5060)) as client, pytest.raises(ValueError, match="part of a call"):
        client.send(Request(method, SipUri("example.com")))


def test_a_lost_request_is_sent_again() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)
        seen: list[bytes] = []

        def lose_one() -> None:
            seen.append(server.recv(65535))
            data, peer = server.recvfrom(65535)
            seen.append(data)
            server.sendto(data.replace(b"REGISTER sip:example.com SIP/2.0", b"SIP/2.0 200 OK", 1), peer)

        thread = threading.Thread(target=lose_one)
        thread.start()
        response = register(server.getsockname(), AOR, timers=FAST)
        thread.join()
    assert response.status == 200
    assert seen[0] == seen[1]


def test_what_else_comes_while_it_waits_is_passed_over() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(60)

        def answer_late() -> None:
            data, peer = server.recvfrom(65535)
            answer = data.replace(b"REGISTER sip:example.com SIP/2.0", b"SIP/2.0 200 OK", 1)
            question = data.replace(b"REGISTER", b"OPTIONS")
            foreign = answer.replace(b"200 OK", b"500 No").replace(b"z9hG4bK", b"z9hG4bKother")
            for datagram in (question, foreign, answer.replace(b"200 OK", b"100 Trying"), answer):
                server.sendto(datagram, peer)

        thread = threading.Thread(target=answer_late)
        thread.start()
        response = register(server.getsockname(), AOR, timers=FAST)
        thread.join()
    assert response.status == 200


def test_a_port_where_nothing_listens_is_told_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    with pytest.raises(NoResponse, match="nothing listens there"):
        register(address, AOR)


def test_what_the_network_refuses_is_told_in_its_own_words() -> None:
    with Client(("127.0.0.1", 9)) as client:
        fields = [("From", "<sip:a@h>;tag=1"), ("To", "<sip:a@h>"), ("Call-ID", "x" * 70_000), ("CSeq", "1 OPTIONS")]
        with pytest.raises(NoResponse, match="Message too long") as caught:
            client.send(Request("OPTIONS", SipUri("h"), Headers(fields)))
    assert isinstance(caught.value.__cause__, OSError)


def test_silence_ends_with_timer_f(monkeypatch: pytest.MonkeyPatch) -> None:
    hurried = SimpleNamespace(monotonic=itertools.count(0.0, 5.0).__next__)
    monkeypatch.setattr(client_module, "time", hurried)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        with pytest.raises(NoResponse, match="in time"):
            register(silent.getsockname(), AOR)


def test_an_aor_that_is_no_sip_uri_is_refused() -> None:
    with pytest.raises(UriError, match="sip:user@domain"):
        register(("127.0.0.1", 9), "tel:123")


def test_a_taken_port_leaves_no_socket_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        with pytest.raises(OSError, match="in use"):
            Client(("127.0.0.1", 9), local_port=taken.getsockname()[1])


class TestAnswered:
    request = Request("REGISTER", SipUri("h"), Headers([("CSeq", "4 REGISTER")]))

    @staticmethod
    def challenged(*texts: str, status: int = 401) -> Response:
        return Response(status, "", Headers(("WWW-Authenticate", text) for text in texts))

    def test_only_401_and_407_are(self) -> None:
        response = self.challenged(str(make_challenge("r", "n")), status=403)
        assert answered(self.request, response, "a", "p", "c") is None

    def test_a_stale_nonce_is_answered_anew_and_a_refusal_is_not(self) -> None:
        first = answered(self.request, self.challenged(str(make_challenge("r", "1"))), "a", "p", "c")
        assert first is not None
        refused = self.challenged(str(make_challenge("r", "2")))
        assert answered(first, refused, "a", "p", "c") is None
        stale = self.challenged(str(make_challenge("r", "2", stale=True)))
        again = answered(first, stale, "a", "p", "c")
        assert again is not None
        assert (again.cseq.number, [given.nonce for given in again.credentials]) == (6, ["2"])

    def test_the_strongest_that_is_listed_first_is_taken(self) -> None:
        sha = str(make_challenge("r", "n", algorithm=Algorithm.SHA_512_256))
        again = answered(self.request, self.challenged("Basic x", sha, str(make_challenge("r", "n"))), "a", "p", "c")
        assert again is not None
        assert again.credentials[0].algorithm == "SHA-512-256"

    def test_what_cannot_be_answered_is_none(self) -> None:
        assert answered(self.request, self.challenged("Basic x"), "a", "p", "c") is None
        assert answered(self.request, self.challenged(str(Challenge("Digest", ()))), "a", "p", "c") is not None
