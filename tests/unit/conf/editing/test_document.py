from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sorcery.conf import ConfMissing, ConfSyntaxError, read_conf
from sorcery.conf import files as files_module
from sorcery.conf.editing import Document, EditRefused, FilesChanged, SectionMissing, Selector, section, template

PHONES = """\
; phones
[phone](!)
type = endpoint
context = internal   ; everybody

; Alice
[alice](phone)
\tcallerid => "A\\; B" <1>  ; shown
\tallow=ulaw

; her secret
[alice]
type=auth
password = x\\;y ; secret
#include more.inc
username = alice

[bob](phone)
"""
MORE = "realm=here\r\n[carol](phone)\r\nallow=g722"
ENDPOINT, AUTH = section("alice", type="endpoint"), section("alice", type="auth")


@pytest.fixture
def document(tmp_path: Path) -> Document:
    (tmp_path / "pjsip.conf").write_bytes(PHONES.encode())
    (tmp_path / "more.inc").write_bytes(MORE.encode())
    return Document.read(tmp_path / "pjsip.conf")


def texts(document: Document) -> tuple[str, str]:
    main, more = (content.decode() for content in document.files.values())
    return main, more


def written(folder: Path, text: str, name: str = "main.conf") -> Document:
    (folder / name).write_bytes(text.encode())
    return Document.read(folder / "main.conf")


def test_the_line_that_decides_is_changed_in_place(document: Document) -> None:
    edited = document.set(ENDPOINT, "callerid", "C; D").set(AUTH, "password", "p\\;q")
    expected = PHONES.replace('"A\\; B" <1>', "C\\; D").replace("x\\;y", "p\\\\;q")
    assert texts(edited) == (expected, MORE)
    assert edited.section(AUTH).last("password") == "p\\;q"


def test_an_edit_lands_in_the_file_where_the_line_lives(document: Document) -> None:
    edited = document.set(AUTH, "realm", "there").set(section("carol"), "allow", "alaw")
    assert texts(edited) == (PHONES, MORE.replace("here", "there").replace("g722", "alaw"))
    assert list(edited.edited) == [str(Path(document.directory, "more.inc"))]


def test_what_is_inherited_is_overridden_in_the_section(document: Document) -> None:
    edited = document.set(ENDPOINT, "context", "sales")
    assert texts(edited)[0] == PHONES.replace("\tallow=ulaw\n", "\tallow=ulaw\n\tcontext=sales\n")


def test_a_section_without_lines_gets_its_first_below_its_header(document: Document) -> None:
    edited = document.set(section("bob"), "context", "sales")
    assert texts(edited)[0] == PHONES + "context = sales\n"


def test_a_line_is_added_behind_the_others(document: Document) -> None:
    edited = document.add(ENDPOINT, "callerid", "x").add(section("carol"), "allow", "ulaw")
    assert texts(edited) == (PHONES.replace("\tallow=ulaw\n", "\tallow=ulaw\n\tcallerid=x\n"), f"{MORE}\r\nallow=ulaw")


