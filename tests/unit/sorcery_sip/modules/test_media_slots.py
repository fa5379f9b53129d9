"""The `m=` lines of a call and their places."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from sorcery_sip.errors import NegotiationFailed
from sorcery_sip.modules.media_slots import Slot, Slots, fill, in_place, places, streams_of
from sorcery_sip.modules.network import MediaAddress
from sorcery_sip.modules.sdp_handlers import Terms
from sorcery_sip.sdp import MediaDescription

TERMS = Terms(address=MediaAddress("", "192.0.2.1"))


@attrs.frozen
class Stream:
    local: MediaDescription
    port: Any = None
    remote_is_holding: bool = False

    def begin(self) -> None: ...

    def pause(self) -> None: ...


def line(media: str, port: int = 6000) -> MediaDescription:
    return MediaDescription(media=media, port=port, protocol="RTP/AVP", formats=("0",))


def slots(*media: str) -> Slots:
    """Make slots; a media type in capital letters is declined."""
    return tuple(
        Slot(line(each.lower()).declined) if each.isupper() else Slot(line(each), Stream(line(each))) for each in media
    )


def placed(before: Slots, wanted: list[str]) -> list[tuple[str, bool]]:
    return [(each.media, not each.is_declined) for each in places(before, wanted)]


def test_a_first_offer_has_what_is_wanted_in_its_order() -> None:
    assert placed((), ["audio", "video"]) == [("audio", True), ("video", True)]


def test_a_slot_keeps_its_type_while_that_is_wanted() -> None:
    assert placed(slots("audio", "video"), ["video", "audio"]) == [("audio", True), ("video", True)]


def test_what_is_new_takes_a_slot_that_is_not_needed_before_one_at_the_end() -> None:
    assert placed(slots("audio", "VIDEO"), ["audio", "image"]) == [("audio", True), ("image", True)]
    assert placed(slots("audio", "video"), ["image"]) == [("image", True), ("video", False)]
    assert placed(slots("audio"), ["audio", "image"]) == [("audio", True), ("image", True)]


def test_what_could_not_be_offered_keeps_its_line_or_is_none() -> None:
    before = slots("audio", "video")
    offered = (before[0], Slot(line("image").declined), Slot(line("text").declined))
    assert [(slot.line.media, slot.line.port) for slot in in_place(before, offered)] == [("audio", 6000), ("video", 0)]


def test_each_line_is_told_how_many_of_its_type_come_before() -> None:
    seen = []

    def step(index: int, offered: MediaDescription, terms: Terms) -> Stream | None:
        seen.append((index, offered.media, terms.accepted))
        return Stream(offered) if index else None

    filled: list[Slot] = []
    fill(filled, step, [line("audio"), line("audio"), line("audio"), line("audio", 0), line("video")], TERMS)
    assert seen == [(0, "audio", 0), (1, "audio", 0), (2, "audio", 1), (4, "video", 0)]
    assert [slot.line.port for slot in filled] == [0, 6000, 6000, 0, 6000]
    assert [stream.local.media for stream in streams_of(filled)] == ["audio", "audio", "video"]
    assert len(streams_of(filled, "video")) == 1


def test_when_all_are_declined_it_is_488() -> None:
    with pytest.raises(NegotiationFailed) as caught:
        fill([], lambda index, offered, terms: None, [line("audio")], TERMS)
    assert caught.value.status == 488
