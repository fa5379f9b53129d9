"""Four times as long a file of any content takes about four times as long to read, and to edit.

Each family of contents is one that a careless parser takes quadratic time for, or worse. Times are those of the
processor, a ratio is taken within one run, and the best of several tries counts. With `SORCERY_SOAK_SECONDS` the files
are of megabytes.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from sorcery.conf import read_conf
from sorcery.conf.editing import Document, EditRefused, Tree
from sorcery.errors import ConfigurationError

IS_LONG = "SORCERY_SOAK_SECONDS" in os.environ
SIZE = 12_000
"""Bytes of the shorter file."""
MOST = 9.0
"""So many times as long may a file of four times the length take; of what is quadratic it would be 16."""
SHORT = 0.01
"""Seconds that are too few to compare."""
TRIES = 5

Family = Callable[[int], bytes]


def repeated(unit: bytes, head: bytes = b"[a]\n", tail: bytes = b"") -> Family:
    return lambda size: head + unit * (size // len(unit)) + tail


def numbered(unit: bytes, head: bytes = b"") -> Family:
    """Fill files with units that hold numbers, each its own one."""
    count = unit.count(b"%d")
    length = len(unit) + 3 * count
    return lambda size: head + b"".join(unit % ((number,) * count) for number in range(size // length))


def halves(first: Family, second: Family) -> Family:
    return lambda size: first(size // 2) + second(size // 2)


FAMILIES: Mapping[str, Family] = {
    "one long line": repeated(b"v", b"[a]\nk="),
    "one line of brackets": repeated(b"[", b""),
    "headers that are never closed": repeated(b"[x; and what is behind it\n"),
    "comments that open on one line": repeated(b";--", b""),
    "comments that open, line by line": repeated(b";-- and more\n", b""),
    "comments that open and close": repeated(b";----;k=v;-- --;\n"),
    "comments 120 deep": repeated(b";-- " * 120 + b"\n" + b"--; " * 120 + b"\n"),
    "comments that close and were never open": repeated(b"k=1 --;\n;-- note\n"),
    "a comment over sections": repeated(b"x=1\n;--\n[hidden]\n--;\n"),
    "lines of escapes": repeated(b"k=" + b"\\;" * 4000 + b"\n"),
    "escapes": repeated(b"k=one\\;two\\;three\n"),
    "+= on one key": repeated(b"k+=x more\n", b"[a]\nk=1\n"),
    "+= on the first key": halves(numbered(b"k%d=v and more\n", b"[a]\n"), repeated(b"k0+=x\n", b"")),
    "+= on new keys": numbered(b"k%d+=x and more\n", b"[a]\n"),
    "+= on each key": halves(numbered(b"k%d=v\n", b"[a]\n"), numbered(b"k%d+=v\n")),
    "+= behind copies": halves(numbered(b"k%d=v\n", b"[b](!)\n"), repeated(b"[a](+,b)\nk1+=x\n", b"[a]\n")),
    "a chain of templates": numbered(b"[t%d](!,t)\nk%d=v\n[t](+TEMPLATES=include,t%d)\n", b"[t](!)\nk=v\n"),
    "copies of a growing section": numbered(b"[s%d](t)\n[t](+TEMPLATES=include)\nk%d=v\n", b"[t](!)\n"),
    "sections that double": repeated(b"[a](a,a)\n", b"[a]\nk=v\n"),
    "copies of much": halves(repeated(b"k=value\n", b"[t](!)\n"), repeated(b"[a](t)\n", b"")),
    "many bases": repeated(b"[a](" + b",".join([b"t"] * 2000) + b")\n", b"[t](!)\nk=v\n"),
    "empty bases": repeated(b"[a](" + b"," * 4000 + b")\n", b"[t](!)\nk=v\n"),
    "sections of one name": repeated(b"[a]\ntype=x\nk=value\n", b""),
    "sections of one name, each added to": repeated(b"[a]\nk=v\n[a](+)\nl=w\n", b""),
    "sections that are added to": halves(numbered(b"[a%d]\nx=1\n"), numbered(b"[a%d](+)\ny=1\n")),
    "templates of one name, passed over": halves(repeated(b"[a](!)\nx=1\n", b""), repeated(b"[a](+)\ny=1\n")),
    "sections of one name, passed over": halves(
        repeated(b"[a]\nx=1\n", b""), repeated(b"[a](+TEMPLATES=restrict)\ny=1\n", b"[a](!)\n")
    ),
    "expressions": halves(numbered(b"[a]\nx=%d\n"), repeated(b"[a](+x=^none$&y=.*z)\n", b"[a]\nx=none\nyy=zz\n")),
    "long expressions": repeated(b"[a](+x=" + b"1*" * 300 + b"$)\n", b"[a]\nx=" + b"1" * 4000 + b"\n"),
    "conditions": repeated(b"[a](+" + b"&".join([b"x=1"] * 500) + b")\ny=1\n", b"[a]\nx=1\n"),
    "newlines": repeated(b"\n", b""),
    "NULs": repeated(b"\0", b""),
    "NULs in lines": repeated(b"k=1\0 hidden\n"),
    "= on one line": repeated(b"="),
    "lines without a key": repeated(b"= and a value, but no key\n"),
    "lines without =": repeated(b"words and no more\n"),
    "high bytes on one line": repeated(b"\xff", b""),
    "high bytes": repeated(b"\xff=\xfe\xe9\n"),
    "blanks": repeated(b" "),
    "blanks in lines": repeated(b"k" + b" " * 4000 + b"= v" + b" " * 4000 + b";\n"),
    "words in lines": repeated(b"k=" + b"a  " * 2700 + b";\n"),
    "words before =": repeated(b"a " * 4000 + b"=x\n"),
    "carriage returns": repeated(b"k=v\r"),
    "lines that are too long": repeated(b"k=" + b"v" * 9000 + b"\n"),
    "directives that are none": repeated(b"#odd and more\n"),
    "files that are not there": numbered(b"#tryinclude none%d\n", b"[a]\n"),
    "the same file, not there": repeated(b"#tryinclude none\n"),
    "files by a pattern": repeated(b"#tryinclude *.inc\n"),
    "braces": repeated(b"#tryinclude " + b"{a,b}" * 20 + b"\n"),
    "itself": repeated(b"#include main.conf\n"),
    "notes": repeated(b"; a note\n", b""),
    "plain sections": numbered(b"[s%d](t)\nkey = value %d\n; note\n", b"[t](!)\nk=v\n"),
    "plain sections, each with a template": numbered(b"[t%d](!)\nk=v\n[s%d](t%d)\nl=w\n"),
    "a plain section that is none in the end": repeated(b"key = value\n", b"[a]\n", b"odd"),
    "sections that are not plain": numbered(b"[s%d] ; note\nkey = value\n"),
    "one section": numbered(b"key%d = value\n", b"[a]\n"),
    "long names": numbered(b"[" + b"n" * 4000 + b"%d]\n"),
    "parentheses": repeated(b"(", b"[a]"),
}


@pytest.fixture(autouse=True)
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let short files reach the limits that bound what the length of long ones does not."""
    if not IS_LONG:
        monkeypatch.setattr("sorcery.conf.drafts.MAX_COPIES", 20_000)
        monkeypatch.setattr("sorcery.conf.drafts.COMPARED", 20_000)
        monkeypatch.setattr("sorcery.conf.drafts.APPENDED", 500_000)
        monkeypatch.setattr("sorcery.conf.files.MAX_REPEATED", 40_000)


