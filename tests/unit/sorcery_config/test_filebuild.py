from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from sorcery.conf import Category, Outline
from sorcery.pjsip import Auth, Endpoint, Global, Identify
from sorcery.pjsip.kinds import matches

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder

TEXT = "[t](!)\ntype=phone\n[a](t)\n[b](t)\nlines=2\n[c]\ntype=room\n"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the names of sections that are read."""
    names: list[str] = []
    original = Outline.read

    def noted(self: Outline, entry: Category | int) -> Category:
        category = original(self, entry)
        names.append(category.name)
        return category

    monkeypatch.setattr(Outline, "read", noted)
    return names


def test_only_what_says_something_else_is_read_and_built(folder: Folder, read: list[str]) -> None:
    folder.write(TEXT)
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    assert read == ["a", "b", "c"]
    read.clear()
    folder.write("; note\n" + TEXT.replace("lines=2", "lines=3"))
    loaded = folder.load()
    assert read == ["b"]
    difference = loaded.stores[phones].difference
    assert [(new.id, old.id) for new, old in difference.updated] == [("b", "b")]
    assert not difference.created
    assert not difference.deleted
    assert not loaded.stores[rooms].difference


def test_a_template_is_part_of_what_its_copies_say(folder: Folder, read: list[str]) -> None:
    folder.write(TEXT)
    phones, _ = folder.phones(), folder.rooms()
    folder.load()
    read.clear()
    folder.write(TEXT.replace("type=phone", "type=phone\ncontext=x"))
    assert [new.id for new, _ in folder.load().stores[phones].difference.updated] == ["a", "b"]
    assert read == ["a", "b"]


def test_what_is_wrong_is_read_and_told_again_until_it_is_mended(folder: Folder, read: list[str]) -> None:
    folder.write(TEXT + "[d]\ntype=phone\nlines=many\n[e]\ntype=phone\ncolour=red\n")
    phones, _ = folder.phones(), folder.rooms()
    findings = folder.load().findings
    assert [finding.id for finding in findings] == ["e", "d"]
    read.clear()
    folder.write(TEXT + "[d]\ntype=phone\nlines=many\n[e]\ntype=phone\ncolour=red\n;\n")
    assert folder.load().findings == findings
    assert read == ["d", "e"]
    assert folder.ids(phones) == ["a", "b", "e"]


def test_when_other_stores_are_loaded_together_everything_is_read(folder: Folder, read: list[str]) -> None:
    folder.write(TEXT)
    folder.phones()
    folder.load()
    folder.rooms()
    folder.load()
    read.clear()
    folder.write(TEXT + ";\n")
    folder.load()
    assert read == ["a", "b", "c"]


def test_a_part_of_the_stores_that_were_loaded_together_knows_what_it_holds(folder: Folder, read: list[str]) -> None:
    folder.write(TEXT)
    phones, _ = folder.phones(), folder.rooms()
    folder.load()
    read.clear()
    folder.write(TEXT + ";\n")
    folder.wizard.load([phones]).commit()
    assert read == ["c"]


def test_what_was_left_out_of_a_load_is_built_by_the_next_one(folder: Folder) -> None:
    folder.write(TEXT)
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    folder.write(TEXT.replace("[c]", "[d]"))
    folder.wizard.load([phones]).commit()
    assert folder.ids(rooms) == ["c"]
    assert folder.load().stores.keys() == {rooms}
    assert folder.ids(rooms) == ["d"]


def test_a_section_of_two_stores_is_read_for_both(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\nlines=2\n")
    phones, doubles = folder.phones(), folder.phones("phones.conf,criteria=lines=2")
    folder.load()
    folder.write("[a]\ntype=phone\nlines=2\n\n")
    folder.load()
    assert folder.ids(phones) == folder.ids(doubles) == ["a"]
    folder.write("[a]\ntype=phone\nlines=3\n")
    folder.load()
    assert (folder.ids(phones), folder.ids(doubles)) == (["a"], [])


def test_what_bequeaths_values_may_come_and_go_while_the_file_stays_as_it_is(folder: Folder) -> None:
    folder.write("[global]\ntype=global\ndefault_auth_algorithms_uas=SHA-256\n[a]\ntype=auth\nusername=a\npassword=p\n")
    auths = folder.open(Auth, "phones.conf,criteria=type=auth")

    def algorithms() -> object:
        folder.load()
        return auths.snapshot.objects["a"].text("supported_algorithms_uas")

    assert algorithms() == "MD5"
    house = folder.open(Global, "phones.conf,criteria=type=global")
    assert algorithms() == "SHA-256"
    folder.stores.remove(house)
    folder.wizard.release(house)
    assert algorithms() == "MD5"


def test_host_names_are_looked_up_at_each_load(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = ip_address("192.0.2.1")
    monkeypatch.setattr(matches, "look_up", lambda host, *, option: (answer,))
    folder.write("[i]\ntype=identify\nendpoint=e\nmatch=sip.example.com\n[a]\ntype=phone\n")
    identifies, phones = folder.open(Identify, "phones.conf,criteria=type=identify"), folder.phones()
    folder.load()
    assert not folder.load().stores[identifies].difference
    answer, phone = ip_address("192.0.2.2"), phones.retrieve("a")
    ((new, old),) = folder.load().stores[identifies].difference.updated
    assert (old.text("match"), new.text("match")) == tuple(f"192.0.2.{last}/255.255.255.255" for last in (1, 2))
    assert phones.retrieve("a") is phone


def test_what_was_refused_for_something_outside_of_its_file_comes_as_soon_as_that_is_mended(folder: Folder) -> None:
    certificate = folder.path / "cert.pem"
    folder.write(f"[e]\ntype=endpoint\ndtls_cert_file={certificate}\n")
    endpoints = folder.open(Endpoint, "phones.conf,criteria=type=endpoint")
    for _ in range(2):
        assert [finding.rule for finding in folder.load().findings] == ["refused-value"]
    certificate.touch()
    assert folder.load().findings == []
    assert folder.ids(endpoints) == ["e"]
    assert folder.load().stores == {}


def test_what_inherits_is_read_once_though_it_is_built_last(folder: Folder, read: list[str]) -> None:
    folder.write(
        "[t](!)\ntype=auth\nusername=x\n[a](t)\npassword=1\n[b](t)\n[c]\ntype=auth\npassword=2\n"
        "[global]\ntype=global\ndefault_auth_algorithms_uas=SHA-256\n"
    )
    auths = folder.open(Auth, "phones.conf,criteria=type=auth")
    folder.open(Global, "phones.conf,criteria=type=global")
    folder.load()
    assert read == ["c", "global", "a", "b", "c"]  # only its copies tell a section unread
    assert auths.snapshot.objects["a"].text("supported_algorithms_uas") == "SHA-256"


def test_a_name_makes_a_section_an_object_whatever_it_copies(folder: Folder) -> None:
    folder.write("[global]\ntype=global\n[t](!)\ntype=auth\n[house](t)\nstreet=x\n")
    folder.open(Auth, "phones.conf,criteria=type=auth")
    folder.open(Global, "phones.conf,criteria=type=global")
    houses = folder.houses()
    folder.load()
    assert folder.ids(houses) == ["house"]
