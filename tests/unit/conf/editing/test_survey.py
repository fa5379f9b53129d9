from __future__ import annotations

from pathlib import Path

from sorcery.conf.editing.survey import Held, Survey, survey


def surveyed(folder: Path, **files: str) -> Survey:
    held: Held = {str(folder / f"{name}.conf"): text.encode() for name, text in files.items()}
    return survey(str(folder / "main.conf"), str(folder), held)


def lines(found: Survey) -> list[list[tuple[str, int, int]]]:
    return [
        [(Path(span.path).stem, span.start, span.stop) for span in found.spans(position)]
        for position in range(len(found.outline.entries))
    ]


def test_a_section_reaches_from_its_header_to_the_next(tmp_path: Path) -> None:
    assert lines(surveyed(tmp_path, main="; x\n[a]\nk=1\n\n[b]\n")) == [[("main", 1, 4)], [("main", 4, 6)]]


def test_a_section_that_is_added_to_has_several_spans(tmp_path: Path) -> None:
    assert lines(surveyed(tmp_path, main="[a]\nk=1\n[b]\n[a](+)\nl=2")) == [
        [("main", 0, 2), ("main", 3, 5)],
        [("main", 2, 3)],
    ]


def test_an_include_is_in_the_middle_and_its_lines_belong_where_the_parser_puts_them(tmp_path: Path) -> None:
    found = surveyed(tmp_path, main="[a]\nk=1\n#include i.conf\nl=2\n", i="m=3\n[b]\nn=4\n")
    assert lines(found) == [[("main", 0, 2), ("i", 0, 1), ("main", 3, 5)], [("i", 1, 4)]]
    assert not found.reads_again


def test_lines_behind_one_that_ends_the_file_belong_to_nothing(tmp_path: Path) -> None:
    found = surveyed(tmp_path, main="[a]\n#include i.conf\nk=1\n", i="l=2\n[b](none)\nm=3\n")
    assert lines(found) == [[("main", 0, 1), ("i", 0, 1), ("main", 2, 4)]]


def test_files_of_a_pattern_are_counted_each_from_its_own_first_line(tmp_path: Path) -> None:
    for name, text in (("i1", "l=1\n;--"), ("i2", "--;\nm=2\n")):
        (tmp_path / f"{name}.conf").write_text(text)
    found = surveyed(tmp_path, main="[a]\n#include i*.conf\n")
    assert lines(found) == [[("main", 0, 1), ("i1", 0, 2), ("i2", 0, 3), ("main", 2, 3)]]
    assert [span.depth for span in found.spans(0)] == [0, 0, 1, 0]


def test_a_file_that_is_included_twice_is_told(tmp_path: Path) -> None:
    assert surveyed(tmp_path, main="[a]\n#include i.conf\n#include i.conf\n", i="k=1\n").reads_again


def test_files_are_read_once_and_held(tmp_path: Path) -> None:
    main = tmp_path / "main.conf"
    main.write_text("[a]\n#tryinclude none.conf\n")
    held: Held = {}
    survey(str(main), str(tmp_path), held)
    assert held == {str(main): b"[a]\n#tryinclude none.conf\n", str(tmp_path / "none.conf"): None}


def test_only_a_section_in_one_plain_piece_has_a_plain_span(tmp_path: Path) -> None:
    found = surveyed(tmp_path, main="[a]\nk=1\n[b]\n;--\n--;\n[c]\n[c](+)\n")
    assert [found.plain_span(position) is not None for position in range(3)] == [True, False, False]
