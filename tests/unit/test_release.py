"""What a release knows, by the releases that something came with."""

import pytest

from sorcery import ConfigurationError
from sorcery.release import Release


@pytest.mark.parametrize(
    ("target", "since", "known"),
    [
        ("asterisk:22", ("12.0.0",), True),
        ("asterisk:20", (), True),
        ("asterisk:22", ("20.12.0", "21.7.0", "22.2.0"), True),
        ("asterisk:22.1", ("20.12.0", "21.7.0", "22.2.0"), False),
        ("asterisk:22.2.0", ("20.12.0", "21.7.0", "22.2.0"), True),
        ("asterisk:23", ("20.12.0", "21.7.0", "22.2.0"), True),  # it branched off after that
        ("asterisk:20", ("21.0.0",), False),
        ("asterisk:21", ("20.21.0", "22.11.0", "23.5.0"), False),  # no longer kept when it came
        ("asterisk:20", ("16.29.0", "18.15.0", "19.7.0"), True),
        ("22.10", ("22.11.0",), False),
    ],
)
def test_a_release_knows_what_came_to_its_branch_in_time(target: str, since: tuple[str, ...], known: bool) -> None:
    assert Release.parse(target).knows(since) is known


@pytest.mark.parametrize("text", ["asterisk:19", "22.x", "freeswitch:1", ""])
def test_another_target_is_refused_with_what_there_is(text: str) -> None:
    with pytest.raises(ConfigurationError, match="asterisk:22"):
        Release.parse(text)


def test_a_release_is_named_as_people_do() -> None:
    assert [str(Release.parse(text)) for text in ("asterisk:22", "22.10.1")] == ["Asterisk 22", "Asterisk 22.10"]
