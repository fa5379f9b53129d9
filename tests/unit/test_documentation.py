"""Every Python example of the documentation runs, and every link between pages leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")])
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES if EXAMPLE.search(page.read_text("utf-8"))], ids=name)
def test_the_examples_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The blocks of one page are one program, run in an empty folder."""
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "example"}
    for block in EXAMPLE.findall(page.read_text("utf-8")):
        exec(compile(block, name(page), "exec"), namespace)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_links_of_a_page_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{name(page)} links to {target}"


def test_the_wizard_of_the_how_to_passes_the_suite_that_it_names(tmp_path: Path) -> None:
    """Installed as the page says: the module, its entry point, and the test module."""
    text = (ROOT / "docs/howto/wizard.md").read_text("utf-8")
    module, suite = EXAMPLE.findall(text)
    (entry_point,) = re.findall(r"^```toml\n\[project\.entry-points\.\"(.*?)\"\]\n(.*?)^```", text, re.M | re.S)
    metadata = tmp_path / "sorcery_json-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sorcery-json\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[{}]\n{}".format(*entry_point).replace('"', ""))
    (tmp_path / "sorcery_json.py").write_text(module.partition("registry = ")[0])
    (tmp_path / "test_json.py").write_text(suite)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_json.py"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 0, run.stdout
    assert "skipped" not in run.stdout
