"""The wheel: what it holds, and that everything in it imports from an empty environment."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = [
    "sorcery",
    "sorcery_ami",
    "sorcery_astdb",
    "sorcery_cli",
    "sorcery_config",
    "sorcery_database",
    "sorcery_feed",
    "sorcery_memory",
    "sorcery_memory_cache",
    "sorcery_migrations",
    "sorcery_pjsip_wizard",
    "sorcery_realtime",
    "sorcery_sip",
]
IMPORT_ALL = """
import importlib, pkgutil, sys
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    assert "site-packages" in package.__file__, package.__file__
    for module in pkgutil.walk_packages(package.__path__, name + "."):
        if ".versions." in module.name or module.name.endswith(".env") or module.name.startswith("sorcery.testing"):
            continue  # Alembic runs these two; the test helpers need pytest and hypothesis
        importlib.import_module(module.name)
from sorcery.registry import Registry
for wizard in ("config", "realtime", "astdb", "memory", "memory_cache", "pjsip_wizard"):
    Registry().factory(wizard)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from the checkout, with the tools that are installed."""
    return build("wheel", tmp_path_factory.mktemp("dist"))


def build(form: str, out: Path) -> Path:
    subprocess.run(
        [sys.executable, "-m", "build", f"--{form}", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
        timeout=100,
    )
    (built,) = out.iterdir()
    return built


def test_the_source_distribution_holds_the_tests_and_what_they_read(tmp_path: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    pages = {str(path.relative_to(ROOT)) for path in ROOT.glob("docs/**/*.*")}
    tests = {str(path.relative_to(ROOT)) for path in ROOT.glob("tests/unit/**/*.py")}
    assert {"README.md", "CONTRIBUTING.md", "run", ".ci/run", "requirements/dev.txt", *pages, *tests} <= names


def test_the_wheel_holds_our_packages_and_nothing_else(wheel: Path) -> None:
    names = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert sorted(name for name in names if not name.endswith(".dist-info")) == PACKAGES


def test_the_wheel_ships_types_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)
    assert any(name.endswith("licenses/LICENSE") for name in names)


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an empty environment, which finds its dependencies where the tests have theirs."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--quiet", str(wheel)], check=True, timeout=100)
    site = next((folder / "lib").glob("python*/site-packages"))
    dependencies = next(Path(entry) for entry in sys.path if entry.endswith("site-packages"))
    # Only what is in this folder itself is added: the path file of the editable checkout is not followed.
    (site / "zz-dependencies.pth").write_text(f"{dependencies}\n")
    return folder


def test_every_package_imports_from_the_installed_wheel(environment: Path, tmp_path: Path) -> None:
    run = subprocess.run(
        [environment / "bin/python", "-c", IMPORT_ALL, *PACKAGES],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("script", ["sorcery", "sorcery-sip"])
def test_the_scripts_of_the_installed_wheel_run(environment: Path, tmp_path: Path, script: str) -> None:
    run = subprocess.run(
        [environment / "bin" / script, "--help"], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    assert script in run.stdout
