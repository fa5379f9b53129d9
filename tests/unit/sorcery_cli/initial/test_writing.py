"""A plan is carried out whole, or leaves everything but tables as it was."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import NoReturn

import pytest

import sorcery_migrations
from sorcery import ConfigurationError, Unavailable
from sorcery.conf.editing import FilesChanged, saving
from sorcery_cli.initial.planning import Plan, plan_of
from sorcery_cli.initial.site import site_of
from sorcery_cli.initial.writing import carry_out


def planned(directory: Path) -> Plan:
    return plan_of(site_of(directory, "sqlite:///pbx.db", ["asterisk"]))


def everything(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_a_disk_that_is_full_leaves_files_and_database_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sorcery.conf").write_text("; mine\n")
    plan, write, count = planned(tmp_path), saving._written_aside, iter(range(3))

    def full(path: str, content: bytes, new_mode: int) -> str:
        if next(count, None) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, content, new_mode)

    monkeypatch.setattr(saving, "_written_aside", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        carry_out(plan)
    assert everything(tmp_path) == {"sorcery.conf": b"; mine\n"}


def test_tables_that_cannot_be_made_leave_neither_files_nor_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "pbx"
    plan = planned(directory)

    def down(address: object) -> NoReturn:
        raise Unavailable("the database", "it went away")

    monkeypatch.setattr(sorcery_migrations, "adopt", down)
    with pytest.raises(Unavailable):
        carry_out(plan)
    assert not directory.exists()


def test_a_run_that_ended_before_the_files_is_completed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: saving.Aside) -> NoReturn:
        self.discard()
        raise ConfigurationError("not renamed")

    with monkeypatch.context() as patch:
        patch.setattr(saving.Aside, "put_in_place", fail)
        with pytest.raises(ConfigurationError, match="not renamed"):
            carry_out(planned(tmp_path))
    assert sorted(everything(tmp_path)) == ["pbx.db"]
    plan = planned(tmp_path)
    assert plan.tables is not None
    assert plan.tables.are_complete
    carry_out(plan)
    assert planned(tmp_path).is_done


@pytest.mark.parametrize("name", ["sorcery.conf", "pjsip.conf"])
def test_a_file_that_somebody_wrote_meanwhile_stays_theirs(tmp_path: Path, name: str) -> None:
    (tmp_path / "sorcery.conf").write_text("; mine\n")
    plan = planned(tmp_path)
    (tmp_path / name).write_text("; theirs\n")
    with pytest.raises(FilesChanged):
        carry_out(plan)
    assert everything(tmp_path) == {"sorcery.conf": b"; mine\n", name: b"; theirs\n"}


def test_a_database_file_is_closed_to_others(tmp_path: Path) -> None:
    carry_out(planned(tmp_path))
    assert (tmp_path / "pbx.db").stat().st_mode & 0o777 == 0o640


def test_a_directory_without_the_right_to_write_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path, *rest: object) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")

    plan = planned(tmp_path / "pbx")
    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(ConfigurationError, match="the directory cannot be made: Permission denied"):
        carry_out(plan)
