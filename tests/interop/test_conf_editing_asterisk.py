"""What we edit, as Asterisk reads it through the manager's GetConfig: the intended change, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery.conf import Category, ConfSyntaxError
from sorcery.conf.editing import Document, EditRefused, Selector, section, template
from tests.interop.asterisk import Asterisk
from tests.interop.test_conf_against_asterisk import SAMPLES, Section, theirs

pytestmark = pytest.mark.interop

MAIN = """\
[t](!)
type = endpoint
context = internal ; all
[a](t)
\tallow => ulaw ;-- note
hidden = 1
--; ; end
#include edited.inc
[a]
type = auth
"""
INCLUDED = "callerid = x\\;y ; who\r\n[b](t)\r\nmatch = 1\r\nmatch = 2"
VALUES = (
    "",
    "x\\;y",
    ";",
    ";;--",
    "a;-- b --;",
    "a--",
    "a\\",
    ">",
    "=> x",
    '"q" <1>',
    "[x]",
    "#include x",
    "é",
    "v" * 8000,
)
KEYS = ("[k]", "#include", "=k", "\\k", ";k", "k+", "k k", "é")


@pytest.fixture(scope="module")
def server(asterisk_root: Path) -> Iterator[Asterisk]:
    """Run an Asterisk that loads no modules: it reads files and nothing else."""
    with Asterisk(asterisk_root, {"modules.conf": "[modules]\nautoload=no\n"}) as asterisk:
        yield asterisk


@pytest.fixture
def document(server: Asterisk) -> Document:
    server.write("edited.conf", MAIN)
    (server.configuration / "edited.inc").write_bytes(INCLUDED.encode())
    return Document.read(server.configuration / "edited.conf")


def read(server: Asterisk, name: str = "edited.conf") -> list[Section]:
    sections = theirs(server, name)
    assert sections is not None
    return sections


def test_edits_are_read_as_they_were_meant(server: Asterisk, document: Document) -> None:
    endpoint, auth, b = section("a", type="endpoint"), section("a", type="auth"), section("b")
    (
        document.set(endpoint, "allow", "alaw")
        .set(endpoint, "context", "sales")
        .set(endpoint, "callerid", "p;q")
        .add(auth, "username", "a")
        .update(b, {"match": ["1", "3", "4"]})
        .set(template("t"), "context", "office", shared=True)
        .add_section("a", [("type", "aor")], after=auth)
        .add_section("u", [("x", "1")], bases=["t"], is_template=True, file="edited.inc")
        .rename_section(b, "c")
        .save()
    )
    inherited = ["type=endpoint", "context=office"]
    assert read(server) == [
        Section("t", True, "", inherited),
        Section("a", False, "t", [*inherited, "allow=alaw", "callerid=p;q", "context=sales"]),
        Section("c", False, "t", [*inherited, "match=1", "match=3", "match=4"]),
        Section("u", True, "t", [*inherited, "x=1"]),
        Section("a", False, "", ["type=auth", "username=a"]),
        Section("a", False, "", ["type=aor"]),
    ]
    again = Document.read(document.path)
    again.remove(endpoint, "callerid").remove_section(section("c")).remove_section(auth).save()
    assert [(each.name, each.lines[2:]) for each in read(server)] == [
        ("t", []),
        ("a", ["allow=alaw", "context=sales"]),
        ("u", ["x=1"]),
        ("a", []),
    ]


@pytest.mark.parametrize("value", VALUES)
def test_a_value_comes_back(server: Asterisk, document: Document, value: str) -> None:
    before = read(server)
    document.set(section("b"), "match", value).save()
    before[2].lines[-1] = f"match={value}"
    assert read(server) == before


@pytest.mark.parametrize("key", KEYS)
def test_a_key_comes_back(server: Asterisk, document: Document, key: str) -> None:
    before = read(server)
    document.add(section("b"), key, "v").save()
    before[2].lines.append(f"{key}=v")
    assert read(server) == before


def test_an_edit_of_every_sample_file_of_the_package_is_read_as_it_was_meant(
    server: Asterisk, asterisk_root: Path
) -> None:
    outcomes = Counter[str]()
    for number, path in enumerate(path for pattern in SAMPLES for path in sorted(asterisk_root.glob(pattern))):
        name = f"sample-{number}.conf"
        (server.configuration / name).write_bytes(path.read_bytes())
        try:
            document = Document.read(server.configuration / name, directory=server.configuration)
        except ConfSyntaxError:
            outcomes["refused"] += 1
            continue
        before = read(server, name)
        for position, category in enumerate(document.conf.categories):
            document = edited(document, category, before[position], outcomes)
        document.save()
        assert read(server, name) == before, path
    assert outcomes["edited"] > 400
    assert outcomes["not edited"] < outcomes["edited"] / 5


def edited(document: Document, category: Category, expected: Section, outcomes: Counter[str]) -> Document:
    """Change the last own option of a section, and what is expected of it likewise."""
    own = [index for index, each in enumerate(category.variables) if not each.inherited]
    if not own:
        return document
    key = category.variables[own[-1]].key
    try:
        changed = document.set(Selector(category.name, (), category.template), key, "new;value")
    except EditRefused:  # one of several of this name, or others copy it
        outcomes["not edited"] += 1
        return document
    expected.lines[own[-1]] = f"{key}=new;value"
    outcomes["edited"] += 1
    return changed
