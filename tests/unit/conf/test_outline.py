from __future__ import annotations

from pathlib import Path

from sorcery.conf import read_conf, read_outline

TEXT = "[t](!)\nx=1\n[a](t)\n[b] ; note\ny=2\n[A]\n[a]\nz=3\n"


def test_read_as_a_whole_it_is_the_file(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text(TEXT)
    assert read_outline(path).conf() == read_conf(path)


def test_sections_are_found_by_name_with_case_in_order(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text(TEXT)
    outline = read_outline(path)
    assert [[each.key for each in section.variables] for section in outline.named("a")] == [["x"], ["z"]]
    assert [outline.path_of(section) for section in outline.named("b")] == [str(path)]
    assert not list(outline.named("t"))


def test_a_category_that_was_read_is_itself(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text(TEXT)
    outline = read_outline(path)
    template, *_ = outline.entries
    assert not isinstance(template, int)
    assert outline.read(template) is template
    assert template not in list(outline.sections())


def test_names_lines_and_the_content_are_known_of_what_is_unread(tmp_path: Path) -> None:
    path = tmp_path / "main"
    path.write_text(TEXT)
    outline = read_outline(path)
    categories = [outline.read(entry) for entry in outline.entries]
    assert [outline.name(entry) for entry in outline.entries] == [category.name for category in categories]
    assert [outline.line(entry) for entry in outline.entries] == [category.line for category in categories]
    assert outline.content == TEXT.encode()


def test_what_stands_in_the_second_file_of_a_pattern_is_placed_by_the_lines_of_that_file(tmp_path: Path) -> None:
    path, second = tmp_path / "main", tmp_path / "d/2"
    second.parent.mkdir()
    path.write_text("#include d/*\n")
    (tmp_path / "d/1").write_text("[t](!)\nx=1\n")
    second.write_text("[a](t)\ny=2\n")
    for conf in (read_outline(path), read_conf(path)):
        (section,) = read_conf(path).sections()
        x, y = section.variables
        assert [str(conf.place_of(each)) for each in (section, x, y)] == [
            f"{second}:1",
            f"{tmp_path}/d/1:2",
            f"{second}:2",
        ]
    assert [section.line, y.line] == [4, 5]  # as Asterisk counts


def test_messages_about_the_second_file_of_a_pattern_name_the_line_of_that_file(tmp_path: Path) -> None:
    path, second = tmp_path / "main", tmp_path / "d/2"
    second.parent.mkdir()
    path.write_text("#include d/*\n")
    (tmp_path / "d/1").write_text("[t](!)\nx=1\n;--\n")
    second.write_text("--;\n[a]\nnonsense\n")
    first, _, told = read_conf(path).messages[:1] + read_conf(path).messages[-2:]
    assert str(first.place) == f"{tmp_path}/d/1:3"
    assert (str(told.place), told.line) == (f"{second}:3", 7)
