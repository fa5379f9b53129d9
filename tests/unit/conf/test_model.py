from __future__ import annotations

import os
from pathlib import Path

import attrs
import pytest

from sorcery.conf.model import Category, ConfFile, FileStamp, PatternStamp, Variable


def category(name: str, *pairs: tuple[str, str], template: bool = False) -> Category:
    variables = tuple(Variable(key, value, 1) for key, value in pairs)
    return Category(name, template, (), "", 1, (variables,) if variables else ())


def test_first_and_last_ignore_the_case_of_keys() -> None:
    found = category("a", ("k", "1"), ("K", "2"), ("x", "3"))
    assert (found.first("K"), found.last("k"), found.first("none"), found.last("none")) == ("1", "2", None, None)


def test_variables_join_the_blocks_in_order() -> None:
    one, two = Variable("a", "1", 1), Variable("b", "2", 2)
    assert Category("a", False, (), "", 1, ((one,), (two,))).variables == (one, two)
    assert category("a").variables == ()


def test_a_value_may_be_a_password_and_is_not_shown() -> None:
    assert "hush" not in repr(Variable("password", "hush", 1))


def test_values_are_immutable() -> None:
    with pytest.raises(AttributeError):
        Variable("a", "1", 1).key = "b"  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        category("a").name = "b"  # type: ignore[misc]


def test_a_category_is_found_without_case_templates_and_repeats_apart() -> None:
    first = category("ALICE", ("n", "1"))
    conf = ConfFile("/m", "/", (category("alice", template=True), first, category("alice")))
    assert conf.category("Alice") is first
    assert conf.category("bob") is None
    assert [each.name for each in conf.sections()] == ["ALICE", "alice"]


def test_a_stamp_holds_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("x")
    stamp = FileStamp.take(str(path))
    assert stamp.holds()
    os.utime(path, ns=(1, 1))
    assert not stamp.holds()


def test_a_stamp_of_an_absent_file_holds_until_it_appears(tmp_path: Path) -> None:
    path = tmp_path / "none"
    stamp = FileStamp.take(str(path))
    assert stamp.holds()
    path.touch()
    assert not stamp.holds()


def test_the_path_of_an_item() -> None:
    conf = ConfFile("/etc/m.conf", "/etc")
    assert conf.path_of(Variable("a", "1", 1)) == "/etc/m.conf"
    assert conf.path_of(Variable("a", "1", 1, file="/etc/i.inc")) == "/etc/i.inc"


def test_a_pattern_that_has_come_to_stand_for_too_much_has_changed(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    stamp = PatternStamp.take("[a]", f"{tmp_path}/")
    assert (stamp.path, stamp.paths) == (f"{tmp_path}/[a]", (f"{tmp_path}/a",))
    assert stamp.holds()
    endless = PatternStamp("{a,b}" * 30, f"{tmp_path}/", stamp.paths)
    assert not endless.holds()
