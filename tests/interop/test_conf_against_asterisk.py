"""Our parser against Asterisk's, through the manager's GetConfig: every sample file, and files made at random."""

import random
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from sorcery.conf import RULES, ConfSyntaxError, read_conf
from sorcery.conf.formatting import format_text
from sorcery.conf.text import decode, encode
from tests.interop.ami import AmiError
from tests.interop.asterisk import Asterisk

pytestmark = pytest.mark.interop

SAMPLES = ("etc/asterisk/*.conf", "usr/share/asterisk/conf/*/*.conf", "usr/share/asterisk/conf/*/*.conf.sample")
PACKAGED = (
    "etc/asterisk",
    "usr/share/asterisk/conf",
    "usr/share/doc/asterisk-config",
    "usr/share/doc/asterisk/examples",
)
CONFIGURATIONS = ("etc/asterisk", "usr/share/asterisk/conf/basic-pbx")
"""Folders whose files belong together."""
OURS = ("asterisk.conf", "manager.conf", "modules.conf")
"""What the server was started with."""
SEED = 20261
INPUTS = 200


class Section(NamedTuple):
    """What GetConfig tells of a category."""

    name: str
    is_template: bool
    bases: str
    lines: list[str]


Parsed = list[Section] | None
"""None for a file that is refused."""


@pytest.fixture(scope="module")
def server(asterisk_root: Path) -> Iterator[Asterisk]:
    """Run an Asterisk that loads no modules: it reads files and nothing else."""
    with Asterisk(asterisk_root, {"modules.conf": "[modules]\nautoload=no\n"}) as asterisk:
        yield asterisk


def theirs(server: Asterisk, name: str) -> Parsed:
    try:
        (message,) = server.ami("GetConfig", Filename=name, Filter="TEMPLATES=include")
    except AmiError as error:
        if "invalid" not in str(error):
            raise
        return None
    sections: list[Section] = []
    for header, value in message.items():
        kind = header.partition("-")[0]
        if kind == "Category":
            sections.append(Section(value, False, "", []))
        elif kind == "IsTemplate":
            sections[-1] = sections[-1]._replace(is_template=True)
        elif kind == "Templates":
            sections[-1] = sections[-1]._replace(bases=value)
        elif kind == "Line":
            sections[-1].lines.append(value)
    return sections


def ours(server: Asterisk, name: str) -> Parsed:
    """Parse a file; raises `ConfSyntaxError` where Asterisk would not come to an end."""
    try:
        conf = read_conf(server.configuration / name, directory=server.configuration)
    except ConfSyntaxError as error:
        if RULES[error.code].ends == "parse":
            raise
        return None
    return [
        Section(each.name, each.template, ",".join(each.bases), [f"{v.key}={v.value}" for v in each.variables])
        for each in conf.categories
    ]


def packaged(root: Path) -> Iterator[tuple[str, bytes]]:
    """Yield what the package ships as configuration or as examples, programs among them, each content once."""
    seen: set[bytes] = set()
    for folder in PACKAGED:
        for path in sorted(path for path in (root / folder).rglob("*") if path.is_file() and path.suffix != ".gz"):
            content = path.read_bytes()
            if content not in seen:
                seen.add(content)
                yield str(path.relative_to(root)), content


def test_every_file_of_the_package_is_read_alike(server: Asterisk, asterisk_root: Path) -> None:
    found: dict[str, tuple[Parsed, Parsed]] = {}
    for number, (path, content) in enumerate(packaged(asterisk_root)):
        name = f"sample-{number}.conf"
        (server.configuration / name).write_bytes(content)
        found[path] = ours(server, name), theirs(server, name)
    assert sum(path.partition(".")[2].startswith("conf") for path in found) > 110
    assert {name: mine for name, (mine, _) in found.items()} == {name: other for name, (_, other) in found.items()}
    assert sum(len(mine) for mine, _ in found.values() if mine) > 300


@pytest.mark.parametrize("folder", CONFIGURATIONS)
def test_the_packages_configurations_are_read_alike_with_all_that_they_include(
    server: Asterisk, asterisk_root: Path, folder: str
) -> None:
    source, etc = asterisk_root / folder, server.configuration
    shutil.copytree(source, etc, dirs_exist_ok=True, ignore=shutil.ignore_patterns(*OURS))
    (etc / "manager.d").mkdir(exist_ok=True)
    (etc / "manager.d/a.conf").write_text("[a](!)\nread=call\n[b](a)\nwrite=call\n[general](+)\nport=5039\n")
    (etc / "manager.d/b.conf").write_text("deny=::/0\n[c](a,b)\n#include manager.d/more\nsecret=c\n")
    (etc / "manager.d/more").write_text("[d]\nsecret=d\n")
    names = [path.name for path in sorted(source.glob("*.conf"))]
    for name in set(OURS).intersection(names):
        (etc / f"shipped-{name}").write_bytes((source / name).read_bytes())
    for name in (f"shipped-{name}" if name in OURS else name for name in names):
        assert ours(server, name) == theirs(server, name), name
    if "manager.conf" in names:
        found = {each.name: each.lines for each in ours(server, "shipped-manager.conf") or ()}
        assert "port=5039" in found["general"]
        assert found["c"] == ["read=call", "read=call", "write=call", "secret=c"]