def test_several_values_reuse_the_lines_that_are_there(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nm=1 ; one\nk=v\nm=2\n; end\n")
    for values, result in (
        (["1", "3"], "[a]\nm=1 ; one\nk=v\nm=3\n; end\n"),
        (["4", "5", "6"], "[a]\nm=4 ; one\nk=v\nm=5\nm=6\n; end\n"),
        (["7"], "[a]\nm=7 ; one\nk=v\n; end\n"),
        ([], "[a]\nk=v\n; end\n"),
    ):
        assert next(iter(document.update(section("a"), {"m": values}).files.values())).decode() == result


def test_several_options_change_together(document: Document) -> None:
    edited = document.update(ENDPOINT, {"allow": ["alaw", "g722"], "context": ["a"], "callerid": [], "new": ["1", "2"]})
    new = "\tallow=alaw\n\tallow=g722\n\tcontext=a\n\tnew=1\n\tnew=2\n"
    assert texts(edited)[0] == PHONES.replace('\tcallerid => "A\\; B" <1>  ; shown\n\tallow=ulaw\n', new)
    with pytest.raises(EditRefused, match="'allow', 'ALLOW' of"):
        document.update(ENDPOINT, {"allow": ["1"], "ALLOW": ["2"]})


def test_an_equal_value_changes_nothing(document: Document) -> None:
    assert not document.set(ENDPOINT, "allow", "ulaw").edited


def test_all_lines_of_an_option_are_removed(document: Document) -> None:
    edited = document.add(ENDPOINT, "ALLOW", "alaw").remove(ENDPOINT, "allow")
    assert texts(edited)[0] == PHONES.replace("\tallow=ulaw\n", "")


def test_after_a_value_was_replaced_every_section_and_place_is_that_of_the_files(tmp_path: Path) -> None:
    (tmp_path / "i.inc").write_text("[b]\nk=1 ; x\n\nl=2\n")
    document = written(tmp_path, "[t](!)\nm=1\n[a](t)\nk=1\n#include i.inc\n[c](t)\nk=1\n")
    for name in ("a", "b", "c"):
        document = document.set(section(name), "k", f"of {name}").set(section(name), "k", f"{name} again")
        document = document.save()
        assert document.conf.categories == read_conf(document.path).categories


def test_lines_that_add_to_a_value_go_with_it(tmp_path: Path) -> None:
    document = written(tmp_path, "[t](!)\nk=0\n[a](t)\nk=1\nk += 2\nl=3\n[b](t)\nk += 4\n")
    text = next(iter(document.set(section("a"), "k", "5").set(section("b"), "k", "6").files.values())).decode()
    assert text == "[t](!)\nk=0\n[a](t)\nk=5\nl=3\n[b](t)\nk = 6\n"
    assert document.set(section("a"), "l", "7").section(section("a")).last("k") == "1 2"
    removed = document.remove(section("b"), "k").section(section("b"))
    assert [(each.value, each.inherited) for each in removed.variables] == [("0", True)]


def test_an_inherited_option_cannot_be_removed(document: Document) -> None:
    with pytest.raises(EditRefused, match=r"pjsip\.conf:7: \[alice\] inherits 'context' from .*pjsip\.conf:4;"):
        document.remove(ENDPOINT, "context")
    with pytest.raises(EditRefused, match=r"\[alice\] has no 'none'"):
        document.remove(ENDPOINT, "none")


def test_what_others_inherit_is_edited_only_if_it_is_shared(document: Document) -> None:
    with pytest.raises(EditRefused, match=r"\[alice\] .* would change with it; .*shared=True"):
        document.set(template("phone"), "context", "sales")
    edited = document.set(template("phone"), "context", "sales", shared=True)
    assert texts(edited)[0] == PHONES.replace("internal", "sales")
    assert edited.section(section("bob")).last("context") == "sales"


def test_sharing_reaches_those_that_copy_the_section_and_nobody_else(tmp_path: Path) -> None:
    (tmp_path / "i.inc").write_text("k=1\n")
    document = written(tmp_path, "[a]\n#include i.inc\n[b]\n#include i.inc\n[c](a)\n")
    with pytest.raises(EditRefused, match=r"\[b\]"):
        document.set(section("a"), "k", "2", shared=True)


@pytest.mark.parametrize(
    ("file", "text"),
    [(None, PHONES + "\n[zoe](phone)\nallow = alaw\n"), ("more.inc", MORE + "\r\n\r\n[zoe](phone)\r\nallow=alaw")],
)
def test_a_section_is_added_at_the_end_of_a_file(document: Document, file: str | None, text: str) -> None:
    edited = document.add_section("zoe", [("allow", "alaw")], bases=["phone"], file=file)
    assert texts(edited)[file is not None] == text


def test_a_section_is_added_behind_another(document: Document) -> None:
    edited = document.add_section("alice", [("type", "aor")], after=AUTH)
    assert texts(edited)[0] == PHONES.replace("username = alice\n", "username = alice\n\n[alice]\ntype = aor\n")
    edited = document.add_section("desk", [("x", "1")], bases=["phone"], is_template=True, after=template("phone"))
    assert "everybody\n\n[desk](!,phone)\nx = 1\n\n; Alice\n" in texts(edited)[0]


def test_a_section_between_two_others_stands_apart_from_both(tmp_path: Path) -> None:
    edited = written(tmp_path, "[a]\nk=1\n[b]\n").add_section("c", after=section("a"))
    assert next(iter(edited.files.values())) == b"[a]\nk=1\n\n[c]\n\n[b]\n"


def test_a_section_is_not_added_where_it_would_be_read_twice_or_never(tmp_path: Path) -> None:
    (tmp_path / "i.inc").write_text("; nothing yet\n")
    document = written(tmp_path, "[a]\n#include i.inc\n#include i.inc\n")
    with pytest.raises(EditRefused, match="other sections would come or go"):
        document.add_section("b", file="i.inc")
    (tmp_path / "i.inc").write_text("[b](none)\n")
    with pytest.raises(EditRefused, match=r"\[c\] would not be read as it is meant"):
        written(tmp_path, "[a]\n#include i.inc\n").add_section("c", file="i.inc")


def test_a_section_that_is_there_is_not_added_again(document: Document) -> None:
    with pytest.raises(EditRefused, match="already"):
        document.add_section("alice", [("type", "auth")])
    with pytest.raises(EditRefused, match="already"):
        document.rename_section(section("bob"), "alice")


def test_a_section_is_removed_with_its_lines_and_if_wanted_the_comment_above_it(document: Document) -> None:
    kept = PHONES.replace('[alice](phone)\n\tcallerid => "A\\; B" <1>  ; shown\n\tallow=ulaw\n', "")
    assert texts(document.remove_section(ENDPOINT))[0] == kept
    assert texts(document.remove_section(ENDPOINT, comments=True))[0] == kept.replace("; Alice\n\n", "")
    assert texts(document.remove_section(section("bob")))[0] == PHONES.removesuffix("\n[bob](phone)\n")


def test_what_an_include_gives_to_a_section_is_removed_with_it(document: Document) -> None:
    main, more = texts(document.remove_section(AUTH))
    assert "auth" not in main
    assert "#include more.inc" in main
    assert more == MORE.removeprefix("realm=here\r\n")


def test_what_is_added_to_a_section_is_removed_and_renamed_with_it(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nk=1\n\n[b]\n\n[A](+) ; more\nl=2\n; its own\n\n; of c\n[c]\n")
    assert next(iter(document.remove_section(section("a")).files.values())) == b"[b]\n\n; of c\n[c]\n"
    text = next(iter(document.rename_section(section("a"), "z").files.values())).decode()
    assert text == "[z]\nk=1\n\n[b]\n\n[z](+) ; more\nl=2\n; its own\n\n; of c\n[c]\n"


@pytest.mark.parametrize("other", ["./i.inc", "link.inc"])
def test_a_file_that_is_included_under_two_names_stands_for_several_things(tmp_path: Path, other: str) -> None:
    (tmp_path / "i.inc").write_text("k=1\n")
    (tmp_path / "link.inc").symlink_to("i.inc")
    document = written(tmp_path, f"[t](!)\n[a](t)\n#include i.inc\n[b](t)\n#include {other}\n")
    with pytest.raises(EditRefused, match=r"\[b\] .* would change with it"):
        document.set(section("a"), "k", "2")
    document = written(tmp_path, f"[a]\n#include i.inc\n#include {other}\n")
    with pytest.raises(EditRefused, match="included under two names"):
        document.update(section("a"), {"k": ["2", "2"]})
    (tmp_path / "i.inc").write_text("[a]\nk=1\n")
    document = written(tmp_path, f"#include i.inc\n[b]\n#include {other}\n[a](+)\n")
    with pytest.raises(EditRefused):
        document.set(section("a"), "k", "2")


def test_a_comment_behind_an_include_stays(tmp_path: Path) -> None:
    (tmp_path / "i.inc").touch()
    document = written(tmp_path, "[a]\nk=1\n#include i.inc\n; note\n\n[b]\n").remove_section(section("a"))
    assert next(iter(document.files.values())) == b"#include i.inc\n; note\n\n[b]\n"


def test_a_section_that_others_copy_can_neither_go_nor_change_its_name(document: Document) -> None:
    for edit in (document.remove_section, lambda which: document.rename_section(which, "set")):
        with pytest.raises(EditRefused, match="would break the file: 'alice' copies 'phone'"):
            edit(template("phone"))


def test_a_block_comment_that_reaches_further_stays(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nk=1 ;-- x\nl=2\n--;\nm=3\n")
    assert next(iter(document.remove(section("a"), "k").files.values())) == b"[a]\n;-- x\nl=2\n--;\nm=3\n"
    assert next(iter(document.remove(section("a"), "m").files.values())) == b"[a]\nk=1 ;-- x\nl=2\n--;\n"
    edited = written(tmp_path, "[a]\nk=1 ;-- x\nl=2\n--;\n").add(section("a"), "m", "3")
    assert next(iter(edited.files.values())) == b"[a]\nk=1 ;-- x\nl=2\n--;\nm=3\n"


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("[a]\nk;-- --;ey=1\n", lambda document: document.set(section("a"), "key", "2")),
        ("[a]\n;--\n--; k=1\n", lambda document: document.remove(section("a"), "k")),
        ("[a]\nk=1 ;--\n", lambda document: document.add(section("a"), "l", "2")),
        ("[a]\n;--\n", lambda document: document.add_section("b")),
        (";--\n--;[a]\n", lambda document: document.remove_section(section("a"))),
        ("[a]\nk=1\n", lambda document: document.set(section("a"), "k", " 2")),
        ("[a]\nk=1\n", lambda document: document.set(section("a"), "l\n", "2")),
        ("[a]\n", lambda document: document.set(section("a"), "l=", "2")),
        ("[a]\n", lambda document: document.add_section("b]")),
        ("[a]\n", lambda document: document.add_section("b", bases=["none"])),
        ("[a]\n", lambda document: document.add_section("b", file="none.conf")),
        ("[a]\n", lambda document: document.rename_section(section("a"), "]")),
        ("[a]\n[a]\n", lambda document: document.set(section("a"), "k", "1")),
        ("[b]\nk=2\n[a]\nk=1\n[a](b,+)\n", lambda document: document.set(section("a"), "k", "3")),
        ("[a]\n[b]\n[b](a,+)\n", lambda document: document.set(section("a"), "k", "1")),
    ],
)
def test_what_cannot_be_done_is_refused_with_place_and_remedy(
    tmp_path: Path, text: str, edit: Callable[[Document], Document]
) -> None:
    (tmp_path / "main.conf").write_text(text)
    document = Document.read(tmp_path / "main.conf")
    with pytest.raises(EditRefused) as caught:
        edit(document)
    assert caught.value.place is not None
    assert caught.value.place.source.startswith(str(tmp_path))
    assert caught.value.remedy


def test_sections_are_told_apart_by_their_criteria(document: Document) -> None:
    with pytest.raises(EditRefused, match=r"2 sections fit: .*pjsip\.conf:7, .*pjsip\.conf:12"):
        document.section(section("alice"))
    with pytest.raises(SectionMissing, match="there is no section \\[Alice\\] with type=auth"):
        document.section(Selector("Alice", (("type", "auth"),)))
    with pytest.raises(SectionMissing, match="there is no section \\[phone\\]"):
        document.section(section("phone"))


def test_what_files_say_cannot_upset_a_terminal(tmp_path: Path) -> None:
    document = written(tmp_path, "[a\x1b]\n[a\x1b]\n")
    with pytest.raises(EditRefused) as caught:
        document.section(section("a\x1b"))
    assert str(caught.value).isprintable()
    assert "[a\\x1b]" in str(caught.value)


def test_a_file_that_cannot_be_read_is_no_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files_module, "MAX_REPEATED", 1 << 16)
    with pytest.raises(ConfMissing):
        Document.read(tmp_path / "none.conf")
    with pytest.raises(ConfSyntaxError):
        written(tmp_path, "k=1\n")
    with pytest.raises(ConfSyntaxError, match="files are read again and again"):
        written(tmp_path, "[a]\n" + "#tryinclude main.conf\n" * 5)


