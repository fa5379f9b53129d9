"""Causes and responses."""

from __future__ import annotations

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.message.headers import Headers
from sorcery_sip.message.messages import Request
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.hangup_causes import cause_of, cause_of_status, reason_fields, status_of_cause


@pytest.mark.parametrize(
    ("cause", "status"),
    [(1, 404), (3, 404), (17, 486), (18, 408), (19, 480), (21, 403), (23, 302), (34, 503), (42, 503), (58, 488)],
)
def test_a_cause_becomes_a_response(cause: int, status: int) -> None:
    assert status_of_cause(cause) == status


@pytest.mark.parametrize("cause", [0, 16, 26, 102])
def test_a_cause_without_a_response_becomes_603(cause: int) -> None:
    assert status_of_cause(cause) == 603


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (486, 17), (600, 17), (404, 1), (408, 18), (480, 19), (487, 127), (488, 58), (503, 34), (504, 102), (505, 127),
        (603, 21), (499, 127), (699, 127), (599, 34), (200, 16), (301, 16),
    ],
)  # fmt: skip
def test_a_response_becomes_a_cause(status: int, cause: int) -> None:
    assert cause_of_status(status) == cause


@pytest.mark.parametrize(
    ("reasons", "cause"),
    [
        (("Q.850;cause=17",), 17),
        (('SIP;cause=200;text="Call completed elsewhere"', 'Q.850;cause=26;text="a; b"'), 26),
        (('q.850 ; text="x" ; Cause=145, SIP;cause=500',), 17),
        (("SIP;cause=486",), 16),
        (("Q.850;text=none",), 16),
        ((), 16),
    ],
)
def test_the_q850_reason_of_a_request_is_its_cause(reasons: tuple[str, ...], cause: int) -> None:
    assert cause_of(Request("BYE", SipUri("pbx"), Headers(("Reason", reason) for reason in reasons))) == cause


def test_without_a_reason_the_default_stands() -> None:
    assert cause_of(Request("BYE", SipUri("pbx")), 31) == 31


ANY = Endpoint(id="bob")
WITHOUT_Q850 = Endpoint(id="bob", suppress_q850_reason_headers=True)


def test_a_cause_is_told_as_a_number_of_q850() -> None:
    assert reason_fields(17, ANY) == (("Reason", "Q.850;cause=17"),)
    assert reason_fields(17, WITHOUT_Q850) == ()


def test_answered_elsewhere_is_told_to_those_who_read_sip_reasons() -> None:
    assert [value.partition(";")[0] for _, value in reason_fields(26, ANY)] == ["SIP", "Q.850"]
    assert [value.partition(";")[0] for _, value in reason_fields(26, WITHOUT_Q850)] == ["SIP"]


def test_no_cause_is_no_reason() -> None:
    assert reason_fields(0, ANY) == ()
