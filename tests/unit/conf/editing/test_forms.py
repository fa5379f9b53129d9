from __future__ import annotations

import pytest

from sorcery.conf.editing.forms import Style, Unwritable, header, renamed, replaced
from sorcery.conf.editing.syntax import read_line


@pytest.mark.parametrize(
    ("raw", "value", "result"),
    [
        (b"k=v\n", "w", b"k=w"),
        (b"\tk  =>  v  ; note\r\n", "w x", b"\tk  =>  w x  ; note"),
        (b"k = v", "x\\;y", b"k = x\\\\;y"),
        (b"k = v", "", b"k = "),
        (b"k =  ; note", "v", b"k = v  ; note"),
        (b"k=;note", "v", b"k=v ;note"),
        (b"k=v;note", "a\\", b"k=a\\ ;note"),
        (b"k=v;note", "a--", b"k=a-- ;note"),
        (b"k=v", ">w", b"k= >w"),
        (b"k=>v", ">w", b"k=>>w"),
        (b"k += v", "w", b"k = w"),
        (b"\xef\xbb\xbfk=v", "w", b"\xef\xbb\xbfk=w"),
    ],
)
def test_a_value_is_replaced_and_nothing_else(raw: bytes, value: str, result: bytes) -> None:
    assert replaced(read_line(raw, is_first=True), value) == result


@pytest.mark.parametrize("value", ["  a", "a\t", "\ra", "a\nb", "a\0b", "\ud800", "v" * 8190])
def test_a_value_that_no_line_holds_is_refused_and_not_told(value: str) -> None:
    with pytest.raises(Unwritable) as caught:
        replaced(read_line(b"k=v"), value)
    assert value not in str(caught.value)
    assert caught.value.remedy


def test_a_value_may_fill_the_line() -> None:
    assert len(replaced(read_line(b"k=v"), "v" * 8188)) == 8190


@pytest.mark.parametrize(
    ("key", "result"),
    [
        ("k", b"k = v"),
        ("[k", b"\\[k = v"),
        ("#k", b"\\#k = v"),
        ("=k", b"\\=k = v"),
        ("\\k", b"\\\\k = v"),
        (";k", b"\\;k = v"),
        ("k+", b"k+ = v"),
    ],
)
def test_a_key_is_written_so_that_it_is_read_back(key: str, result: bytes) -> None:
    assert Style().setting(key, "v") == result


@pytest.mark.parametrize("key", ["", " k", "k ", "k=l", "k\n", "k\0", "\ud800"])
def test_a_key_that_no_line_holds_is_refused(key: str) -> None:
    with pytest.raises(Unwritable):
        Style().setting(key, "v")


@pytest.mark.parametrize(
    ("neighbour", "result"),
    [
        (b"a=b", b"key=v"),
        (b"  a => b ; note", b"  key => v"),
        (b"\ta\t=\tb", b"\tkey\t=\tv"),
        (b"context     = b", b"key         = v"),
        (b"a  = b", b"key = v"),
        (b"a += b", b"key = v"),
        (b"a = ;", b"key = v"),
        (b"a;-- --;b=1", b"key = v"),
    ],
)
def test_a_new_line_is_written_as_its_neighbour(neighbour: bytes, result: bytes) -> None:
    assert Style.of(read_line(neighbour)).setting("key", "v") == result


def test_a_sign_that_would_join_the_operator_is_kept_apart() -> None:
    style = Style.of(read_line(b"a=b"))
    assert style.setting("k+", "v") == b"k+ =v"
    assert style.setting("k", "> v") == b"k= > v"


def test_headers_are_written() -> None:
    assert header("a") == b"[a]"
    assert header(" a;", ["b", "c"], template=True) == b"[ a\\;](!,b,c)"


@pytest.mark.parametrize(("name", "bases"), [("a]", ()), ("n" * 80, ()), ("a\n", ()), ("a", ["!"]), ("a", ["+x"])])
def test_headers_that_mean_something_else_are_refused(name: str, bases: tuple[str, ...]) -> None:
    with pytest.raises(Unwritable):
        header(name, bases)


@pytest.mark.parametrize("base", ["", "a,b", "a)", "a\n"])
def test_bases_that_cannot_be_named_are_refused(base: str) -> None:
    with pytest.raises(Unwritable):
        header("a", [base])


def test_a_header_gets_another_name_and_keeps_the_rest() -> None:
    assert renamed(read_line(b"  [a](!,t) rest ; note\r\n"), "b") == b"  [b](!,t) rest ; note"
    with pytest.raises(Unwritable):
        renamed(read_line(b"[a;-- --;b]"), "c")