def test_commands_are_not_run(tmp_path: Path) -> None:
    document = written(tmp_path, f"[a]\n#exec touch {tmp_path}/ran\nk=1\n")
    assert document.set(section("a"), "k", "2").conf.messages[0].code == "exec-disabled"
    assert not (tmp_path / "ran").exists()


def test_edits_leave_the_document_as_it_was_and_nothing_is_written_before_it_is_saved(document: Document) -> None:
    edited = document.set(ENDPOINT, "allow", "alaw")
    assert texts(document) == (PHONES, MORE)
    assert Path(document.path).read_text() == PHONES
    saved = edited.save()
    assert Path(document.path).read_text() == PHONES.replace("allow=ulaw", "allow=alaw")
    assert not saved.edited
    assert saved.conf.categories == read_conf(document.path).categories
    assert saved.save() is saved
    saved.set(ENDPOINT, "allow", "ulaw").save()
    assert Path(document.path).read_text() == PHONES


@pytest.mark.parametrize("name", ["pjsip.conf", "more.inc"])
def test_a_document_is_not_saved_over_the_change_of_another(document: Document, name: str) -> None:
    edited = document.set(ENDPOINT, "allow", "alaw")
    path = Path(document.directory, name)
    theirs = path.read_bytes().replace(b"here", b"hers").replace(b"Alice", b"Alicia")
    path.write_bytes(theirs)
    with pytest.raises(FilesChanged) as caught:
        edited.save()
    assert str(caught.value.place) == f"{path}:{6 if name == 'pjsip.conf' else 1}"
    assert path.read_bytes() == theirs
    assert b"allow=ulaw" in Path(document.path).read_bytes()


