"""Where the ports of media come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.io.ports import PortRange
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.rtp_ports import RtpPorts

OWN = Endpoint(id="alice", rtp_port_start=7000, rtp_port_end=7100)
COMMON = Endpoint(id="bob", allow=["ulaw", "h264"])


def fake(ip: str, ports: PortRange) -> Any:
    return ip, ports.first


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "rtp.conf").write_text("[general]\nrtpstart=20000\nrtpend=20100\n")
    return tmp_path / "rtp.conf"


def test_an_endpoint_has_a_range_of_its_own_or_that_of_rtp_conf(path: Path) -> None:
    rtp = RtpPorts(path, fake)
    assert (rtp.range_for(OWN).first, rtp.range_for(OWN).last) == (7000, 7100)
    assert (rtp.range_for(COMMON).first, rtp.range_for(COMMON).last) == (20000, 20100)


@pytest.mark.parametrize(("start", "end", "first"), [(7001, 7002, 7000), (7000, 7001, 7000), (7001, 7003, 7001)])
def test_the_shortest_range_has_a_pair_of_ports(start: int, end: int, first: int) -> None:
    ports = RtpPorts(None, fake).range_for(Endpoint(id="alice", rtp_port_start=start, rtp_port_end=end))
    assert (ports.first, len(ports)) == (first, 1)


def test_a_range_is_shared_by_all_who_use_it(path: Path) -> None:
    rtp = RtpPorts(path, fake)
    assert rtp.range_for(COMMON) is rtp.range_for(Endpoint(id="carol"))
    assert rtp.range_for(OWN) is rtp.range_for(Endpoint(id="dave", rtp_port_start=7000, rtp_port_end=7100))


def test_a_reload_changes_the_range_of_later_calls(path: Path) -> None:
    rtp = RtpPorts(path, fake)
    open_port = rtp.opener(COMMON)
    path.write_text("[general]\nrtpstart=21000\nrtpend=21100\n")
    rtp.reload()
    assert rtp.range_for(COMMON).first == 21000
    opened: Any = open_port(MediaAddress("", "192.0.2.1"))
    assert opened == ("0.0.0.0", 20000)


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        (MediaAddress("", "192.0.2.1"), "0.0.0.0"),
        (MediaAddress("", "2001:db8::1"), "::"),
        (MediaAddress("127.0.0.1", "192.0.2.1"), "127.0.0.1"),
    ],
)
def test_sockets_are_bound_to_the_address_or_to_any_of_the_family(address: MediaAddress, ip: str) -> None:
    opened: Any = RtpPorts(None, fake).opener(OWN)(address)
    assert opened == (ip, 7000)


def test_there_is_a_handler_for_each_media_type_that_the_endpoint_allows() -> None:
    rtp = RtpPorts(None, fake)
    assert [handler.media for handler in rtp.handlers(COMMON)] == ["audio", "video"]
    assert [handler.media for handler in rtp.handlers(Endpoint(id="carol", allow=["ulaw"]))] == ["audio"]
    assert rtp.handlers(OWN) == ()
