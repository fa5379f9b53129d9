"""Three answers of a store, and what becomes of errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from sorcery import AlreadyExists, InvalidObject, NotFound, PartialWrite, Sorcery, Unavailable
from sorcery.pjsip import Acl, Aor, Auth, Contact, Endpoint, Global
from sorcery_sip import Address, RequestReceived
from sorcery_sip.modules.contract import Incoming

DOWN = Unavailable("realtime ps_endpoints", "connection refused")
Retrieve = Callable[..., Any]


def fail(server: Any, monkeypatch: pytest.MonkeyPatch, method: str, type: Any, error: Exception) -> None:
    """Let one kind of question about one type fail."""
    original: Retrieve = getattr(server.sorcery, method)

    def asked(wanted: Any, *arguments: Any, **fields: Any) -> Any:
        if wanted is type:
            raise error
        return original(wanted, *arguments, **fields)

    monkeypatch.setattr(server.sorcery, method, asked)


@pytest.mark.parametrize(
    ("method", "type"),
    [
        ("retrieve_all", Acl),
        ("retrieve_all", Global),
        ("retrieve_by_id", Endpoint),
        ("retrieve_by_id", Auth),
        ("retrieve_by_id", Aor),
        ("retrieve_by_prefix", Contact),
    ],
)
def test_a_store_that_cannot_answer_is_503_with_retry_after(
    pbx: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str, type: Any
) -> None:
    first = pbx.request()
    challenged = pbx.send(first)
    assert challenged.status == 401
    pbx.application.settings._forget(None)
    fail(pbx, monkeypatch, method, type, DOWN)
    response = pbx.ask(password="secret")
    assert (response.status, response.headers.get("Retry-After")) == (503, "5")
    assert "connection refused" not in str(list(response.headers))
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert line.endswith(f": 503, store: {DOWN}")


def test_a_write_that_cannot_be_made_is_503(open_pbx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_pbx.sorcery, "_store", raiser(Unavailable("astdb", "database is locked")))
    assert open_pbx.ask().status == 503


def raiser(error: Exception) -> Callable[..., None]:
    def fails(*arguments: object) -> None:
        raise error

    return fails


@pytest.mark.parametrize(
    "error",
    [
        PartialWrite({"astdb": "stored", "realtime": "refused"}),
        AlreadyExists("contact", "alice;@1"),
        NotFound("contact", "alice;@1"),
    ],
)
def test_a_write_that_fails_is_500(open_pbx: Any, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr(open_pbx.sorcery, "_store", raiser(error))
    assert open_pbx.ask().status == 500


def test_a_write_that_another_server_crossed_is_tried_again(open_pbx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store, errors = open_pbx.sorcery._store, [AlreadyExists("contact", "alice;@1")]

    def crossed(steps: Any) -> None:
        if errors:
            raise errors.pop()
        store(steps)

    monkeypatch.setattr(open_pbx.sorcery, "_store", crossed)
    assert open_pbx.ask().status == 200


def test_a_stored_object_that_is_none_is_500_and_a_line_in_the_log(
    pbx: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    error = InvalidObject("endpoint", "alice", "is no number", option="timers_min_se", value="x")
    fail(pbx, monkeypatch, "retrieve_by_id", Endpoint, error)
    assert pbx.ask().status == 500
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "endpoint 'alice', option timers_min_se='x': is no number" in record.getMessage()


def test_a_module_that_fails_is_500_and_the_next_request_goes_on(
    pbx: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patched:
        fail(pbx, patched, "retrieve_by_id", Aor, ZeroDivisionError("oops"))
        assert pbx.ask(password="secret").status == 500
    assert "ZeroDivisionError" in caplog.text
    assert pbx.ask(password="secret").status == 200


def test_a_module_that_fails_at_every_question_does_not_end_its_worker(
    pbx: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(pbx, monkeypatch, "retrieve_all", Global, ZeroDivisionError("oops"))
    assert pbx.ask().status == 500


def test_a_failure_is_stateless_and_a_200_a_transaction(open_pbx: Any) -> None:
    open_pbx.ask("OPTIONS", uri="sip:100@pbx.example.com")
    assert len(open_pbx.stack) == 0
    open_pbx.ask()
    assert len(open_pbx.stack) == 1


def test_an_ack_is_never_answered_not_even_when_a_store_is_down(pbx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fail(pbx, monkeypatch, "retrieve_all", Acl, DOWN)
    assert pbx.send(pbx.request("ACK", {"To": "<sip:b@h>;tag=x"})) is None


def test_the_server_header_is_the_user_agent_of_the_global_section(open_pbx: Any) -> None:
    assert open_pbx.ask().headers.get("Server") == "Asterisk PBX"
    open_pbx.store(Global(id="global", user_agent="ours"))
    assert open_pbx.ask().headers.get("Server") == "ours"
    open_pbx.sorcery.update(Global.from_objectset("global", [("user_agent", "")]))
    assert open_pbx.ask().headers.get("Server") is None


def test_each_outcome_is_one_line_with_its_reason(pbx: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "sorcery_sip")
    pbx.ask(password="secret")
    assert caplog.messages == [
        "REGISTER sip:alice@pbx.example.com from 192.0.2.7:5062: 200, registrar: aor 'alice': added "
        "sip:alice@10.0.0.1:5060"
    ]
    caplog.clear()
    pbx.sorcery.update(Aor(id="alice"))
    pbx.ask(password="secret")
    assert caplog.messages == [
        "REGISTER sip:alice@pbx.example.com from 192.0.2.7:5062: 403, registrar: aor 'alice' has max_contacts=0"
    ]


def test_a_sorcery_that_is_empty_knows_only_strangers(sorcery: Sorcery, server: Any) -> None:
    assert server.sorcery is sorcery
    assert server.ask().status == 401


def test_a_log_line_holds_nothing_that_steers_a_terminal(open_pbx: Any, caplog: pytest.LogCaptureFixture) -> None:
    open_pbx.ask(fields={"To": "<sip:\x1b[2Jbob@pbx.example.com>"})
    assert caplog.messages[0].startswith("REGISTER sip:\\x1b[2Jbob@pbx.example.com from ")
    assert all(message.isprintable() for message in caplog.messages)


class Taker:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[Incoming] = []

    def begin(self, received: RequestReceived, incoming: Incoming) -> None:
        self.taken.append(incoming)


def of_a_call(pbx: Any, method: str = "INFO", fields: dict[str, str] | None = None) -> RequestReceived:
    request = pbx.request(method, {"To": "<sip:alice@pbx>;tag=x", **(fields or {})})
    return RequestReceived(request, Address("192.0.2.7", 5062), None)


def test_a_request_of_a_call_passes_the_gates_and_is_taken_without_its_private_marks(open_pbx: Any) -> None:
    taker, pipeline = Taker(), open_pbx.application.pipeline
    received = of_a_call(open_pbx, "UPDATE", {"Contact": "<sip:alice@10.0.0.1;x-ast-txp=udp>"})
    pipeline.admit(received, pipeline.gates[:2], taker).hand_to(open_pbx.stack, 0.0)
    (incoming,) = taker.taken
    assert str(incoming.request.contacts[0].uri) == "sip:alice@10.0.0.1"
    assert incoming.endpoint is None


def test_a_request_of_a_call_that_a_gate_refuses_is_answered(open_pbx: Any) -> None:
    open_pbx.store(Acl.from_objectset("a", [("deny", "0.0.0.0/0")]))
    taker, pipeline = Taker(), open_pbx.application.pipeline
    result = pipeline.admit(of_a_call(open_pbx), pipeline.gates[:2], taker)
    assert result.response is not None
    assert result.response.status == 403
    assert taker.taken == []


def test_an_ack_of_a_call_that_a_gate_refuses_gets_no_answer(open_pbx: Any) -> None:
    open_pbx.store(Acl.from_objectset("a", [("deny", "0.0.0.0/0")]))
    pipeline = open_pbx.application.pipeline
    assert pipeline.admit(of_a_call(open_pbx, "ACK"), pipeline.gates[:2], Taker()).response is None


def test_an_outage_is_a_line_at_its_begin_and_one_at_its_end_however_many_phones_ask(
    open_pbx: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    store = open_pbx.sorcery._store
    monkeypatch.setattr(open_pbx.sorcery, "_store", raiser(Unavailable("astdb", "database is locked")))
    for _ in range(20):
        assert open_pbx.ask().status == 503
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.endswith(": 503, store: astdb is unavailable: database is locked")
    monkeypatch.setattr(open_pbx.sorcery, "_store", store)
    caplog.clear()
    open_pbx.now += 20
    assert open_pbx.ask().status == 200
    (line,) = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert line.startswith("no request is refused for astdb any more; 20 were from ")