def test_a_file_that_came_or_went_is_a_change_too(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nk=1\n#tryinclude x.inc\n#tryinclude *.add\n").set(section("a"), "k", "2")
    for name in ("x.inc", "y.add"):
        (tmp_path / name).touch()
        with pytest.raises(FilesChanged):
            document.save()
        (tmp_path / name).unlink()
    document.save()
    assert (tmp_path / "main.conf").read_text().startswith("[a]\nk=2\n")


def test_an_option_gets_another_name_where_it_stands(document: Document) -> None:
    edited = document.rename_option(ENDPOINT, "callerid", "callerid_tag").rename_option(AUTH, "realm", "domain")
    main, more = texts(edited)
    assert main == PHONES.replace("callerid =>", "callerid_tag =>")
    assert more == MORE.replace("realm=", "domain=")
    assert document.stored == document.files


def test_all_lines_of_an_option_are_renamed_and_join_those_of_the_other_name(tmp_path: Path) -> None:
    document = written(tmp_path, "[a]\nx=1\ny=2\nx += 3\n")
    edited = document.rename_option(section("a"), "x", "z")
    assert edited.files[edited.path] == b"[a]\nz=1\ny=2\nz += 3\n"
    apart = written(tmp_path, "[a]\nx=1\nX += 3\n")
    with pytest.raises(EditRefused, match="would not be read as it is meant"):
        apart.rename_option(section("a"), "x", "z")  # which would join them
    again = written(tmp_path, "[a]\nx=1\ny=2\n").rename_option(section("a"), "y", "x")
    assert again.files[again.path] == b"[a]\nx=1\nx=2\n"


@pytest.mark.parametrize("name", ["", " x", "#x", "x\ny"])
def test_a_name_that_no_line_can_have_is_refused_or_escaped(document: Document, name: str) -> None:
    try:
        edited = document.rename_option(ENDPOINT, "allow", name)
    except EditRefused:
        return
    assert edited.section(ENDPOINT).last(name) == "ulaw"


def test_an_inherited_option_is_renamed_in_the_template_alone_and_for_all_if_that_is_said(document: Document) -> None:
    with pytest.raises(EditRefused, match="inherits 'context'"):
        document.rename_option(ENDPOINT, "context", "accountcode")
    with pytest.raises(EditRefused, match="would change with it"):
        document.rename_option(template("phone"), "context", "accountcode")
    edited = document.rename_option(template("phone"), "context", "accountcode", shared=True)
    assert texts(edited)[0] == PHONES.replace("context =", "accountcode =")
