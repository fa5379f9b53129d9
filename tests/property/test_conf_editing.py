"""Any file comes back byte for byte, and an edit changes the lines that it is about and what these say."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from sorcery.conf import Category, ConfFile, dump, read_conf
from sorcery.conf.editing import Document, EditRefused, Selector, Tree
from sorcery.conf.editing.syntax import Kind, read_line
from sorcery.conf.editing.tree import seen
from sorcery.conf.lines import BUFFER, split_lines
from sorcery.conf.text import BLANKS, decode, fold
from sorcery.errors import ConfigurationError

VECTORS = sorted(path for path in (Path(__file__).parents[1] / "data/conf-vectors").rglob("*") if path.is_file())
NAMES = ("main.conf", "i.inc", "j.inc")
Pair = tuple[str, str]

PIECES = st.sampled_from([b"x" * (BUFFER - 1), b"\0" + b"x" * BUFFER]) | st.sampled_from(
    b"\n|\r\n|\r|\0|[|]|(|)|=|=>|+=|;|;--|--;|\\|\\;| |\t|k|a|#include |\xef\xbb\xbf|\xe9|\xc3\xa9".split(b"|")
)
BYTES = st.binary(max_size=200) | st.lists(PIECES, max_size=30).map(b"".join)

LINES = st.sampled_from(
    b"k = v|k=w ; note|k += x| k=>z|K=\xff|\tl  = 1|l=2|m=a\\;b;c|m =|\\#k=v|o=1 ;--x|--;|;--x--;|; note|"
    b"|k;-- x --;ey=1|=|odd|#include i.inc|#tryinclude j.inc|#bad|type=t|type=u|p=1\r|q=a\0b".split(b"|")
)
HEADERS = st.builds(
    lambda name, marks, rest: b"[" + name + b"]" + marks + rest,
    st.sampled_from([b"a", b"A", b"b", b"tpl", b"\xe9"]),
    st.sampled_from([b"", b"", b"", b"(!)", b"(a)", b"(tpl)", b"(+)", b"(!,a)", b"(+type=t)"]),
    st.sampled_from([b"", b"", b" ; note", b"\r"]),
)
PLAIN = st.sampled_from(
    b"k = v|k += x|k=w ; note| k=>z|\tl  = 1|l=2|m =|; note||#include i.inc|type=t|type=u|p=1\r".split(b"|")
)
FILES = st.builds(
    lambda lines, end: b"\n".join(lines) + end,
    st.lists(LINES | LINES | HEADERS, max_size=14) | st.lists(PLAIN | PLAIN | HEADERS, max_size=14),
    st.sampled_from([b"", b"\n"]),
)
MAIN = FILES.map(b"[tpl](!)\ntype=t\nk=1\n[a](tpl)\n".__add__)
CONTENTS = st.fixed_dictionaries({"main.conf": MAIN, "i.inc": FILES, "j.inc": FILES})

TAME_LINES = st.sampled_from(
    [
        b"k = v",
        b"k=w ; note",
        b"  k => z",
        b"k = ;",
        b"l=1;--x--;",
        b"m\t=\ta\\;b",
        b"; note",
        b"",
        b"\xe9=\xff",
        b"l=2\r",
    ]
)
TAME_SECTIONS = st.builds(
    lambda head, lines: b"\n".join([head, *lines]), st.just(b""), st.lists(TAME_LINES, max_size=6)
)
TAME = st.builds(
    lambda bodies, end: (
        b"; head\n[tpl](!)\nk=1\nt=2"
        + b"".join(b"\n[s%d](tpl)%s" % (number, body) for number, body in enumerate(bodies))
        + end
    ),
    st.lists(TAME_SECTIONS, min_size=1, max_size=4),
    st.sampled_from([b"", b"\n"]),
)

KEYS = st.sampled_from(["k", "K", "l", "m", "new", "#k", "=x", "[y", "\\z", ";s", "t", "k+", "é"])
VALUES = st.text(st.sampled_from(";\\->=[]#+ \té\r\udce9x"), max_size=8).map(lambda text: text.strip(BLANKS))


@contextmanager
def folder(contents: Mapping[str, bytes]) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        for name, content in contents.items():
            Path(path, name).write_bytes(content)
        yield Path(path)


def said(category: Category) -> tuple[str, bool, tuple[str, ...], list[tuple[str, str, bool]]]:
    variables = [(each.key, each.value, each.inherited) for each in category.variables]
    return category.name, category.template, category.bases, variables


def own(category: Category) -> list[Pair]:
    return [(each.key, each.value) for each in category.variables if not each.inherited]


def chosen(data: st.DataObject, conf: ConfFile) -> tuple[int, Selector]:
    """Choose a section, and tell it from others of its name as far as its type does."""
    at = data.draw(st.integers(0, len(conf.categories) - 1))
    category = conf.categories[at]
    kind = category.first("type")
    return at, Selector(category.name, (("type", kind),) if kind else (), category.template)


def attempt(document: Document, edit: str, selector: Selector, key: str, value: str) -> Document | None:
    """Return the edited document, or None where the edit is refused."""
    try:
        match edit:
            case "set":
                return document.set(selector, key, value)
            case "add":
                return document.add(selector, key, value)
            case "remove":
                return document.remove(selector, key)
            case "remove_section":
                return document.remove_section(selector)
            case _:
                return document.rename_section(selector, "new")
    except EditRefused:
        return None


def lines_of(files: Mapping[str, bytes]) -> dict[str, list[bytes]]:
    """Return the lines of files; whether the last one has an end does not matter."""
    return {path: content.removesuffix(b"\n").split(b"\n") for path, content in files.items()}


def middle(before: Sequence[bytes], after: Sequence[bytes]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Return what differs between the lines that both have at the start and at the end."""
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after


