"""extensions.conf as it was last read."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

import pytest

from sorcery_sip.modules.pbx_config import DialplanFile
from sorcery_sip.pbx.dialplan import Match


def has(held: DialplanFile, exten: str) -> bool:
    return held.current().match("default", exten, "", datetime.now) is Match.EXISTS


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "extensions.conf"
    path.write_text("[default]\nexten => 100,1,Answer()\n")
    return path


def test_a_dialplan_is_read_at_the_start_and_again_on_a_reload(path: Path) -> None:
    held = DialplanFile(path)
    assert (has(held, "100"), has(held, "101")) == (True, False)
    path.write_text("[default]\nexten => 101,1,Answer()\n")
    assert has(held, "100")
    held.reload()
    assert (has(held, "100"), has(held, "101")) == (False, True)


def test_calls_keep_the_dialplan_that_they_hold(path: Path) -> None:
    held = DialplanFile(path)
    before = held.current()
    held.reload()
    assert held.current() is not before


@pytest.mark.parametrize("path", [None, Path("/nowhere/extensions.conf")])
def test_without_a_file_there_is_no_extension(path: Path | None) -> None:
    assert not has(DialplanFile(path), "100")


def test_a_file_that_is_removed_takes_its_extensions_along(path: Path) -> None:
    held = DialplanFile(path)
    path.unlink()
    held.reload()
    assert not has(held, "100")


def test_a_file_that_cannot_be_read_changes_nothing_and_is_named(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    held = DialplanFile(path)
    path.write_text('#include "nowhere.conf"\n')
    with caplog.at_level(logging.ERROR):
        held.reload()
    assert has(held, "100")
    assert str(path) in caplog.text


def test_a_bad_line_is_logged_with_its_place_and_the_rest_stands(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("[default]\nexten => nonsense\nexten => 100,1,Answer()\n")
    held = DialplanFile(path)
    assert has(held, "100")
    assert f"{path}:2" in caplog.text


def test_what_is_wrong_is_told_to_who_reloads(path: Path) -> None:
    held = DialplanFile(path)
    assert held.reload() == ()
    path.write_text("[default]\nexten => nonsense\n")
    assert [finding.rule for finding in held.reload()] == ["bad-priority"]
    path.write_text("[default\n")
    (finding,) = held.reload()
    assert "stays in force" in str(finding)


def test_steps_without_an_application_are_named_at_the_start_and_on_a_reload(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text("[default]\nexten => 100,1,ANSWER()\n same => n,Queue(sales)\n")
    held = DialplanFile(path)
    assert caplog.text == ""
    held.expect({"answer"})
    assert f"{path}:3: warning [unknown-application] there is no application 'Queue'" in caplog.text
    assert [finding.rule for finding in held.reload()] == ["unknown-application"]
    held.expect({"answer", "queue"})
    assert held.reload() == ()
