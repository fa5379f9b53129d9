"""What stands in the front door, and when it comes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sorcery


def test_each_name_is_what_type_checkers_are_told() -> None:
    told = {
        name.name: node.module
        for node in ast.walk(ast.parse(Path(sorcery.__file__).read_text()))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("sorcery.")
        for name in node.names
    }
    assert set(told) == set(sorcery.__all__) <= set(dir(sorcery))
    assert {name: f"sorcery.{module}" for name, module in sorcery._MODULES.items()} == told
    for name, module in told.items():
        assert getattr(sorcery, name) is getattr(sys.modules[module], name)


def test_a_name_that_is_none_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="module 'sorcery' has no attribute 'Sorcerer'"):
        _ = sorcery.Sorcerer  # type: ignore[attr-defined]
    with pytest.raises(ImportError, match="cannot import name 'Sorcerer'"):
        from sorcery import Sorcerer  # type: ignore[attr-defined]  # noqa: F401


def test_a_name_comes_with_its_module_alone() -> None:
    code = "import sys, sorcery; sorcery.Secret; print(*(name for name in sys.modules if name.startswith('sorcery')))"
    brought = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert brought == ["sorcery", "sorcery.secret"]
