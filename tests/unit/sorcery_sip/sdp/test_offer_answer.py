"""The rules of offer and answer."""

from __future__ import annotations

import attrs
import pytest

from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.sdp import CODECS, Codec, Connection, Direction, MediaDescription, Origin
from sorcery_sip.sdp.codecs import telephone_event
from sorcery_sip.sdp.offer_answer import (
    Profile,
    answered_codecs,
    codecs_to_answer,
    codecs_to_offer,
    events_to_answer,
    events_to_offer,
    next_origin,
    our_direction,
    peer_direction,
)


def codecs(*names: str) -> tuple[Codec, ...]:
    return tuple(CODECS[name] for name in names)


def names(found: tuple[Codec, ...]) -> list[str]:
    return [codec.name for codec in found]


@pytest.mark.parametrize(
    ("preference", "chosen"),
    [
        ("local", ["g722", "ulaw"]),
        ("remote", ["ulaw", "g722"]),
        ("local_first", ["g722"]),
        ("remote_first", ["ulaw"]),
    ],
)
def test_the_preference_of_incoming_offers_decides_on_order_and_number(preference: str, chosen: list[str]) -> None:
    assert names(codecs_to_answer(codecs("ulaw", "gsm", "g722"), codecs("g722", "ulaw", "alaw"), preference)) == chosen


def test_a_codec_that_is_offered_twice_is_taken_once_with_its_first_number() -> None:
    twice = (attrs.evolve(CODECS["ulaw"], payload_type=96), CODECS["ulaw"])
    assert [codec.payload_type for codec in codecs_to_answer(twice, codecs("ulaw"), "local")] == [96]


@pytest.mark.parametrize(
    ("preference", "chosen"),
    [
        ("local", ["ulaw", "g722"]),
        ("local_merge", ["ulaw", "g722"]),
        ("local_first", ["ulaw"]),
        ("remote", ["g722", "ulaw"]),
        ("remote_merge", ["g722", "ulaw"]),
        ("remote_first", ["g722"]),
    ],
)
def test_only_what_both_legs_have_is_offered_in_the_order_of_the_preference(preference: str, chosen: list[str]) -> None:
    allowed, others = codecs("ulaw", "alaw", "g722"), (*codecs("g722", "ulaw", "gsm"), telephone_event(8000))
    assert names(codecs_to_offer(allowed, others, preference)) == chosen


def test_without_another_leg_all_that_is_allowed_is_offered() -> None:
    assert names(codecs_to_offer(codecs("ulaw", "opus"), None, "remote_merge")) == ["ulaw", "opus"]


def test_parameters_of_the_other_leg_are_passed_on() -> None:
    other = attrs.evolve(CODECS["opus"], fmtp="stereo=1", payload_type=120)
    (offered,) = codecs_to_offer(codecs("opus"), (other,), "local")
    assert (offered.fmtp, offered.payload_type) == ("stereo=1", 107)


def test_digits_go_with_the_clock_rates_in_use_and_8000() -> None:
    offered = (telephone_event(16000, 99), telephone_event(8000, 100), telephone_event(48000, 102))
    assert [event.clock_rate for event in events_to_answer(offered, codecs("opus"))] == [8000, 48000]
    assert [event.clock_rate for event in events_to_offer(codecs("opus", "ulaw"))] == [48000, 8000]


def test_digits_that_are_offered_twice_are_taken_once() -> None:
    offered = (telephone_event(8000, 100), telephone_event(8000, 101))
    assert [event.payload_type for event in events_to_answer(offered, codecs("ulaw"))] == [100]


def test_an_answer_pairs_our_numbers_with_those_of_the_peer_in_its_order() -> None:
    offered = (*codecs("ulaw", "opus"), telephone_event(8000))
    answered = (attrs.evolve(CODECS["opus"], payload_type=96), CODECS["ulaw"], telephone_event(8000, 97))
    numbers = [(ours.payload_type, theirs.payload_type) for ours, theirs in answered_codecs(offered, answered)]
    assert numbers == [(107, 96), (0, 0), (101, 97)]


def test_what_was_not_offered_cannot_be_answered() -> None:
    assert answered_codecs(codecs("ulaw"), (CODECS["alaw"], telephone_event(8000))) == ()


