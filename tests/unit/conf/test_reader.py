from __future__ import annotations

import gc
from pathlib import Path

import pytest

from sorcery.conf import ConfFile, ConfMissing, ConfSyntaxError, read_conf
from sorcery.conf import files as files_module
from sorcery.place import Place


def write(folder: Path, **files: str | bytes) -> Path:
    """Write each file (`_` in a name is a dot) and return the path of the main one."""
    for name, text in files.items():
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder / "main.conf"


def values(conf: ConfFile) -> dict[str, list[str]]:
    return {each.name: [f"{v.key}={v.value}" for v in each.variables] for each in conf.categories}


def codes(conf: ConfFile | ConfSyntaxError | ConfMissing) -> list[str]:
    return [message.code for message in conf.messages]


def refused(path: Path, exec_includes: bool = False) -> ConfSyntaxError:
    with pytest.raises(ConfSyntaxError) as caught:
        read_conf(path, exec_includes=exec_includes)
    return caught.value


def test_a_refusal_names_place_rule_and_remedy_and_keeps_the_messages(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\nx\n[b](none)\n")
    error = refused(path)
    assert (error.code, error.place) == ("base-missing", Place(str(path), 3))
    assert codes(error) == ["no-equals", "base-missing"]
    assert str(error).startswith(f"{path}:3: ")
    assert error.remedy in str(error)


@pytest.mark.parametrize("name", ["none.conf", "dangling.conf", "x" * 300, "nul\0byte"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path) -> None:
    (tmp_path / "dangling.conf").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfMissing) as caught:
        read_conf(tmp_path / name)
    assert isinstance(caught.value, FileNotFoundError)
    assert codes(caught.value) == []
    assert str(tmp_path) in str(caught.value)


def test_a_folder_is_missing_and_a_message_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfMissing) as caught:
        read_conf(tmp_path)
    assert codes(caught.value) == ["not-regular-file"]


def test_a_file_that_may_not_be_read_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    path = write(tmp_path, main_conf="[a]\n")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ConfMissing):
        read_conf(path)


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path, main_conf="[a]\n#include i.inc\n", i_inc="x=1\n")
    monkeypatch.chdir(tmp_path)
    conf = read_conf("main.conf")
    assert (conf.path, conf.directory) == (str(path), str(tmp_path))
    assert [stamp.path for stamp in conf.files] == [str(path), str(tmp_path / "i.inc")]
    assert not conf.undecidable
    assert all(stamp.holds() for stamp in conf.files)


def test_includes_count_from_the_directory_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    path = write(tmp_path, main_conf="[a]\n#include i.inc\n", i_inc="x=wrong\n")
    write(tmp_path / "etc", i_inc="x=right\n")
    assert values(read_conf(path, directory=tmp_path / "etc")) == {"a": ["x=right"]}


def test_a_file_that_comes_to_fit_a_pattern_is_a_change(tmp_path: Path) -> None:
    conf = read_conf(write(tmp_path, main_conf="[a]\n#tryinclude *.inc\n"))
    assert all(stamp.holds() for stamp in conf.files)
    write(tmp_path, i_inc="")
    assert not all(stamp.holds() for stamp in conf.files)
    assert not conf.undecidable


def test_an_optional_include_that_appears_is_a_change(tmp_path: Path) -> None:
    conf = read_conf(write(tmp_path, main_conf="[a]\n#tryinclude i.inc\n"))
    assert all(stamp.holds() for stamp in conf.files)
    write(tmp_path, i_inc="")
    assert [stamp.holds() for stamp in conf.files] == [True, False]


def test_children_share_the_block_of_their_template(tmp_path: Path) -> None:
    text = "[t](!)\na=1\nb=2\n[x](t)\nc=3\n[y](t)\n[z](t)\na+=9\n"
    _, x, y, z = read_conf(write(tmp_path, main_conf=text)).categories
    assert x.blocks[0] is y.blocks[0]
    assert all(variable.inherited for variable in x.blocks[0])
    assert len(z.blocks) == 1
    assert [v.value for v in z.variables] == ["19", "2"]


