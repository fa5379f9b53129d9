from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.replacing import replace


def test_a_file_takes_the_place_of_another_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("old")
    file.chmod(0o644)
    replace(file, b"new")
    assert file.read_bytes() == b"new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_where_it_cannot_be_put_everything_is_as_it_was(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        replace(folder, b"new")
    assert list(tmp_path.iterdir()) == [folder]
