from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import ConfigurationError
from sorcery_sip.modules.sound_folders import asterisk_sounds


@pytest.mark.parametrize(
    ("text", "folders"),
    [
        (None, ()),
        ("", (Path("/var/lib/asterisk/sounds"),)),
        ("[directories]\nastdatadir => /srv/asterisk\n", (Path("/srv/asterisk/sounds"),)),
        ("[directories](!)\nastdatadir => /srv/asterisk\n", (Path("/var/lib/asterisk/sounds"),)),
        ("[directories]\nastetcdir => /etc\n", (Path("/var/lib/asterisk/sounds"),)),
    ],
)
def test_sounds_lie_where_asterisk_has_its_data(tmp_path: Path, text: str | None, folders: tuple[Path, ...]) -> None:
    if text is not None:
        (tmp_path / "asterisk.conf").write_text(text)
    assert asterisk_sounds(tmp_path) == folders


def test_a_file_that_cannot_be_used_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text('#include "missing.conf"\n')
    with pytest.raises(ConfigurationError):
        asterisk_sounds(tmp_path)


def test_there_is_none_without_a_directory() -> None:
    assert asterisk_sounds(None) == ()
