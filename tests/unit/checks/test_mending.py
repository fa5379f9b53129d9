"""What is mended without asking, by the smallest edit."""

from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.checks.checking import finished
from sorcery.checks.mending import Mended, mend
from sorcery.checks.sourcelines import SourceLines
from sorcery.conf.editing import FilesChanged, contents
from sorcery.conf.editing.survey import Survey, survey


def mended(directory: Path, *mains: str) -> Mended:
    with Sorcery.open(directory) as s:
        findings = finished(s.report.findings, [], s.types, SourceLines())
        return mend(findings, [str(directory / name) for name in mains or ["pjsip.conf"]], s.types, directory)


def after(directory: Path, text: str) -> str:
    (directory / "pjsip.conf").write_text(text)
    for document in mended(directory).documents:
        document.save()
    return (directory / "pjsip.conf").read_text()


def test_a_misspelt_option_is_renamed_where_it_stands(tmp_path: Path) -> None:
    text = (
        "; phones\n[a]\ntype = aor\nmax_contact  =  2   ; desk and pocket\nqualify_frequncy=60\nremove_existing=yes\n"
    )
    assert after(tmp_path, text) == text.replace("max_contact ", "max_contacts ").replace("frequncy", "frequency")


def test_an_option_without_effect_is_removed_and_an_older_name_becomes_the_newer(tmp_path: Path) -> None:
    text = "[a]\ntype=aor\nmax_contacts=2\nauthenticate_qualify=yes\n[s]\ntype=system\nthreadpool_max_size=5\n"
    wanted = text.replace("authenticate_qualify=yes\n", "").replace("threadpool_max_size", "taskpool_max_size")
    assert after(tmp_path, text) == wanted


def test_the_case_of_a_type_is_corrected(tmp_path: Path) -> None:
    assert after(tmp_path, "[a]\ntype=Aor\nmax_contacts=2\n") == "[a]\ntype=aor\nmax_contacts=2\n"


def test_a_line_of_a_template_is_mended_in_the_template(tmp_path: Path) -> None:
    text = "[t](!)\ntype=aor\nmax_contact=2\n[a](t)\n[b](t)\n"
    assert after(tmp_path, text) == text.replace("max_contact=", "max_contacts=")


def test_a_line_of_an_include_is_mended_in_the_include(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("max_contact=2\n")
    text = "[a]\ntype=aor\n#include more.conf\n"
    assert after(tmp_path, text) == text
    assert (tmp_path / "more.conf").read_text() == "max_contacts=2\n"


@pytest.mark.parametrize(
    "text",
    [
        "[a]\ntype=aor\nnothing_alike=2\n",
        "[a]\ntype=auth\nusername=a\nmd5_cred=0123456789abcdef0123456789abcdef\n",  # its successor wants MD5: before it
        "[a]\ntype=aor\nmax_contacts=many\n",
        "[a]\ntype=endpoint\nmax_contacts=2\n",  # of another type
    ],
)
def test_what_needs_judgement_stays(tmp_path: Path, text: str) -> None:
    assert after(tmp_path, text) == text


def test_an_edit_that_would_change_something_else_is_told_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("max_contact=2\n")
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n#include more.conf\n[b]\ntype=auth\n#include more.conf\n")
    found = mended(tmp_path)
    assert not found.done
    ((finding, reason),) = found.refused
    assert finding.id == "a"
    assert "[b] (" in reason
    assert "would change with it" in reason


def test_a_line_that_is_several_sections_is_mended_as_all_of_them_need_it(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("max_contact=2\n")
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n#include more.conf\n[b]\ntype=aor\n#include more.conf\n")
    found = mended(tmp_path)
    assert [finding.id for finding in found.done] == ["a", "b"]
    assert found.documents[0].edited == {str(tmp_path / "more.conf"): b"max_contacts=2\n"}


def test_one_that_cannot_be_mended_keeps_no_other_from_it(tmp_path: Path) -> None:
    text = "[a]\ntype=aor\nmax_contact=2\n[b]\ntype=aor\n;-- x --;max_contact=2\n[c]\ntype=Aor\nmax_contacts=2\n"
    assert after(tmp_path, text) == text.replace("contact=2\n[b]", "contacts=2\n[b]").replace("Aor", "aor")


def test_many_lines_take_no_more_looks_than_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[str] = []

    def look(path: str, *others: Any) -> Survey:
        looks.append(path)
        return survey(path, *others)

    monkeypatch.setattr(contents, "survey", look)
    counts = []
    for many in (1, 200):
        looks.clear()
        text = "".join(f"[a{number}]\ntype=aor\nmax_contact=2\n" for number in range(many))
        assert after(tmp_path, text) == text.replace("contact=", "contacts=")
        counts.append(len(looks))
    assert counts[0] == counts[1]


def test_a_file_that_changed_underneath_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "pjsip.conf"
    path.write_text("[a]\ntype=aor\nmax_contact=2\n")
    (document,) = mended(tmp_path).documents
    path.write_text("[a]\ntype=aor\nmax_contact=3\n")
    with pytest.raises(FilesChanged):
        document.save()
    assert path.read_text() == "[a]\ntype=aor\nmax_contact=3\n"


def test_what_two_files_include_is_mended_once_and_what_stands_beside_it_afterwards(tmp_path: Path) -> None:
    (tmp_path / "more.conf").write_text("[a]\ntype=aor\nmax_contact=2\n")
    (tmp_path / "pjsip.conf").write_text("#include more.conf\n")
    (tmp_path / "other.conf").write_text("#include more.conf\n[b]\ntype=auth\nusername=b\npasword=geheim\n")
    mapped = "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor\nauth=config,other.conf,criteria=type=auth\n"
    (tmp_path / "sorcery.conf").write_text(mapped)
    for _ in range(2):
        for document in mended(tmp_path, "pjsip.conf", "other.conf").documents:
            document.save()
    assert (tmp_path / "more.conf").read_text() == "[a]\ntype=aor\nmax_contacts=2\n"
    assert (tmp_path / "other.conf").read_text().endswith("password=geheim\n")


def test_passwords_of_edited_sections_are_known_to_who_shows_the_edit(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=auth\nusername=a\npasword=geheim\n")
    assert mended(tmp_path).secrets == {"geheim"}