def test_every_sample_file_says_formatted_what_it_said(server: Asterisk, asterisk_root: Path) -> None:
    changed = 0
    for pattern in SAMPLES:
        for path in sorted(asterisk_root.glob(pattern)):
            text = decode(path.read_bytes())
            (server.configuration / "before.conf").write_bytes(encode(text))
            (server.configuration / "after.conf").write_bytes(encode(format_text(text)))
            assert theirs(server, "after.conf") == theirs(server, "before.conf"), path
            changed += format_text(text) != text
    assert changed > 100


NAMES = ("a", "b", "A", "t", "é", "x y", "a" * 80)
MARKS = ("!", "", "+TEMPLATES=include", "+TEMPLATES=include", "+", "+TEMPLATES=restrict", "+k=^[ab]*$")
KEYS = ("k", "K", "l", "a b", "\\#k", "")
SIGNS = ("=", "=", " = ", "=>", " => ", "+=", " += ", "+ =", "+=>", "")
WORDS = ("a", "b", "1", "", " ", "\t", "é", "\udce9", ";", "\\;", "\\", "=", ">", "[", "]", "(", ")", '"', "#", ",")
COMMENTS = (";-- x --; k=1", "k=1;-- y\n--;l=2", ";-- a ;-- b --;\n[c]\n--;", "; k=1", ";--- x\nk=1", "v" * 8189 + "=1")
INCLUDES = ("i.inc", "j.inc", "f/k.inc", "f/*", "f/*.inc", "{i,j}.inc", "f/[kl].inc", "f/[!k]*", "f/?.inc", '"i.inc"')
ODD_INCLUDES = ("<j.inc>", "none", "f", "f/../i.inc", "f/{l,k}*", "i.inc x", "f/{k}.inc", "f/.*", "f/[[:alpha:]].inc")


def made_up_line(chance: random.Random, includes: Sequence[str]) -> str:
    """Return a line, or a few, of any kind: mostly one that means something, now and then rubbish."""
    name = chance.choice(NAMES)
    match chance.choices(("header", "template", "line", "include", "comment", "rubbish"), (20, 20, 60, 15, 15, 4))[0]:
        case "header":
            return f"[{name}]"
        case "template":
            bases = [other for other in NAMES if other.lower() != name.lower()]  # a copy of itself never ends
            marks = [chance.choice(MARKS + tuple(bases)) for _ in range(chance.randint(1, 3))]
            return f"[{name}]({','.join(marks)})"
        case "line":
            return chance.choice(KEYS) + chance.choice(SIGNS) + made_up_words(chance, 3)
        case "include" if includes:
            return chance.choice(("#include ", "#tryinclude ", "#tryinclude ", "#tryinclude\t")) + chance.choice(
                includes
            )
        case "comment":
            return chance.choice(COMMENTS)
    return made_up_words(chance, 6)


def made_up_words(chance: random.Random, most: int) -> str:
    return "".join(chance.choice(WORDS) for _ in range(chance.randint(0, most)))


def made_up_file(chance: random.Random, most: int, includes: Sequence[str] = ()) -> bytes:
    head = [f"[{name}]{chance.choice(('', '', '(!)'))}" for name in NAMES]  # so that most bases are there
    lines = head + [made_up_line(chance, includes) for _ in range(chance.randint(0, most))]
    return ("\n".join(lines) + chance.choice(("", "\n"))).encode(errors="surrogateescape")


def test_files_made_at_random_are_read_alike_and_so_are_they_formatted(server: Asterisk) -> None:
    chance, etc = random.Random(SEED), server.configuration
    (etc / "f").mkdir()
    outcomes = Counter[str]()
    for number in range(INPUTS):
        files = {name: made_up_file(chance, 4) for name in ("i.inc", "j.inc", "f/k.inc", "f/l.inc")}
        files["random.conf"] = made_up_file(chance, 14, INCLUDES + ODD_INCLUDES)
        for name, data in files.items():
            (etc / name).write_bytes(data)
        try:
            mine = ours(server, "random.conf")
        except ConfSyntaxError:
            outcomes["endless"] += 1
            continue
        assert mine == theirs(server, "random.conf"), f"input {number}: {files}"
        for name, data in files.items():
            (etc / name).write_bytes(encode(format_text(decode(data))))
        assert mine == theirs(server, "random.conf"), f"input {number}, formatted: {files}"
        outcomes["refused" if mine is None else "read"] += 1
    assert outcomes["read"] > INPUTS / 2
    assert outcomes["refused"]
