"""The sockets of `[general]`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sorcery.chan_sip import Conversion, Verdict
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, verdict

CERTIFICATES = Path(__file__).parents[2] / "data/certificates"


def general(lines: str, rest: str = "") -> Conversion:
    return converted(f"{CLOSED}{lines}\n{rest}")


@pytest.mark.parametrize(
    ("lines", "bind"),
    [
        ("", "0.0.0.0:5060"),
        ("bindaddr = 192.0.2.1", "192.0.2.1:5060"),
        ("bindaddr = 192.0.2.1\nbindport = 5080", "192.0.2.1:5080"),
        ("port = 5080", "0.0.0.0:5080"),
        ("bindaddr = 192.0.2.2\nudpbindaddr = 192.0.2.1:5090", "192.0.2.1:5090"),
        ("udpbindaddr = 192.0.2.1:5090\nbindaddr = 192.0.2.2", "192.0.2.2:5060"),
        ("udpbindaddr = 192.0.2.1:5090\nbindport = 5080", "192.0.2.1:5080"),
        ("udpbindaddr = 192.0.2.1:5090\nbindport = 0", "192.0.2.1:5090"),
        ("udpbindaddr = [2001:db8::1]:5090", "[2001:db8::1]:5090"),
    ],
)
def test_udp_is_always_listened_on(lines: str, bind: str) -> None:
    assert options(general(lines), "transport", "transport-udp")["bind"] == bind


def test_every_address_of_both_families_takes_two_transports() -> None:
    made = general("bindaddr = ::")
    assert options(made, "transport", "transport-udp")["bind"] == "0.0.0.0:5060"
    assert options(made, "transport", "transport-udp6")["bind"] == "[::]:5060"
    assert verdict(made, "bindaddr") is Verdict.CHANGED


def test_tcp_and_tls_are_listened_on_where_they_are_switched_on() -> None:
    assert ids(general("tcpenable = no\ntlsenable = no"), "transport") == ["transport-udp"]
    made = general("tcpenable = yes\ntlsenable = yes\ntcpbindaddr = 192.0.2.1:5070")
    assert ids(made, "transport") == ["transport-udp", "transport-tcp", "transport-tls"]
    assert options(made, "transport", "transport-tcp")["bind"] == "192.0.2.1:5070"
    assert options(made, "transport", "transport-tls")["bind"] == "0.0.0.0:5061"


def test_the_port_of_all_counts_for_tcp_unless_that_has_an_address_of_its_own() -> None:
    made = general("tcpenable = yes\nbindport = 5080")
    assert options(made, "transport", "transport-tcp")["bind"] == "0.0.0.0:5080"
    made = general("tcpenable = yes\nbindport = 5080\ntcpbindaddr = 192.0.2.1")
    assert options(made, "transport", "transport-tcp")["bind"] == "192.0.2.1:5060"


def test_tcp_and_tls_are_listened_on_where_udp_is_and_tls_at_its_own_port() -> None:
    made = general("tcpenable = yes\ntlsenable = yes\nudpbindaddr = 192.0.2.1:5070")
    binds = [options(made, "transport", f"transport-{name}")["bind"] for name in ("udp", "tcp", "tls")]
    assert binds == ["192.0.2.1:5070", "192.0.2.1:5070", "192.0.2.1:5061"]


def test_clients_are_not_verified_as_chan_sip_never_did() -> None:
    made = general("tlsenable = yes\ntlsverifyclient = yes")
    assert not {"verify_client", "require_client_cert"} & options(made, "transport", "transport-tls").keys()
    assert "verifies no clients" in note(made, "tlsverifyclient").why


def test_what_is_said_of_a_transport_that_is_switched_off_means_nothing() -> None:
    made = general("tcpenable = no\ntcpbindaddr = 192.0.2.1\ntlscertfile = /x.pem\nwebsocket_enabled = yes")
    assert {verdict(made, name) for name in ("tcpbindaddr", "tlscertfile", "websocket_enabled")} == {Verdict.MAPPED}


def test_why_a_line_means_nothing_is_told() -> None:
    made = general(
        "tcpbindaddr = 192.0.2.1\ntlscertfile = /x.pem\nwebsocket_enabled = no\nexternip = 192.0.2.2\nexternhost = h"
    )
    reasons = [note(made, name).why for name in ("tcpbindaddr", "tlscertfile", "websocket_enabled", "externip")]
    assert reasons == [
        "tcp is switched off",
        "tls is switched off",
        "WebSocket is switched off",
        "externhost replaces it",
    ]
    made = general("externtcpport = 1\nexterntlsport = 2\ntlsenable = yes\nbindaddr =\nexternip =")
    reasons = [note(made, name).why for name in ("externtcpport", "externtlsport", "bindaddr", "externip")]
    assert reasons == [
        "tcp is switched off",
        "no externaddr or externhost is written beside it",
        "it is empty",
        "it is empty",
    ]


def test_servers_are_verified_unless_told_otherwise() -> None:
    assert options(general("tlsenable = yes"), "transport", "transport-tls")["verify_server"] == "yes"
    made = general("tlsenable = yes\ntlsdontverifyserver = yes\ntlsclientmethod = tlsv1_2")
    tls = options(made, "transport", "transport-tls")
    assert tls["verify_server"] == "no"
    assert (tls["method"], verdict(made, "tlsclientmethod")) == ("tlsv1_2", Verdict.CHANGED)


def test_a_certificate_holds_the_key_too_unless_another_file_does(tmp_path: Path) -> None:
    both, key = tmp_path / "both.pem", tmp_path / "own.key"
    shutil.copy(CERTIFICATES / "long.pem", both)
    shutil.copy(CERTIFICATES / "long.key", key)
    one = options(general(f"tlsenable = yes\ntlscertfile = {both}"), "transport", "transport-tls")
    assert (one["cert_file"], one["priv_key_file"]) == (str(both), str(both))
    made = general(f"tlsenable = yes\ntlscertfile = {both}\ntlsprivatekey = {key}")
    assert options(made, "transport", "transport-tls")["priv_key_file"] == str(key)


@pytest.mark.parametrize(
    ("lines", "address", "port"),
    [
        ("externip = 203.0.113.5", "203.0.113.5", None),
        ("externaddr = 203.0.113.5:9900", "203.0.113.5", "9900"),
        ("externhost = home.example.com", "home.example.com", None),
    ],
)
def test_what_is_seen_from_outside(lines: str, address: str, port: str | None) -> None:
    udp = options(general(f"{lines}\nlocalnet = 10.0.0.0/8"), "transport", "transport-udp")
    assert udp["external_signaling_address"] == udp["external_media_address"] == address
    assert udp.get("external_signaling_port") == port
    assert udp["local_net"] == "10.0.0.0/8"


def test_a_name_is_looked_up_once_which_is_told() -> None:
    assert verdict(general("externip = 203.0.113.5"), "externip") is Verdict.MAPPED
    assert verdict(general("externhost = home.example.com"), "externhost") is Verdict.CHANGED
    assert verdict(general("externhost = home.example.com\nexternrefresh = 60"), "externrefresh") is Verdict.LOST


def test_the_ports_outside_are_those_of_each_transport() -> None:
    made = general("tcpenable = yes\ntlsenable = yes\nexternip = 203.0.113.5:1\nexterntcpport = 2\nexterntlsport = 3")
    found = [
        options(made, "transport", f"transport-{name}")["external_signaling_port"] for name in ("udp", "tcp", "tls")
    ]
    assert found == ["1", "2", "3"]


def test_marks_count_for_every_transport() -> None:
    made = general("tcpenable = yes\ntos_sip = cs3\ncos_sip = 3")
    for name in ("udp", "tcp"):
        found = options(made, "transport", f"transport-{name}")
        assert (found["tos"], found["cos"]) == ("cs3", "3")


def test_websocket_is_there_for_who_uses_it() -> None:
    browser = "[b]\ntype = friend\nhost = dynamic\ntransport = wss\n"
    assert ids(general("", browser), "transport") == ["transport-udp", "transport-wss"]
    assert ids(general("websocket_enabled = no", browser), "transport") == ["transport-udp"]
    made = general("websocket_write_timeout = 300", browser)
    assert options(made, "transport", "transport-wss")["websocket_write_timeout"] == "300"


def test_a_missing_certificate_is_told() -> None:
    assert "nobody can connect" in note(general("tlsenable = yes"), "tlscertfile").why
