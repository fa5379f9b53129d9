"""Requests for dialogs and calls that are not here."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("method", ["BYE", "CANCEL"])
def test_bye_and_cancel_are_481(open_pbx: Any, method: str) -> None:
    assert open_pbx.ask(method).status == 481


@pytest.mark.parametrize("method", ["INVITE", "NOTIFY", "OPTIONS", "MESSAGE"])
def test_a_to_tag_without_dialog_is_481(open_pbx: Any, method: str) -> None:
    fields = {"To": "<sip:alice@pbx.example.com>;tag=x", "Contact": "<sip:a@10.0.0.1>"}
    assert open_pbx.ask(method, fields).status == 481


def test_an_ack_is_dropped_before_anybody_is_looked_up(open_pbx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(open_pbx.sorcery, "retrieve_by_id", lambda *question: asked.append(question))
    assert open_pbx.send(open_pbx.request("ACK", {"To": "<sip:alice@pbx.example.com>;tag=x"})) is None
    assert asked == []


def test_a_register_may_have_a_to_tag(open_pbx: Any) -> None:
    assert open_pbx.ask(fields={"To": "<sip:alice@pbx.example.com>;tag=x"}).status == 200
