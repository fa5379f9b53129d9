"""Every vector: a small file, and what Asterisk 22.10.1 makes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sorcery.conf import dump, dump_error, dump_messages, read_conf
from sorcery.errors import ConfSyntaxError

VECTORS = Path(__file__).parents[2] / "data" / "conf-vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.conf"))


def load(name: str, default: Any = None) -> Any:
    path = VECTORS / name
    return json.loads(path.read_text("utf-8")) if default is None or path.exists() else default


def parse(name: str) -> tuple[Any, list[Any]]:
    options = load(f"{name}.opts.json", {})
    try:
        conf = read_conf(VECTORS / f"{name}.conf", exec_includes=options.get("execincludes", False))
    except ConfSyntaxError as error:
        return dump_error(error), dump_messages(error.messages, str(VECTORS))
    return dump(conf), dump_messages(conf.messages, conf.directory)


def test_all_vectors_are_there() -> None:
    assert len(NAMES) == 100


@pytest.mark.parametrize("name", NAMES)
def test_a_file_yields_what_asterisk_yields(name: str) -> None:
    parsed, messages = parse(name)
    assert parsed == load(f"{name}.json")
    assert messages == load(f"{name}.log.json")
