"""Every Python example of the documentation runs, every link leads somewhere, and the reference leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import typer

import sorcery
from sorcery import Sorcery
from sorcery.aio import AsyncSorcery
from sorcery_cli.command import app

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if EXAMPLE.search(page.read_text("utf-8"))], ids=name)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of one page are one program, run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "example"}
    for block in EXAMPLE.findall(page.read_text("utf-8")):
        exec(compile(block, name(page), "exec"), namespace)


def prose(page: Path) -> str:
    return BLOCK.sub("", page.read_text("utf-8"))


def anchors(page: Path) -> set[str]:
    """Return what the headings of a page are linked by: in small letters, without punctuation, hyphens for spaces."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(prose(page))}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(prose(page)):
        found = page.parent / target if target else page
        assert found.exists(), f"{name(page)} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{name(page)} links to {target}#{anchor}"


@pytest.mark.parametrize("first", ["README.md", "docs/README.md"])
def test_a_first_page_lists_every_other(first: str) -> None:
    listed = {((ROOT / first).parent / target).resolve() for target, _ in LINK.findall(prose(ROOT / first))}
    assert set(ROOT.glob("docs/*/*.md")) <= listed


def test_the_reference_of_the_library_names_everything_public() -> None:
    page = (ROOT / "docs/reference/library.md").read_text("utf-8")
    public = {*sorcery.__all__, *(each for each in dir(Sorcery) if not each.startswith("_"))}
    asynchronous = {each for each in dir(AsyncSorcery) if not each.startswith("_")}
    assert [each for each in sorted(public | asynchronous) if not re.search(rf"\b{each}\b", page)] == []


def test_the_reference_of_the_command_has_every_command() -> None:
    headings = " ".join(HEADING.findall(prose(ROOT / "docs/reference/command-line.md")))
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    words = [*commands, *(word for each in commands.values() for word in getattr(each, "commands", ()))]
    assert [word for word in words if not re.search(rf"\b{word}\b", headings)] == []