def changed(document: Document, edited: Document) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Return the differing lines, which have to be those of one file at most."""
    before, after = lines_of(document.files), lines_of(edited.files)
    assert before.keys() == after.keys()
    different = [path for path in before if before[path] != after[path]]
    assert len(different) <= 1
    return middle(before[different[0]], after[different[0]]) if different else ([], [])


def is_subsequence(some: Sequence[bytes], of: Sequence[bytes]) -> bool:
    rest = iter(of)
    return all(each in rest for each in some)


def reread(edited: Document) -> ConfFile:
    """Read what an edit made, from the disk, with nothing but the parser."""
    edited.save()
    return read_conf(edited.path)


@settings(deadline=None)
@given(BYTES)
def test_any_bytes_come_back(data: bytes) -> None:
    assert bytes(Tree.parse(data)) == data


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.name)
def test_every_vector_comes_back(path: Path) -> None:
    data = path.read_bytes()
    assert bytes(Tree.parse(data)) == data


@settings(deadline=None)
@given(BYTES)
def test_a_tree_counts_lines_as_the_parser_does(data: bytes) -> None:
    texts = [decode(seen(line)) for line in Tree.parse(data).lines]
    parsed = list(split_lines(data).texts)
    if texts and parsed[0] != texts[0]:
        texts[0] = texts[0].removeprefix("\ufeff")
    assert texts == (parsed if parsed[-1] or len(parsed) == len(texts) else parsed[:-1])


@settings(deadline=None)
@given(CONTENTS)
def test_a_document_says_what_the_parser_says(contents: dict[str, bytes]) -> None:
    with folder(contents) as path:
        try:
            expected = read_conf(path / "main.conf")
        except ConfigurationError as error:
            with pytest.raises(type(error)):
                Document.read(path / "main.conf")
            return
        document = Document.read(path / "main.conf")
        assert dump(document.conf) == dump(expected)
        assert document.conf.messages == expected.messages
        assert all((path / name).read_bytes() == content for name, content in document.files.items())


@settings(deadline=None, max_examples=300)
@given(CONTENTS, st.data())
def test_an_edit_of_any_file_changes_what_it_is_about_or_is_refused(
    contents: dict[str, bytes], data: st.DataObject
) -> None:
    with folder(contents) as path:
        try:
            document = Document.read(path / "main.conf")
        except ConfigurationError:
            assume(False)
        before = document.conf
        at, selector = chosen(data, before)
        category = before.categories[at]
        key, value = data.draw(KEYS | st.sampled_from([key for key, _ in own(category)] or ["k"])), data.draw(VALUES)
        edit = data.draw(st.sampled_from(["set", "add", "remove", "remove_section", "rename_section"]))
        edited = attempt(document, edit, selector, key, value)
        event(f"{edit} refused" if edited is None else edit)
        if edited is None:
            return
        again = reread(edited)
        assert edited.conf.categories == again.categories
        after = list(map(said, again.categories))
        others = list(map(said, before.categories))
        old = others.pop(at)
        if edit == "remove_section":
            assert after == others
            return
        new = after.pop(at)
        assert after == others
        if edit == "rename_section":
            assert new == ("new", *old[1:])
            return
        assert new[:3] == old[:3]
        rest = [each for each in old[3] if fold(each[0]) != fold(key)]
        assert [each for each in new[3] if fold(each[0]) != fold(key)] == rest
        values = [text for name, text in own(category) if fold(name) == fold(key)]
        wanted = {"set": [*values[:-1], value], "add": [*values, value], "remove": []}[edit]
        assert [text for name, text, inherited in new[3] if fold(name) == fold(key) and not inherited] == wanted


@settings(deadline=None, max_examples=200)
@given(TAME, KEYS, VALUES, st.data())
def test_in_a_tame_file_a_set_touches_one_line(content: bytes, key: str, value: str, data: st.DataObject) -> None:
    with folder({"main.conf": content}) as path:
        document = Document.read(path / "main.conf")
        at = data.draw(st.integers(1, len(document.conf.categories) - 1))
        category = document.conf.categories[at]
        edited = document.set(Selector(category.name), key, value)
        before, after = changed(document, edited)
        decides = [text for name, text in own(category) if fold(name) == fold(key)][-1:]
        if decides == [value]:
            assert not edited.edited
            return
        assert (len(before), len(after)) == (len(decides), 1)
        if decides:
            old, new = (read_line(line + b"\n") for line in (*before, *after))
            assert new.raw[: new.key_end] == old.raw[: old.key_end]
            assert old.raw[old.last :].strip() == new.raw[new.last :].strip()
            assert new.operator == old.operator
        assert reread(edited).categories[at].last(key) == value


@settings(deadline=None)
@given(TAME, KEYS, VALUES, st.data())
def test_in_a_tame_file_an_added_line_is_all_that_is_new(
    content: bytes, key: str, value: str, data: st.DataObject
) -> None:
    with folder({"main.conf": content}) as path:
        document = Document.read(path / "main.conf")
        at = data.draw(st.integers(1, len(document.conf.categories) - 1))
        category = document.conf.categories[at]
        edited = document.add(Selector(category.name), key, value)
        before, after = changed(document, edited)
        assert (len(before), len(after)) == (0, 1)
        assert own(reread(edited).categories[at]) == [*own(category), (key, value)]


@settings(deadline=None)
@given(TAME, st.data())
def test_in_a_tame_file_a_removal_takes_the_lines_of_the_option(content: bytes, data: st.DataObject) -> None:
    with folder({"main.conf": content}) as path:
        document = Document.read(path / "main.conf")
        candidates = [each for each in document.conf.categories[1:] if own(each)]
        assume(candidates)
        category = data.draw(st.sampled_from(candidates))
        key = data.draw(st.sampled_from([name for name, _ in own(category)]))
        edited = document.remove(Selector(category.name), key)
        before, after = (next(iter(lines_of(each.files).values())) for each in (document, edited))
        assert is_subsequence(after, before)
        gone = [name for name, _ in own(category) if fold(name) == fold(key)]
        assert len(before) - len(after) == len(gone)


@settings(deadline=None)
@given(TAME, st.booleans(), st.data())
def test_in_a_tame_file_sections_come_and_go(content: bytes, comments: bool, data: st.DataObject) -> None:
    pairs = data.draw(st.lists(st.tuples(KEYS, VALUES), max_size=3))
    with folder({"main.conf": content}) as path:
        document = Document.read(path / "main.conf")
        names = [each.name for each in document.conf.categories[1:]]
        after = data.draw(st.none() | st.sampled_from(names).map(Selector))
        added = document.add_section("new", pairs, bases=["tpl"], after=after)
        before, now = changed(document, added)
        assert not before
        assert [line for line in now if read_line(line).kind is Kind.HEADER] == [
            b"[new](tpl)" + now[0][:0]
        ] or b"\r" in content
        assert own(next(each for each in reread(added).categories if each.name == "new")) == pairs
        name = data.draw(st.sampled_from(names))
        removed = document.remove_section(Selector(name), comments=comments)
        one, other = (next(iter(lines_of(each.files).values())) for each in (document, removed))
        assert is_subsequence(other, one) or other == [b""]
        assert name not in [each.name for each in removed.conf.categories]


def test_kinds_of_lines_are_told_apart() -> None:
    kinds = [read_line(line).kind for line in (b"", b"; x", b"[a]", b"#include x", b"k=v", b"odd")]
    assert kinds == [Kind.BLANK, Kind.COMMENT, Kind.HEADER, Kind.DIRECTIVE, Kind.SETTING, Kind.OTHER]