def line(direction: Direction, host: str = "192.0.2.1") -> MediaDescription:
    return MediaDescription(
        media="audio", port=1, protocol="RTP/AVP", formats=("0",), connection=Connection(host), direction=direction
    )


@pytest.mark.parametrize(
    ("direction", "meant"),
    [
        (Direction.SENDRECV, Direction.SENDONLY),
        (Direction.RECVONLY, Direction.INACTIVE),
        (Direction.SENDONLY, Direction.SENDONLY),
    ],
)
def test_who_has_no_address_receives_nothing(direction: Direction, meant: Direction) -> None:
    assert peer_direction(line(direction, "0.0.0.0")) is meant
    assert peer_direction(line(direction)) is direction


@pytest.mark.parametrize(
    ("theirs", "ours", "holding"),
    [
        (Direction.SENDRECV, Direction.SENDRECV, Direction.SENDONLY),
        (Direction.SENDONLY, Direction.RECVONLY, Direction.INACTIVE),
        (Direction.RECVONLY, Direction.SENDONLY, Direction.SENDONLY),
        (Direction.INACTIVE, Direction.INACTIVE, Direction.INACTIVE),
    ],
)
def test_our_direction_answers_theirs_and_on_hold_we_take_nothing_in(
    theirs: Direction, ours: Direction, holding: Direction
) -> None:
    assert our_direction(theirs, is_holding=False) is ours
    assert our_direction(theirs, is_holding=True) is holding


def test_a_first_offer_has_one_number_as_id_and_version() -> None:
    first = next_origin(None, None, 77)
    assert (first.session_id, first.version) == (77, 77)
    assert next_origin(first, None, 0).version == 78


def test_once_the_peer_has_spoken_its_id_is_used_and_versions_rise() -> None:
    ours, theirs = Origin("-", 77, 77, ""), Origin("bob", 5, 9, "192.0.2.1")
    second = next_origin(ours, theirs, 0)
    assert (second.session_id, second.version) == (5, 10)
    assert next_origin(second, theirs, 0).version == 11
    assert next_origin(second, Origin("bob", 5, 20, ""), 0).version == 21


PLAIN = Profile()


@pytest.mark.parametrize("protocol", ["RTP/SAVP", "RTP/SAVPF", "UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF"])
@pytest.mark.parametrize("profile", [PLAIN, Profile(encryption="sdes"), Profile(as_received=True, avpf=True)])
def test_what_needs_srtp_refuses_everything(protocol: str, profile: Profile) -> None:
    with pytest.raises(NegotiationFailed, match="SRTP") as caught:
        profile.accepts(protocol)
    assert caught.value.status == 488


@pytest.mark.parametrize("encryption", ["sdes", "dtls"])
def test_an_endpoint_that_wants_encryption_gets_no_plain_media_unless_it_is_optimistic(encryption: str) -> None:
    strict = Profile(encryption=encryption)
    for attempt in (lambda: strict.accepts("RTP/AVP"), lambda: strict.protocol):
        with pytest.raises(NegotiationFailed, match=f"media_encryption={encryption}"):
            attempt()
    relaxed = attrs.evolve(strict, is_optimistic=True)
    assert (relaxed.accepts("RTP/AVP"), relaxed.protocol) == (True, "RTP/AVP")


def test_feedback_has_to_be_wanted_by_both_unless_the_peer_s_word_counts() -> None:
    feedback = Profile(avpf=True)
    assert (feedback.accepts("RTP/AVPF"), feedback.protocol) == (True, "RTP/AVPF")
    for profile, protocol in ((PLAIN, "RTP/AVPF"), (feedback, "RTP/AVP")):
        with pytest.raises(NegotiationFailed, match="use_avpf"):
            profile.accepts(protocol)
        assert attrs.evolve(profile, as_received=True).accepts(protocol)


@pytest.mark.parametrize("protocol", ["TCP/RTP/AVP", "udp", "RTP/XAVP"])
def test_a_protocol_we_do_not_speak_declines_its_stream_alone(protocol: str) -> None:
    assert PLAIN.accepts(protocol) is False
