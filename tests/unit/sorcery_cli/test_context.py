"""What all commands share: targets, and the objects in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import NotFound, Sorcery, UnknownType
from sorcery_cli.context import Session, existing, is_address, is_kept, known_type, require_kept
from sorcery_cli.exits import Misuse, NotKept


@pytest.mark.parametrize(
    ("target", "found"),
    [("sqlite:///a.db", True), ("postgresql://h/x", True), ("memory:", True), ("/etc/asterisk", False), ("a:b", False)],
)
def test_an_address_is_told_from_a_directory(target: str, found: bool) -> None:
    assert is_address(target) is found


def test_a_session_opens_its_target_or_another(directory: Path) -> None:
    session = Session(target=str(directory), compat=True)
    with session.open() as s, session.open("memory:") as other:
        assert (s.environment.directory, s.environment.compat) == (directory, True)
        assert (other.environment.directory, other.environment.compat) == (None, True)


@pytest.mark.parametrize("target", ["/no/such/directory", "oracle://host/x"])
def test_a_target_that_cannot_be_is_misuse(target: str) -> None:
    with pytest.raises(Misuse, match=r"no such directory|oracle"):
        Session(target=target).open()


def test_types_are_known_by_name() -> None:
    with Sorcery.open("memory:") as s:
        assert known_type(s, "aor").name == "aor"
        with pytest.raises(UnknownType):
            known_type(s, "aors")


def test_an_object_that_is_not_there_says_why(directory: Path) -> None:
    (directory / "pjsip.conf").write_text("[a]\ntype=aor\nmax_contacts=many\n[b]\ntype=aor\n")
    with Sorcery.open(directory) as s:
        assert existing(s, "aor", "b").id == "b"
        with pytest.raises(NotFound) as refused:
            existing(s, "aor", "a")
        with pytest.raises(NotFound) as absent:
            existing(s, "aor", "c")
    assert ["max_contacts" in note for note in refused.value.__notes__] == [True]
    assert not hasattr(absent.value, "__notes__")


def test_objects_are_kept_unless_memory_alone_holds_them(directory: Path) -> None:
    with Sorcery.open(directory) as s:
        assert is_kept(s, "contact")
        require_kept(s, "contact")
    with Sorcery.open("memory:") as s:
        assert not is_kept(s, "contact")
        with pytest.raises(NotKept):
            require_kept(s, "contact")
        s.map("contact", "memory_cache", caching=True)
        assert not is_kept(s, "contact")
