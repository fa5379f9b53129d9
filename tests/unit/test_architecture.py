"""Who may import whom: the arrows of the architecture, held by reading every module's imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "sorcery": ROOT / "sorcery",
    "sorcery_config": ROOT / "backends/sorcery_config",
    "sorcery_realtime": ROOT / "backends/sorcery_realtime",
    "sorcery_astdb": ROOT / "backends/sorcery_astdb",
    "sorcery_memory": ROOT / "backends/sorcery_memory",
    "sorcery_memory_cache": ROOT / "backends/sorcery_memory_cache",
    "sorcery_pjsip_wizard": ROOT / "backends/sorcery_pjsip_wizard",
    "sorcery_ami": ROOT / "backends/sorcery_ami",
    "sorcery_feed": ROOT / "backends/sorcery_feed",
    "sorcery_database": ROOT / "backends/sorcery_database",
    "sorcery_migrations": ROOT / "migrations/sorcery_migrations",
    "sorcery_cli": ROOT / "cli/sorcery_cli",
    "sorcery_sip": ROOT / "examples/sorcery_sip",
}
BACK_ENDS = {name for name, path in PACKAGES.items() if path.parent.name == "backends"} - {
    "sorcery_ami",
    "sorcery_database",
    "sorcery_feed",
}
OURS = set(PACKAGES)

# What each package may import of ours, itself aside.
ALLOWED = {
    "sorcery": set(),
    "sorcery_ami": {"sorcery"},
    "sorcery_database": {"sorcery"},  # what talks to an SQL database shares it; no wizard
    **{name: {"sorcery"} for name in BACK_ENDS},
    "sorcery_realtime": {"sorcery", "sorcery_database"},
    "sorcery_migrations": {"sorcery", "sorcery_database"},
    "sorcery_feed": {"sorcery", "sorcery_ami", "sorcery_database"},
    "sorcery_cli": {"sorcery", "sorcery_ami", "sorcery_database", "sorcery_feed", "sorcery_migrations"},
    "sorcery_sip": {"sorcery"},
}

# The layers of the reference stack, lowest first: a module imports its own layer and those below it.
SIP_LAYERS = ("message", "transaction", "stack", "dialog", "session", "modules", "main")
SIP_BESIDE = {
    "address": {"errors"},
    "ari": {"errors", "pbx"},
    "auth": {"errors", "message"},
    "errors": set(),
    "events": {"address", "errors", "message", "transaction"},
    "io": {"address", "errors", "events", "message", "pbx", "rtp", "session", "transaction", "stack"},
    "pbx": {"errors"},
    "phone": {
        *("address", "client", "errors", "events", "io", "message", "pbx", "rtp", "sdp", "session", "stack"),
        "transaction",
    },
    "rtp": {"errors"},
    "sdp": {"errors"},
}


def imports(path: Path, *, typing: bool = True) -> Iterator[str]:
    """Yield the dotted names that a module imports, those under `if TYPE_CHECKING` only with `typing`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not typing:
        tree.body = [node for node in tree.body if "TYPE_CHECKING" not in ast.unparse(node).partition("\n")[0]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            yield node.module or ""


def modules(package: str) -> list[Path]:
    return sorted(PACKAGES[package].rglob("*.py"))


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_a_package_imports_only_the_packages_it_may(package: str) -> None:
    for path in modules(package):
        used = {name.partition(".")[0] for name in imports(path)} & OURS
        assert used <= ALLOWED[package] | {package}, path


def test_the_core_needs_attrs_and_the_standard_library_only() -> None:
    for path in modules("sorcery"):
        if "testing" in path.parts:  # what authors of wizards test with needs pytest and hypothesis
            continue
        tops = {name.partition(".")[0] for name in imports(path)}
        assert tops <= sys.stdlib_module_names | {"attr", "attrs", "sorcery"}, path


def test_the_core_does_not_use_its_own_front_door() -> None:
    for path in modules("sorcery"):
        if path.name != "__init__.py" and "testing" not in path.parts:
            assert "sorcery" not in set(imports(path)), f"{path} imports the package that imports it"


def test_the_modules_of_the_core_use_those_above_them_on_the_page() -> None:
    page = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
    (picture,) = re.findall(r"^sorcery/\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    lines = [re.findall(r"(?:^|  )([a-z_]+)(?=/|  |$)", line.strip()) for line in picture.splitlines()]
    rank = {name: number for number, names in enumerate(lines) for name in names}
    for path in modules("sorcery"):
        own = path.relative_to(PACKAGES["sorcery"]).parts[0].removesuffix(".py")
        if own != "__init__":
            used = {name.split(".")[1] for name in imports(path, typing=False) if name.startswith("sorcery.")}
            assert not {name for name in used if rank[name] > rank[own]}, path


def layer(name: str) -> str:
    return name.removeprefix("sorcery_sip.").partition(".")[0]


def test_the_layers_of_the_stack_point_one_way() -> None:
    for path in modules("sorcery_sip"):
        own = layer(".".join(path.relative_to(PACKAGES["sorcery_sip"]).with_suffix("").parts))
        used = {layer(name) for name in imports(path) if name.startswith("sorcery_sip.")} - {own}
        if own in SIP_BESIDE:
            assert used <= SIP_BESIDE[own], path
        elif own in SIP_LAYERS:
            above = set(SIP_LAYERS[SIP_LAYERS.index(own) + 1 :])
            assert not used & above, path


def test_only_modules_and_main_touch_sorcery() -> None:
    for path in modules("sorcery_sip"):
        own = layer(".".join(path.relative_to(PACKAGES["sorcery_sip"]).with_suffix("").parts))
        if own not in ("modules", "main"):
            assert not {name for name in imports(path) if name.partition(".")[0] == "sorcery"}, path


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (PACKAGES[package] / "py.typed").is_file()


def test_source_roots_are_no_packages() -> None:
    for root in ("backends", "migrations", "cli", "examples"):
        assert not (ROOT / root / "__init__.py").exists()


@pytest.mark.parametrize(
    ("imported", "spared"),
    [
        ("sorcery", {"sorcery.pjsip", "sorcery.checks", "sorcery.conf.editing", "asyncio", "hashlib", "socket"}),
        ("sorcery.pjsip", {"sorcery.checks", "sorcery.instance", "asyncio", "hashlib", "rich", "sqlalchemy", "ssl"}),
        ("sorcery_cli.command", {"sorcery.pjsip", "sorcery.checks", "asyncio", "rich", "socket", "sqlalchemy", "ssl"}),
    ],
)
def test_an_import_brings_nothing_that_takes_long_and_few_use(imported: str, spared: set[str]) -> None:
    code = f"import sys, {imported}; print(*sys.modules)"
    brought = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert imported in brought
    assert not spared & set(brought)
