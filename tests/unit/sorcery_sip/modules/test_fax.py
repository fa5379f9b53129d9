"""The image streams of one call."""

from __future__ import annotations

import random
from typing import Any

import attrs
import pytest

from sorcery.pjsip import Endpoint
from sorcery_sip.io.udptl_port import UdptlPort as RealPort
from sorcery_sip.modules.fax import Fax, FaxState, FaxStream, Outcome, UdptlPort
from sorcery_sip.modules.media_session import MediaSession
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.sdp_handlers import SdpHandler, Terms
from sorcery_sip.modules.t38_parameters import T38Parameters
from sorcery_sip.sdp import Connection, MediaDescription, Origin, SessionDescription

TERMS = Terms(address=MediaAddress("10.9.9.9", "203.0.113.1"))


class Port:
    """A socket that fax would go by."""

    def __init__(self, host: str) -> None:
        self.local = (host, 4000)
        self.done: list[object] = []

    def configure(self, remote: tuple[str, int] | None, *, symmetric: bool = False) -> None:
        self.done.append(("configure", remote, symmetric))

    def connect(self, other: Port) -> None:
        self.done.append(("connect", other))

    def disconnect(self) -> None:
        self.done.append("disconnect")

    def close(self) -> None:
        self.done.append("close")


class Call:
    """A fax, the ports that it opened, and what it told."""

    def __init__(self, **options: Any) -> None:
        self.ports: list[Port] = []
        self.fax = Fax(Endpoint(id="bob", **{"t38_udptl": True, **options}), self._open)
        self.told: list[Outcome] = []
        self.fax.tell = self.told.append

    def _open(self, host: str) -> Port:
        self.ports.append(Port(host))
        return self.ports[-1]

    def begun(self) -> FaxStream:
        """Let a fax begin that the peer offers, and return its stream."""
        stream = self.fax.answer(image(), None, TERMS)
        assert stream is not None
        stream.begin()
        return stream


def image(
    *attributes: tuple[str, str | None],
    host: str = "192.0.2.7",
    port: int = 5000,
    protocol: str = "udptl",
    formats: tuple[str, ...] = ("t38",),
    media: str = "image",
) -> MediaDescription:
    connection = Connection(host, ":" in host) if host else None
    return MediaDescription(
        media=media, port=port, protocol=protocol, formats=formats, connection=connection, attributes=attributes
    )


def written(stream: FaxStream | None) -> dict[str, str | None]:
    assert stream is not None
    return dict(stream.local.attributes)


def test_a_real_port_and_a_fax_keep_their_contracts() -> None:
    def as_port(port: RealPort) -> UdptlPort:
        return port

    def as_handler(fax: Fax) -> SdpHandler[FaxStream]:
        return fax

    assert as_handler(Call().fax).media == "image"
    assert callable(as_port)


# -- what is accepted


def test_a_fax_is_answered_at_our_address_and_port() -> None:
    call = Call()
    stream = call.fax.answer(image(protocol="UDPTL"), None, TERMS)
    assert stream is not None
    line = stream.local
    assert (line.media, line.port, line.protocol, line.formats) == ("image", 4000, "UDPTL", ("t38",))
    assert line.connection == Connection("203.0.113.1")
    assert call.ports[0].local == ("10.9.9.9", 4000)


@pytest.mark.parametrize(
    "offered",
    [
        image(port=0),
        image(protocol="TCP"),
        image(formats=("t99",)),
        image(host=""),
        image(host="fax.example"),
        image(media="audio"),
    ],
)
def test_what_is_no_fax_is_declined_without_a_port(offered: MediaDescription) -> None:
    call = Call()
    assert call.fax.answer(offered, None, TERMS) is None
    assert call.ports == []


def test_t38_udptl_gates_offers_and_answers() -> None:
    call = Call(t38_udptl=False)
    assert call.fax.answer(image(), None, TERMS) is None
    assert call.fax.offer(None, TERMS) is None


