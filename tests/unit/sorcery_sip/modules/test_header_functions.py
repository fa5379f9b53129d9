"""Header fields of a call, as the dialplan reads and sets them."""

from __future__ import annotations

import logging
from typing import Any, cast

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip import Headers
from sorcery_sip.modules.call_headers import headers_of
from sorcery_sip.modules.chan_pjsip import PjsipTechnology
from sorcery_sip.modules.header_functions import header_functions
from sorcery_sip.modules.pjsip_channel import Surroundings
from sorcery_sip.modules.session import CallSession
from sorcery_sip.pbx.channel import Channel
from sorcery_sip.pbx.dialplan.scope import Scope, World


@pytest.fixture
def session() -> CallSession:
    made = CallSession(endpoint=Endpoint(id="bob"), settings=cast(Any, None), media=cast(Any, None), transport=None)
    nothing = cast(Any, None)
    technology = PjsipTechnology(made, Surroundings(nothing, nothing, nothing, nothing))
    made.channel = Channel("PJSIP/bob-1", technology, id="1.1", created=1.0)
    return made


def scope(session: CallSession) -> Scope:
    return Scope(World(header_functions()), session.channel)


def test_a_header_is_read_by_name_and_number(session: CallSession) -> None:
    headers_of(session).fields = Headers([("X-A", "1"), ("x-a", "2"), ("X-B", "3")])
    call = scope(session)
    assert call.expand("${PJSIP_HEADER(read,X-A)} ${PJSIP_HEADER(READ,X-A,2)} ${PJSIP_HEADER(read,X-C)}.") == "1 2 ."
    assert call.get("PJSIP_HEADERS(x-)") == "X-A,X-B"


def test_headers_are_set(session: CallSession) -> None:
    call = scope(session)
    call.set("PJSIP_HEADER(add,X-A)", "1")
    call.set("PJSIP_HEADER(add,X-A)", "2")
    call.set("PJSIP_HEADER(update,X-A,2)", "two")
    call.set("PJSIP_HEADER(add,X-B)", "3")
    call.set("PJSIP_HEADER(remove,X-B)", "")
    assert list(headers_of(session).fields) == [("X-A", "1"), ("X-A", "two")]


def test_a_header_of_the_answer_is_read(session: CallSession) -> None:
    headers_of(session).answer = Headers([("Server", "phone")])
    assert scope(session).get("PJSIP_RESPONSE_HEADER(read,Server)") == "phone"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("PJSIP_HEADER(add,Via)", "x", "Via is written by the stack itself"),
        ("PJSIP_HEADER(update,X-A)", "x", "there is no header X-A number 1; add it"),
        ("PJSIP_HEADER(turn,X-A)", "x", "'turn' is none of add, update, remove"),
        ("PJSIP_HEADER(add)", "x", "write the action and the name of a header"),
        ("PJSIP_HEADER(add,X-A,first)", "x", "'first' is not the number of a header"),
    ],
)
def test_what_cannot_be_set_is_a_line_in_the_log(
    session: CallSession, caplog: pytest.LogCaptureFixture, name: str, value: str, reason: str
) -> None:
    caplog.set_level(logging.ERROR)
    scope(session).set(name, value)
    assert reason in caplog.records[-1].getMessage()
    assert len(headers_of(session).fields) == 0


@pytest.mark.parametrize("name", ["PJSIP_HEADER(X-A)", "PJSIP_HEADER(add,X-A)", "PJSIP_RESPONSE_HEADER(add,X-A)"])
def test_reading_needs_the_word_read(session: CallSession, caplog: pytest.LogCaptureFixture, name: str) -> None:
    assert scope(session).get(name) == ""
    assert "write" in caplog.records[-1].getMessage()


@pytest.mark.parametrize("channel", [None, Channel("Local/1", cast(Any, None), id="2.2", created=1.0)])
def test_other_channels_have_no_headers(channel: Channel | None, caplog: pytest.LogCaptureFixture) -> None:
    assert Scope(World(header_functions()), channel).get("PJSIP_HEADER(read,X-A)") == ""
    assert "none of PJSIP" in caplog.records[-1].getMessage()
