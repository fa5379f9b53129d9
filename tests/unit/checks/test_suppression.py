"""Which findings a comment keeps from being told."""

from collections.abc import Collection
from pathlib import Path

from sorcery import Finding, Place, Severity
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.suppression import suppressed, suppressions

KNOWN = ("nat-half", "locked-out")


def finding(path: Path, line: int, rule: str = "nat-half") -> Finding:
    return Finding(severity=Severity.WARNING, rule=rule, message="m", place=Place(str(path), line))


def told(
    path: Path, text: str, *found: tuple[int, str], unjudged: Collection[str] = ()
) -> list[tuple[str, int | None]]:
    path.write_text(text)
    findings = [finding(path, line, rule) for line, rule in found]
    kept = suppressed(findings, [str(path)], KNOWN, SourceLines(), unjudged)
    return [(each.rule, each.place.line if each.place else None) for each in kept]


def test_a_comment_on_a_line_counts_for_that_line_and_rule(tmp_path: Path) -> None:
    text = "[a]\nx=1 ; sorcery: ignore nat-half the switch does it\ny=2\n"
    found = [(2, "nat-half"), (2, "locked-out"), (3, "nat-half")]
    assert told(tmp_path / "a.conf", text, *found) == [("locked-out", 2), ("nat-half", 3)]


def test_a_comment_on_a_header_counts_for_its_section(tmp_path: Path) -> None:
    text = "[a](t) ; sorcery: ignore nat-half, locked-out\nx=1\n\n[b]\nx=1\n"
    found = [(1, "locked-out"), (2, "nat-half"), (5, "nat-half")]
    assert told(tmp_path / "a.conf", text, *found) == [("nat-half", 5)]


def test_what_it_ignores_and_is_not_found_is_a_finding(tmp_path: Path) -> None:
    text = "[a]\nx=1 ; Sorcery: ignore nat-half,locked-out\n"
    assert told(tmp_path / "a.conf", text, (2, "nat-half")) == [("unused-suppression", 2)]


def test_nothing_is_said_of_a_comment_for_a_rule_that_could_not_be_judged(tmp_path: Path) -> None:
    text = "[a]\nx=1 ; sorcery: ignore nat-half,locked-out,nonsense\n"
    kept = told(tmp_path / "a.conf", text, unjudged=["locked-out"])
    assert kept == [("unused-suppression", 2), ("unused-suppression", 2)]


def test_a_comment_on_a_line_below_a_header_with_one_counts_as_well(tmp_path: Path) -> None:
    text = "[a] ; sorcery: ignore nat-half\nx=1 ; sorcery: ignore locked-out\n"
    assert told(tmp_path / "a.conf", text, (2, "nat-half"), (2, "locked-out")) == []


def test_a_rule_that_does_not_exist_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("x=1 ; sorcery: ignore nat-haf\n")
    (kept,) = suppressed([], [str(path)], KNOWN, SourceLines())
    assert "there is no rule of that name" in kept.message
    assert kept.place == Place(str(path), 1, column=5)


def test_escaped_semicolons_and_block_comments_are_no_comments_of_this_kind(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("x=1\\; sorcery: ignore nat-half\n;-- sorcery: ignore nat-half --;\n; sorcery ignore nat-half\n")
    assert list(suppressions(str(path), SourceLines())) == []


def test_a_comment_has_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "a.conf"
    path.write_text("x=1 ; sorcery: ignore nat-half  no NAT in the lab \n")
    (found,) = suppressions(str(path), SourceLines())
    assert (found.rules, found.reason) == (("nat-half",), "no NAT in the lab")


def rows(path: Path, comment: str, *found: tuple[str, str | None]) -> list[tuple[str, str]]:
    """Return the rules and messages of what is told of some rows, one weak secret each, beside a comment."""
    path.write_text(f"[settings]\nps_auths => odbc,pbx ; sorcery: ignore {comment}\n")
    findings = [
        Finding(severity=Severity.WARNING, rule="nat-half", message=f"{table}:{row}", place=Place(table, row=row))
        for table, row in found
    ]
    return [(each.rule, each.message) for each in suppressed(findings, [str(path)], KNOWN, SourceLines())]


def test_a_comment_that_names_a_row_counts_for_it_wherever_it_stands(tmp_path: Path) -> None:
    found = [("ps_auths", "kiosk"), ("ps_auths", "kiosk2"), ("ps_aors", "kiosk")]
    kept = rows(tmp_path / "extconfig.conf", "nat-half ps_auths:kiosk it never moves", *found)
    assert kept == [("nat-half", "ps_auths:kiosk2"), ("nat-half", "ps_aors:kiosk")]


def test_a_star_stands_for_what_differs_and_alone_for_all_of_a_table(tmp_path: Path) -> None:
    found = [("ps_auths", "a1x"), ("ps_auths", "a.x"), ("ps_auths", "b"), ("ps_auths", None)]
    path = tmp_path / "extconfig.conf"
    assert rows(path, "nat-half ps_auths:a*x", *found) == [("nat-half", "ps_auths:b"), ("nat-half", "ps_auths:None")]
    assert rows(path, "nat-half ps_auths:a.*", ("ps_auths", "a1")) != []
    assert rows(path, "nat-half ps_auths:*", *found) == []
    assert rows(path, "nat-half astdb:/reg/contact/a;@*", ("astdb", "/reg/contact/a;@1")) == []


def test_many_stars_take_no_longer_than_one(tmp_path: Path) -> None:
    path, row = tmp_path / "extconfig.conf", "ab" * 100
    assert rows(path, f"nat-half ps_auths:{'*a' * 50}*", ("ps_auths", row)) == []
    assert rows(path, f"nat-half ps_auths:{'*a' * 50}", ("ps_auths", row)) != []  # else nobody lives to see it end


def test_a_row_of_which_nothing_is_found_is_told(tmp_path: Path) -> None:
    ((rule, message),) = rows(tmp_path / "extconfig.conf", "nat-half ps_auths:kiosk")
    assert rule == "unused-suppression"
    assert message.endswith("nothing of that rule is found in ps_auths:kiosk")


def test_an_address_is_a_reason_and_no_row(tmp_path: Path) -> None:
    text = "[a]\nx=1 ; sorcery: ignore nat-half https://wiki.example.com/why\n"
    assert told(tmp_path / "a.conf", text, (2, "nat-half")) == []


def test_a_comment_that_names_a_row_counts_for_no_line(tmp_path: Path) -> None:
    text = "[a] ; sorcery: ignore nat-half ps_auths:kiosk\nx=1\n"
    assert told(tmp_path / "a.conf", text, (1, "nat-half")) == [("nat-half", 1), ("unused-suppression", 1)]
