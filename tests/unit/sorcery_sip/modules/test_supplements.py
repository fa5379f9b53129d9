"""Supplements in their order."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery_sip.address import Address
from sorcery_sip.errors import HeaderError
from sorcery_sip.events import RequestReceived
from sorcery_sip.message import Headers, Request, Response, SipUri
from sorcery_sip.modules.contract import PASS, Decision, SessionSupplement, answer, take
from sorcery_sip.modules.supplements import Supplements

PEER = Address("192.0.2.7", 5060)
SESSION: Any = object()


class Noting(SessionSupplement):
    """Writes down what it is asked, and decides as it is told."""

    def __init__(
        self, notes: list[str], name: str, priority: int, *methods: str, decides: Decision | Exception = PASS
    ) -> None:
        self._notes, self._name, self._decides = notes, name, decides
        self.priority, self.methods = priority, frozenset(methods)

    def incoming_request(self, session: Any, received: RequestReceived) -> Decision:
        self._notes.append(self._name)
        if isinstance(self._decides, Exception):
            raise self._decides
        return self._decides

    def incoming_response(self, session: Any, response: Response) -> None:
        self._notes.append(self._name)

    def outgoing_request(self, session: Any, request: Request, destination: Address) -> Request:
        return request.with_headers(request.headers.with_added("X-By", self._name))

    def outgoing_response(self, session: Any, response: Response, destination: Address) -> Response:
        return response.with_headers(response.headers.with_added("X-By", self._name))

    def ended(self, session: Any) -> None:
        self._notes.append(self._name)


def request(method: str = "INVITE") -> Request:
    return Request(method, SipUri("pbx"), Headers([("CSeq", f"1 {method}")]))


def received(method: str = "INVITE") -> RequestReceived:
    return RequestReceived(request(method), PEER, None)


def response(method: str = "INVITE") -> Response:
    return Response(200, "OK", Headers([("CSeq", f"1 {method}")]))


@pytest.fixture
def notes() -> list[str]:
    return []


def test_lower_priorities_come_first_and_methods_choose(notes: list[str]) -> None:
    supplements = Supplements(
        [Noting(notes, "c", 3), Noting(notes, "b", 2, "INFO"), Noting(notes, "a", 1, "INVITE", "INFO")]
    )
    assert supplements.on_request(SESSION, received()) is PASS
    supplements.on_response(SESSION, response("INFO"))
    assert notes == ["a", "c", "a", "b", "c"]


@pytest.mark.parametrize("decision", [answer(200, "mine"), take(None, "later")])
def test_the_first_that_decides_ends_the_chain(notes: list[str], decision: Decision) -> None:
    supplements = Supplements([Noting(notes, "a", 1, decides=decision), Noting(notes, "b", 2)])
    assert supplements.on_request(SESSION, received()) is decision
    assert notes == ["a"]


def test_a_header_that_one_cannot_read_is_refused(notes: list[str]) -> None:
    supplements = Supplements([Noting(notes, "a", 1, decides=HeaderError("X", "", "nonsense")), Noting(notes, "b", 2)])
    assert supplements.on_request(SESSION, received()).status == 400
    assert notes == ["a"]


def test_each_sees_what_the_one_before_made_of_a_message(notes: list[str]) -> None:
    supplements = Supplements([Noting(notes, "b", 2), Noting(notes, "a", 1), Noting(notes, "no", 1, "BYE")])
    assert supplements.request(SESSION, request(), PEER).headers.get_all("X-By") == ("a", "b")
    assert supplements.response(SESSION, response(), PEER).headers.get_all("X-By") == ("a", "b")


def test_all_are_told_of_the_end_whatever_their_methods(notes: list[str]) -> None:
    Supplements([Noting(notes, "b", 2), Noting(notes, "a", 1, "INVITE")]).ended(SESSION)
    assert notes == ["a", "b"]


def test_hooks_that_one_does_not_need_do_nothing() -> None:
    supplements = Supplements([SessionSupplement()])
    message = request()
    assert supplements.on_request(SESSION, received()) is PASS
    assert supplements.request(SESSION, message, PEER) is message


def test_methods_without_end_do_not_fill_the_memory() -> None:
    supplements = Supplements([SessionSupplement()])
    for number in range(1000):
        supplements.on_request(SESSION, received(f"M{number}"))
    assert len(supplements._chains) <= 256
