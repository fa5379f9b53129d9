from __future__ import annotations

import pytest

from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.notices import Created, Ended
from tests.unit.sorcery_sip.pbx.fakes import FakeTechnology, incoming


@pytest.fixture
def channels() -> Channels:
    return Channels(lambda: 1_700_000_000.9)


def test_names_and_ids_are_numbered(channels: Channels) -> None:
    made = [channels.create("alice", FakeTechnology()) for _ in range(11)]
    assert (made[10].name, made[10].id) == ("Fake/alice-0000000a", "1700000000.10")


def test_a_channel_may_get_an_id_and_a_name_of_its_own(channels: Channels) -> None:
    made = channels.create("alice", FakeTechnology(), id="mine", name="Fake/other;1")
    assert (made.id, made.name) == ("mine", "Fake/other;1")


def test_an_id_that_is_in_use_is_refused(channels: Channels) -> None:
    incoming(channels, id="mine")
    with pytest.raises(ValueError, match="'mine' is in use"):
        incoming(channels, id="mine")


def test_channels_are_found_by_id_and_by_name_until_they_end(channels: Channels) -> None:
    made, other = incoming(channels), incoming(channels)
    assert channels.get(made.id) is channels.get(made.name) is made
    made.hangup()
    assert channels.get(made.id) is channels.get(made.name) is None
    assert list(channels) == [other]
    assert len(channels) == 1


def test_a_driver_that_breaks_down_leaves_no_channel(channels: Channels) -> None:
    class Broken(FakeTechnology):
        def hangup(self, cause: int) -> None:
            raise OSError("no socket")

    made = channels.create("alice", Broken())
    with pytest.raises(OSError, match="no socket"):
        made.hangup()
    assert made.is_over
    assert len(channels) == 0


def test_observers_hear_of_channels_from_their_first_moment_to_their_last(channels: Channels) -> None:
    heard: list[object] = []
    channels.observe(lambda channel, notice: heard.append((channel.name, notice)))
    made = incoming(channels)
    made.hangup()
    assert heard[0] == (made.name, Created())
    assert heard[-1] == (made.name, Ended())