def test_a_fax_that_comes_from_another_address_family_gets_a_socket_of_that() -> None:
    call = Call()
    first = call.begun()
    second = call.fax.answer(image(host="2001:db8::7"), first, TERMS)
    assert second is not None
    assert [port.local[0] for port in call.ports] == ["10.9.9.9", "::"]
    assert second.local.port == 4000


def test_a_fax_that_moves_to_another_address_family_goes_on_there() -> None:
    call = Call()

    def address(ipv6: bool | None) -> MediaAddress:
        return MediaAddress("", "2001:db8::1" if ipv6 else "203.0.113.1")

    media = MediaSession(call.fax.endpoint, [call.fax], address, random=random.Random(1))
    for host in ("192.0.2.7", "2001:db8::7"):
        media.answer(SessionDescription(origin=Origin("-", 1, 1, host), media=(image(host=host),)))
    assert call.told == [Outcome.BEGUN]
    assert call.fax.state is FaxState.FAX
    assert ["close" in port.done for port in call.ports] == [True, False]


def test_one_fax_at_a_time_is_taken() -> None:
    call = Call()
    assert call.fax.answer(image(), None, attrs.evolve(TERMS, accepted=1)) is None
    assert call.ports == []


def test_an_address_with_a_zone_is_none() -> None:
    assert Call().fax.answer(image(host="fe80::1%eth0"), None, TERMS) is None


def test_an_ipv6_fax_is_taken_in_by_an_ipv6_socket() -> None:
    call = Call()
    assert call.fax.answer(image(host="2001:db8::7"), None, TERMS) is not None
    assert call.ports[0].local[0] == "::"


def test_t38_bind_udptl_to_media_address_binds_there() -> None:
    call = Call(t38_bind_udptl_to_media_address=True, media_address="192.0.2.50")
    call.fax.offer(None, TERMS)
    assert call.ports[0].local[0] == "192.0.2.50"


def test_a_stream_that_keeps_its_place_keeps_its_port() -> None:
    call = Call()
    first = call.begun()
    second = call.fax.answer(image(), first, TERMS)
    assert second is not None
    assert second.port is first.port
    assert len(call.ports) == 1


# -- what is said


def test_an_offer_says_what_the_other_leg_can() -> None:
    call = Call()
    call.fax.wanted = T38Parameters(version=1, max_bit_rate=7200, fill_bit_removal=True, max_datagram=262)
    assert written(call.fax.offer(None, TERMS)) == {
        "T38FaxVersion": "1",
        "T38MaxBitRate": "7200",
        "T38FaxFillBitRemoval": None,
        "T38FaxRateManagement": "transferredTCF",
        "T38FaxMaxDatagram": "262",
    }


def test_an_answer_says_what_both_sides_can() -> None:
    answered = written(Call().fax.answer(image(("T38MaxBitRate", "9600"), ("T38FaxVersion", "3")), None, TERMS))
    assert (answered["T38MaxBitRate"], answered["T38FaxVersion"], answered["T38FaxMaxDatagram"]) == ("9600", "0", "400")


def test_t38_udptl_maxdatagram_is_what_we_say_and_what_the_peer_is_said_to_take() -> None:
    call = Call(t38_udptl_maxdatagram=200)
    stream = call.fax.answer(image(("T38FaxMaxDatagram", "500")), None, TERMS)
    assert written(stream)["T38FaxMaxDatagram"] == "200"
    assert stream is not None
    assert stream.theirs.max_datagram == 200


@pytest.mark.parametrize(
    ("option", "offered", "answered"),
    [
        ("redundancy", "t38UDPRedundancy", "t38UDPRedundancy"),
        ("fec", "t38UDPFEC", "t38UDPFEC"),
        ("none", "t38UDPRedundancy", None),
        ("fec", "t38UDPRedundancy", None),
    ],
)
def test_t38_udptl_ec_is_agreed_on_where_both_have_it(option: str, offered: str, answered: str | None) -> None:
    stream = Call(t38_udptl_ec=option).fax.answer(image(("T38FaxUdpEC", offered)), None, TERMS)
    assert written(stream).get("T38FaxUdpEC") == answered


