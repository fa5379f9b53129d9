"""The dialplan begins."""

from __future__ import annotations

from typing import Any

from sorcery_sip.address import Address
from sorcery_sip.events import RequestReceived
from sorcery_sip.message import Headers, Request, parse_uri
from sorcery_sip.modules.contract import LAST_PRIORITY, PASS
from sorcery_sip.modules.pbx_start import PbxStart


class Channel:
    def __init__(self) -> None:
        self.variables: dict[str, str] = {}

    def set_variable(self, name: str, value: str) -> None:
        self.variables[name] = value


class Session:
    def __init__(self, channel: Channel | None) -> None:
        self.channel = channel


class Pbx:
    def __init__(self) -> None:
        self.started: list[Any] = []

    def start(self, channel: Any) -> None:
        self.started.append(channel)


def ask(session: Any, pbx: Any, *, tag: str = "", uri: str = "sip:100@pbx.example.com") -> Any:
    request = Request("INVITE", parse_uri(uri), Headers([("To", f"<{uri}>{tag}")]))
    received = RequestReceived(request, Address("192.0.2.7", 5060), None)
    return PbxStart(pbx).incoming_request(session, received)


def test_it_is_the_last_supplement_of_an_invite() -> None:
    assert (PbxStart.priority, PbxStart.methods) == (LAST_PRIORITY, frozenset({"INVITE"}))


def test_it_starts_the_channel_which_knows_the_domain_that_was_called() -> None:
    pbx, session = Pbx(), Session(Channel())
    assert ask(session, pbx) is PASS
    assert pbx.started == [session.channel]
    assert session.channel is not None
    assert session.channel.variables == {"SIPDOMAIN": "pbx.example.com"}


def test_a_number_has_no_domain() -> None:
    session = Session(Channel())
    ask(session, Pbx(), uri="tel:100")
    assert session.channel is not None
    assert session.channel.variables == {}


def test_a_reinvite_starts_nothing() -> None:
    pbx = Pbx()
    assert ask(Session(Channel()), pbx, tag=";tag=x") is PASS
    assert pbx.started == []


def test_without_a_channel_it_is_503() -> None:
    assert ask(Session(None), Pbx()).status == 503