def test_a_broken_file_of_a_pattern_ends_the_run(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\n#include *.inc\nz=1\n", a_inc="a=1\n", b_inc="[x\n", c_inc="c=1\n")
    conf = read_conf(path)
    assert values(conf) == {"a": ["a=1", "z=1"]}
    assert codes(conf) == ["header-unclosed-bracket"]
    assert conf.categories[0].variables[1].file == str(path)


def test_a_missing_include_two_levels_down_cuts_short_the_included_file_only(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\n#include i.inc\nz=1\n", i_inc="a=1\n#include none\nb=1\n")
    conf = read_conf(path)
    assert values(conf) == {"a": ["a=1", "z=1"]}
    assert codes(conf) == ["include-missing"]
    assert conf.messages[0].place == Place(str(tmp_path / "i.inc"), 2)


def test_an_included_file_starts_in_the_latest_category_and_the_includer_goes_on_in_its_own(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\n#include i.inc\nx=1\n#include j.inc\n", i_inc="[b]\ny=1\n", j_inc="z=1\n")
    assert values(read_conf(path)) == {"a": ["x=1"], "b": ["y=1", "z=1"]}


def test_comments_of_an_including_file_do_not_reach_into_the_included_one(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\n#include i.inc ;--\nx=1\n--;y=1\n", i_inc="z=1\n")
    assert values(read_conf(path)) == {"a": ["z=1", "y=1"]}


def test_a_file_that_includes_itself_twice_is_read_to_the_tenth_level(tmp_path: Path) -> None:
    conf = read_conf(write(tmp_path, main_conf="#tryinclude main.conf\n" * 2 + "[a]\n"))
    assert len(conf.categories) == 2**11 - 1


def test_a_file_that_includes_itself_too_often_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_REPEATED", 1 << 20)
    error = refused(write(tmp_path, main_conf="#tryinclude main.conf\n" * 5 + "[a]\n"))
    assert codes(error)[-1:] == [error.code] == ["include-too-many"]


def test_what_would_never_end_is_refused_in_an_included_file_too(tmp_path: Path) -> None:
    error = refused(write(tmp_path, main_conf="#include i.inc\n", i_inc="\n" + ";--\n" * 129))
    assert (error.code, error.place) == ("comment-nest-limit", Place(str(tmp_path / "i.inc"), 130))


def test_the_129th_block_comment_is_refused(tmp_path: Path) -> None:
    error = refused(write(tmp_path, main_conf=";--\n" * 129))
    assert (error.code, error.place and error.place.line) == ("comment-nest-limit", 129)


def test_a_category_that_copies_itself_is_refused(tmp_path: Path) -> None:
    assert refused(write(tmp_path, main_conf="[a]\nx=1\n[a](+,a)\n")).code == "self-copy"


def test_inheritance_that_doubles_line_by_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery.conf.drafts.MAX_COPIES", 100_000)  # what it is takes seconds to reach
    doubling = "".join(f"[c{number + 1}](c{number},c{number})\n" for number in range(60))
    assert refused(write(tmp_path, main_conf="[c0]\nx=1\n" + doubling)).code == "copies-too-many"


def test_exec_counts_as_a_level(tmp_path: Path) -> None:
    chain = {f"i{level}_inc": f"#include i{level + 1}.inc\n" for level in range(1, 10)}
    path = write(tmp_path, main_conf="[a]\n#include i1.inc\nz=1\n", **chain, i10_inc="x=1\n#exec echo y=1\nw=1\n")
    conf = read_conf(path, exec_includes=True)
    assert values(conf) == {"a": ["x=1", "z=1"]}
    assert codes(conf) == ["include-too-deep", "include-missing"]
    assert conf.undecidable


def test_an_exec_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a]\n#exec " + "x" * 2000 + "\n")
    assert refused(path, exec_includes=True).code == "exec-too-long"


def test_a_file_that_ends_early_still_tells_of_its_open_comment(tmp_path: Path) -> None:
    error = refused(write(tmp_path, main_conf="x;--\n"))
    assert codes(error) == ["no-category", "unterminated-comment"]
    assert error.code == "no-category"


@pytest.mark.parametrize(
    "text",
    [
        "password = hush",
        "[a]\npassword: hush",
        "[a]\npassword hush",
        "[a]\n= hush",
        "[a]\npassword=hush" + "x" * 9000,
        "[a]\n#exec login hush",
        "[a]\npassword=hush\n[b](a)",
    ],
)
def test_no_value_reaches_a_message(text: str, tmp_path: Path) -> None:
    error = refused(write(tmp_path, main_conf=text + "\n[broken"))
    assert "hush" not in str(error)
    assert not any("hush" in str(message) for message in error.messages)


def test_a_stray_end_of_comment_is_placed(tmp_path: Path) -> None:
    conf = read_conf(write(tmp_path, main_conf="[a]\nb=1 --; c\nd=1\n"))
    (message,) = conf.messages
    assert (message.line, message.place.line) == (None, 2)


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_left_as_it_was(enabled: bool, tmp_path: Path) -> None:
    path = write(tmp_path, main_conf="[a\n")
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        refused(path)
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
