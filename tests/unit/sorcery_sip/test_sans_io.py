"""What keeps the core free of IO: its imports."""

import ast
from pathlib import Path

import pytest

import sorcery_sip

ROOT = Path(sorcery_sip.__file__).parent
OUTSIDE = {"socket", "asyncio", "time", "random", "secrets", "threading", "sorcery"}


def imports(layer: str) -> set[str]:
    files = (ROOT / layer).rglob("*.py") if (ROOT / layer).is_dir() else [ROOT / f"{layer}.py"]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(node.module or "")
    return found


@pytest.mark.parametrize("layer", ["message", "auth", "transaction", "events", "stack", "dialog", "sdp", "rtp"])
def test_the_core_has_no_socket_clock_chance_or_storage(layer: str) -> None:
    assert not {name.split(".")[0] for name in imports(layer)} & OUTSIDE