def test_error_correction_that_the_other_leg_has_not_is_not_agreed_on() -> None:
    call = Call(t38_udptl_ec="redundancy")
    call.fax.state = FaxState.ASKED
    call.fax.wanted = T38Parameters()
    offered = image(("T38FaxUdpEC", "t38UDPRedundancy"))
    assert "T38FaxUdpEC" not in written(call.fax.answer(offered, None, TERMS))
    call.fax.wanted = T38Parameters(error_correction="redundancy")
    assert "T38FaxUdpEC" in written(call.fax.answer(offered, None, TERMS))


def test_an_answer_without_the_error_correction_that_was_offered_leaves_none() -> None:
    call = Call(t38_udptl_ec="fec")
    call.fax.wanted = T38Parameters(error_correction="fec")
    offered = call.fax.offer(None, TERMS)
    assert offered is not None
    assert written(offered)["T38FaxUdpEC"] == "t38UDPFEC"
    agreed = call.fax.apply(offered, image(), TERMS)
    assert agreed is not None
    assert agreed.theirs.error_correction == "none"


# -- what becomes of it


@pytest.mark.parametrize("nat", [False, True])
def test_a_stream_that_counts_is_sent_to_where_the_peer_is(nat: bool) -> None:
    call = Call(t38_udptl_nat=nat)
    call.begun()
    assert call.ports[0].done == [("configure", ("192.0.2.7", 5000), nat)]
    assert (call.fax.state, call.told) == (FaxState.FAX, [Outcome.BEGUN])


def test_an_offer_that_is_accepted() -> None:
    call = Call()
    offered = call.fax.offer(None, TERMS)
    assert offered is not None
    call.fax.state = FaxState.OFFERED
    agreed = call.fax.apply(offered, image(port=6000), TERMS)
    assert agreed is not None
    agreed.begin()
    assert call.ports[0].done == [("configure", ("192.0.2.7", 6000), False)]
    assert call.told == [Outcome.ACCEPTED]


@pytest.mark.parametrize("answered", [image(port=0), image(host="2001:db8::7")])
def test_an_offer_that_is_declined(answered: MediaDescription) -> None:
    call = Call()
    offered = call.fax.offer(None, TERMS)
    assert offered is not None
    assert call.fax.apply(offered, answered, TERMS) is None
    offered.port.close()
    assert (call.told, call.ports[0].done) == ([], ["close"])


def test_a_fax_ends_once_when_audio_takes_its_place_or_the_call_ends() -> None:
    call = Call()
    stream = call.begun()
    stream.pause()
    assert (call.fax.state, call.fax.stream) == (FaxState.AUDIO, None)
    stream.port.close()
    stream.port.close()
    assert call.told == [Outcome.BEGUN, Outcome.ENDED]


def test_a_held_offer_that_cannot_be_answered_tells_nothing() -> None:
    call = Call()
    call.fax.state = FaxState.ASKED
    stream = call.fax.answer(image(), None, TERMS)
    assert stream is not None
    stream.port.close()
    assert (call.fax.state, call.told) == (FaxState.ASKED, [])


# -- two legs


def test_two_faxes_are_relayed_once_both_count() -> None:
    one, other = Call(), Call()
    one.fax.join(other.fax)
    other.fax.join(one.fax)
    one.begun()
    assert len(one.ports[0].done) == 1
    other.begun()
    assert other.ports[0].done[-1] == ("connect", one.ports[0])


def test_faxes_that_count_already_are_relayed_when_they_are_joined_and_no_longer_when_parted() -> None:
    one, other = Call(), Call()
    one.begun()
    other.begun()
    one.fax.join(other.fax)
    one.fax.join(None)
    assert one.ports[0].done[-2:] == [("connect", other.ports[0]), "disconnect"]