def files(folder: Path, family: Family, shorter: int) -> Iterator[Path]:
    for name, size in (("short", shorter), ("long", 4 * shorter)):
        path = folder / name / "main.conf"
        path.parent.mkdir()
        path.write_bytes(family(size))
        yield path


def read(path: Path) -> None:
    with suppress(ConfigurationError):
        read_conf(path)


def write_back(path: Path) -> None:
    assert bytes(Tree.parse(path.read_bytes())) == path.read_bytes()


def edit(path: Path) -> None:
    with suppress(ConfigurationError, EditRefused):
        assert Document.read(path).add_section("another", [("k", "v")]).edited


def seconds(work: Callable[[Path], None], path: Path) -> float:
    start = time.process_time()
    work(path)
    return time.process_time() - start


@pytest.mark.timeout(1200 if IS_LONG else 120)
@pytest.mark.parametrize(("work", "megabytes"), [(read, 10), (write_back, 10), (edit, 1)])
@pytest.mark.parametrize("family", FAMILIES)
def test_time_grows_no_faster_than_the_file(
    tmp_path: Path, family: str, work: Callable[[Path], None], megabytes: int
) -> None:
    shorter = 250_000 * megabytes if IS_LONG else SIZE
    short, long = files(tmp_path, FAMILIES[family], shorter)
    ratios: list[float] = []
    for _ in range(TRIES):
        little, much = seconds(work, short), seconds(work, long)
        ratios.append(much / max(little, SHORT / 4))
        if much < SHORT or ratios[-1] <= MOST:
            return
    pytest.fail(f"{4 * shorter} bytes take {min(ratios):.1f} times as long as {shorter}")
