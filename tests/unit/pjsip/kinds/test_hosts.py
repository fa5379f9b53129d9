from __future__ import annotations

import socket
from typing import Any

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip.kinds.hosts import is_host_name, look_up


@pytest.mark.parametrize("text", ["localhost", "sip.example.com", "sip.example.com.", "a_b-c", "1and1.example"])
def test_host_names_have_letters(text: str) -> None:
    assert is_host_name(text)


@pytest.mark.parametrize("text", ["", "300.1.1.1", "a b", "*", "a..b", "h\u00f6st", "a/b", "!a"])
def test_what_could_be_no_host_name_is_none(text: str) -> None:
    assert not is_host_name(text)


def test_addresses_come_once_each_ipv4_first(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        texts = ["2001:db8::1", "192.0.2.2", "192.0.2.1", "192.0.2.2", "fe80::1%eth0"]
        return [(0, 0, 0, "", (text, 0)) for text in texts]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    assert [str(address) for address in look_up("h")] == ["192.0.2.1", "192.0.2.2", "2001:db8::1", "fe80::1"]


def test_a_host_that_does_not_resolve_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    with pytest.raises(Refused) as caught:
        look_up("h", option="match")
    assert caught.value.option == "match"
