"""The steps to a file: each one broken in turn, and mended by what is said."""

from __future__ import annotations

import grp
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from sorcery.doctor.chains import Link, State
from sorcery.doctor.examination import examine
from sorcery.doctor.files import check_access, file_steps, folder_step, user_name, written_step
from sorcery.doctor.looking import Looking
from sorcery.environment import Environment
from sorcery.source import Source
from sorcery.steps import Broken

Rights = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that everybody can walk to."""
    made = Path(tempfile.mkdtemp(prefix="sorcery-doctor-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def first_broken(directory: Path, name: str = "pjsip.conf", *, may_lack: bool = False) -> Link | None:
    source = Source(name, Environment(directory=directory))
    links = Looking().links([folder_step(directory), *file_steps(source, may_lack=may_lack)])
    return next((each for each in links if each.state is State.BROKEN), None)


def broken(directory: Path, name: str = "pjsip.conf") -> Link:
    found = first_broken(directory, name)
    assert found is not None
    return found


def test_a_good_file_holds(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n")
    assert first_broken(tmp_path) is None


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    found = broken(tmp_path / "no")
    assert found.name == "directory"
    assert found.mending.endswith(f"or run: sorcery -C {tmp_path}/no init --backend sqlite:///pbx.db")


def test_a_directory_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert broken(tmp_path / "file").name == "directory"


def test_a_file_that_is_not_there_is_broken_unless_it_may_lack(tmp_path: Path) -> None:
    found = broken(tmp_path)
    assert (found.name, found.text) == ("file", "there is no such file")
    assert first_broken(tmp_path, may_lack=True) is None


def test_a_link_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").symlink_to(tmp_path / "gone")
    assert "gone" in broken(tmp_path).text
    (tmp_path / "gone").write_text("")
    assert first_broken(tmp_path) is None


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pjsip.conf")
    assert broken(tmp_path).text == "it is no regular file"


def test_a_file_that_this_user_may_not_read(folder: Path, poor: Rights) -> None:
    file = folder / "pjsip.conf"
    file.write_text("")
    file.chmod(0o000)
    with poor():
        found = broken(folder)
    assert (found.name, found.place and found.place.source) == ("file", str(file))
    assert "may not read it (----------" in found.text
    assert re.fullmatch(rf"run: setfacl -m u:\S+:r {file}", found.mending)
    file.chmod(0o444)
    with poor():
        assert first_broken(folder) is None


def test_a_folder_above_that_this_user_may_not_enter(folder: Path, poor: Rights) -> None:
    inner = folder / "closed/etc"
    inner.mkdir(parents=True)
    (inner / "pjsip.conf").write_text("")
    inner.parent.chmod(0o700)
    if os.geteuid() != 0:
        inner.parent.chmod(0o600)
    with poor(), pytest.raises(Broken, match="may not enter it") as told:
        check_access(inner / "pjsip.conf", os.R_OK)
    inner.parent.chmod(0o755)
    assert told.value.place is not None
    assert told.value.place.source == str(inner.parent)


def test_a_directory_that_this_user_cannot_walk_to(folder: Path, poor: Rights) -> None:
    inner = folder / "closed/etc"
    inner.mkdir(parents=True)
    inner.parent.chmod(0o700 if os.geteuid() == 0 else 0o600)
    with poor():
        (chain,) = examine(str(inner)).chains
    inner.parent.chmod(0o755)
    found = chain.first_broken
    assert found is not None
    assert (found.name, found.place and found.place.source) == ("directory", str(inner.parent))
    with poor():
        assert broken(inner).name == "file"


def test_who_is_not_in_the_group_that_may_is_to_join_it(folder: Path, poor: Rights) -> None:
    file = folder / "pjsip.conf"
    file.write_text("")
    if os.geteuid() != 0:
        return  # only root gives a file to a group of others
    os.chown(file, 0, grp.getgrnam("daemon").gr_gid)
    file.chmod(0o640)
    with poor():
        assert broken(folder).mending == f"run: usermod -aG daemon {user_name()}, and log in anew"


def test_a_file_that_is_refused_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n[b\n")
    found = broken(tmp_path)
    assert (found.name, found.place and found.place.line) == ("syntax", 3)
    assert found.text.startswith("no part of the file is used: ")
    assert found.mending == "close the name: [name]"


def test_a_file_that_it_includes_and_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n#include phones.conf\n")
    found = broken(tmp_path)
    assert (found.name, found.place and found.place.line) == ("syntax", 3)
    assert "phones.conf" in found.text
    (tmp_path / "phones.conf").write_text("")
    assert first_broken(tmp_path) is None


def test_lines_that_are_passed_over_are_told_and_break_nothing(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\nnonsense\n")
    links = Looking().links(file_steps(Source("pjsip.conf", Environment(directory=tmp_path)), may_lack=False))
    assert [link.state for link in links] == [State.GOOD, State.LIMITED]
    assert ":3" in links[1].text


def test_a_file_that_is_to_be_written_needs_its_folder(folder: Path, poor: Rights) -> None:
    file = folder / "pjsip.conf"
    file.write_text("")
    file.chmod(0o666)
    with poor():
        (link,) = Looking().links([written_step(file, "")])
    if os.geteuid() == 0:
        assert (link.state, "renamed" in link.text) == (State.BROKEN, True)
        assert link.mending.endswith(f":w {folder}")
    folder.chmod(0o777)
    with poor():
        (link,) = Looking().links([written_step(file, "")])
    assert link.state is State.GOOD


def test_a_file_that_nobody_may_write_is_asked_for_nothing(tmp_path: Path) -> None:
    (link,) = Looking().links([written_step(tmp_path / "no/pjsip.conf", "write pjsip.conf = yes")])
    assert (link.state, link.text) == (State.GOOD, "read only, as in Asterisk")
