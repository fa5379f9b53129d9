"""`check --fix`: what is mended, shown and left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery.conf.editing import Document

FAULTY = "[bob]\ntype=auth\nusername=bob\npasword=fieHo7eiPhah2Oog ; secret\n[bob]\ntype=aor\nmax_contact=2\n"


def test_what_was_mended_is_shown_without_passwords_and_is_no_finding_any_more(run: Any, directory: Path) -> None:
    path = directory / "pjsip.conf"
    before = path.read_text()
    path.write_text(before + FAULTY)
    result = run("-C", directory, "check", "--fix")
    assert (result.code, result.out) == (0, "nothing found\n")
    assert path.read_text() == before + FAULTY.replace("pasword", "password").replace("contact=", "contacts=")
    assert "-max_contact=2\n+max_contacts=2\n" in result.err
    assert "+password=******** ; secret\n" in result.err
    assert "fieHo7" not in result.err
    assert result.err.endswith("2 mended\n")


def test_a_password_that_begins_with_another_is_masked_whole(run: Any, directory: Path) -> None:
    secrets = ["fieHo7eiPhah2Oog"[:length] for length in range(3, 17)]
    text = "".join(f"[b{n}]\ntype=auth\nusername=u\npasword={secret}\n" for n, secret in enumerate(secrets))
    (directory / "pjsip.conf").write_text(text)
    shown = [line for line in run("-C", directory, "check", "--fix").err.splitlines() if "word=" in line]
    assert set(shown) == {"-pasword=********", "+password=********"}


def test_a_password_in_a_comment_of_a_mended_line_is_masked_too(run: Any, directory: Path) -> None:
    text = "[b]\ntype=auth\nusername=u\npasword=open sesame ; open sesame it is\nrealn=x ; not open, but fieHo7eiPh\n"
    (directory / "pjsip.conf").write_text(
        text + "[c]\ntype=auth\nusername=u\npasword=fieHo7eiPh\nrealn=y ; password=of old\n"
    )
    shown = run("-C", directory, "check", "--fix").err
    assert "+password=******** ; ******** it is\n" in shown
    assert "+realm=x ; not open, but ********\n" in shown
    assert "+realm=y ; password=********\n" in shown


def test_what_is_left_is_told(run: Any, directory: Path) -> None:
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[bob]\ntype=aor\nmax_contact=many\n")
    result = run("-C", directory, "check", "--fix", "--json")
    assert (result.code, [each["rule"] for each in result.json]) == (1, ["refused-value"])


def test_what_shows_only_when_something_else_is_mended_is_mended_too(run: Any, directory: Path) -> None:
    before = (directory / "pjsip.conf").read_text()
    (directory / "pjsip.conf").write_text(before + "[bob]\ntype=aor\nmax_contact=2\nauthenticate_qualify=yes\n")
    result = run("-C", directory, "check", "--fix")
    assert (result.code, result.err.splitlines()[-1]) == (0, "2 mended")
    assert (directory / "pjsip.conf").read_text() == before + "[bob]\ntype=aor\nmax_contacts=2\n"


def test_with_nothing_to_mend_nothing_is_written(run: Any, directory: Path) -> None:
    before = (directory / "pjsip.conf").stat().st_mtime_ns
    assert run("-C", directory, "check", "--fix").err == "0 mended\n"
    assert (directory / "pjsip.conf").stat().st_mtime_ns == before


def test_an_edit_that_is_refused_is_told_and_the_finding_stays(run: Any, directory: Path) -> None:
    (directory / "more.conf").write_text("max_contact=2\n")
    with (directory / "pjsip.conf").open("a") as file:
        file.write("[x]\ntype=aor\n#include more.conf\n[y]\ntype=auth\n#include more.conf\n")
    result = run("-C", directory, "check", "--fix", "--json")
    assert "not mended: " in result.err
    assert {each["rule"] for each in result.json} == {"include-repeated", "unknown-option"}


def test_a_file_that_changed_underneath_is_not_overwritten(
    run: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = directory / "pjsip.conf"
    path.write_text(path.read_text() + FAULTY)
    save = Document.save

    def meanwhile(self: Document, **options: Any) -> Document:
        path.write_text("[carol]\ntype=aor\n")
        return save(self, **options)

    monkeypatch.setattr(Document, "save", meanwhile)
    result = run("-C", directory, "check", "--fix")
    assert result.code == 1
    assert f"{path}:" in result.err
    assert path.read_text() == "[carol]\ntype=aor\n"


def test_a_database_is_not_mended(run: Any, url: str) -> None:
    result = run("--db", url, "check", "--fix")
    assert (result.code, result.out) == (2, "")
    assert "sorcery update" in result.err
