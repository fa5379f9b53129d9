"""Positions last over restarts, whole, and belong to one feed at a time."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.errors import ConfigurationError
from sorcery_feed import PositionFile, read_positions


def test_a_position_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "new/feed.json"
    with PositionFile(path) as file:
        assert file.get("db", "ami://a") is None
        file.keep("db", "ami://a", "7")
        file.keep("db", "ami://b", "9")
        file.keep("other", "ami://a", "1")
        file.keep("db", "ami://a", "8")
    with PositionFile(path) as file:
        assert file.get("db", "ami://a") == "8"
    assert read_positions(path) == {"db": {"ami://a": "8", "ami://b": "9"}, "other": {"ami://a": "1"}}


def test_another_feed_does_not_get_it(tmp_path: Path) -> None:
    path = tmp_path / "feed.json"
    with PositionFile(path), pytest.raises(ConfigurationError, match="another feed keeps its positions there"):
        PositionFile(path).__enter__()
    with PositionFile(path):
        pass


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"db": 1}', b'{"db": {"ami": 1}}', b"\xff"])
def test_what_holds_no_positions_is_refused_and_left(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="holds no positions"), PositionFile(path):
        pass
    assert path.read_bytes() == content
    with pytest.raises(ConfigurationError):
        read_positions(path)


def test_a_file_that_is_missing_has_none(tmp_path: Path) -> None:
    assert read_positions(tmp_path / "feed.json") == {}
