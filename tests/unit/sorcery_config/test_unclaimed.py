"""What is said of sections that nothing is made of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sorcery import Sorcery

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder


def test_an_unknown_type_is_told_at_its_line_at_each_load_until_it_is_mended(folder: Folder) -> None:
    folder.write("[t](!)\ntype=phon\n[a](t)\nlines=2\n[b]\ntype=phone\n[c]\ntype=gizmo\n")
    folder.phones(), folder.rooms()
    for _ in range(2):
        assert [str(finding) for finding in folder.load().findings] == [
            f"{folder.at(2)}: warning [unknown-type] section 'a' is of the unknown type 'phon', "
            "and nothing is made of it; did you mean type=phone?",
            f"{folder.at(8)}: warning [unknown-type] section 'c' is of the unknown type 'gizmo', "
            "and nothing is made of it; write type=NAME, one of phone, room",
        ]
    folder.write("[b]\ntype=phone\n")
    assert not folder.load().findings


def test_a_section_without_a_type_is_told(folder: Folder) -> None:
    folder.write("[a]\nlines=2\n[house]\nstreet=x\n[b](!)\nlines=1\n")
    folder.phones(), folder.houses()
    (finding,) = folder.load().findings
    assert str(finding) == (
        f"{folder.at(1)}: warning [no-type] section 'a' has no type, and nothing is made of it; "
        "write type=NAME, one of house, phone"
    )


def test_a_section_without_a_name_is_told_like_any(folder: Folder) -> None:
    folder.write("[]\nlines=2\n")
    folder.phones()
    assert folder.told(folder.load().findings) == [("warning", "no-type", folder.at(1))]


def test_a_name_that_stands_for_a_type_claims_its_section_whatever_type_it_says(folder: Folder) -> None:
    folder.write("[house]\ntype=gizmo\n")
    _, houses = folder.phones(), folder.houses()
    assert not folder.load().findings
    assert folder.ids(houses) == ["house"]


def test_types_of_asterisk_that_are_read_elsewhere_are_in_order(folder: Folder) -> None:
    folder.write("[a]\ntype=phoneprov\n[b]\ntype=endpoint\n")
    folder.phones()
    assert not folder.load().findings


def test_a_type_that_asterisk_reads_from_another_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=wizard\n[b]\ntype=contact\n[c]\ntype=profile\n[d]\ntype=eprofile\n")
    with Sorcery.open(tmp_path) as s:
        told = [(each.rule, each.id, each.value, each.remedy) for each in s.report.findings]
    assert told == [
        ("unknown-type", "a", "wizard", "move it to pjsip_wizard.conf"),
        ("unknown-type", "c", "profile", "move it to geolocation.conf or stir_shaken.conf"),
    ]


def test_nothing_is_said_of_a_file_that_is_not_selected_from_by_type_alone(folder: Folder) -> None:
    folder.write("[a]\ntype=gizmo\nfloor=3\n[b]\nstreet=x\n")
    folder.phones(), folder.rooms("phones.conf,criteria=floor=3")
    assert not folder.load().findings


def test_a_mapping_that_is_added_claims_its_sections(folder: Folder) -> None:
    folder.write("[a]\ntype=room\n")
    folder.phones()
    assert [finding.rule for finding in folder.load().findings] == ["unknown-type"]
    folder.rooms()
    assert not folder.load().findings


def test_a_directory_says_so_on_opening(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[alice]\ntype=endpont\n[global]\nuser_agent=x\n")
    with Sorcery.open(tmp_path) as s:
        (finding,) = s.report.findings
    assert (finding.rule, finding.id, finding.option, finding.value) == ("unknown-type", "alice", "type", "endpont")
    assert finding.remedy == "did you mean type=endpoint?"
