"""A parse as plain data for JSON: what `sorcery conf dump --json` prints.

Defaults are dropped from the right of a variable: `[key, value, line, "=", false, ""]` is `[key, value, line]`.
Files are relative to the configuration directory. `json.dumps` must keep its `ensure_ascii`: a byte that is not
UTF-8 is a lone surrogate.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sorcery.conf.messages import Message
from sorcery.conf.model import Category, ConfFile, Variable
from sorcery.errors import ConfigurationError, ConfMissing

__all__ = ["dump", "dump_error", "dump_messages"]


def dump(conf: ConfFile) -> list[dict[str, Any]]:
    """Return all categories of a parse, templates included."""
    return [_category(each, conf.directory) for each in conf.categories]


def dump_error(error: ConfigurationError) -> dict[str, str]:
    """Return what stands in the place of categories: `invalid` for a refused file, else `missing`."""
    return {"error": "missing" if isinstance(error, ConfMissing) else "invalid"}


def dump_messages(messages: Iterable[Message], directory: str) -> list[list[str | int | None]]:
    """Return `[level, code, line, file]` of each message; what Asterisk does not name is dropped or null."""
    return [_without_end([each.level, each.code, each.line, _relative(each.file, directory)]) for each in messages]


def _category(category: Category, directory: str) -> dict[str, Any]:
    file = {"file": _relative(category.file, directory)} if category.file else {}
    return {
        "name": category.name,
        "template": category.template,
        "bases": list(category.bases),
        "line": category.line,
        **file,
        "variables": [_variable(each, directory) for each in category.variables],
    }


def _variable(variable: Variable, directory: str) -> list[Any]:
    values = [variable.key, variable.value, variable.line]
    rest = [variable.operator, variable.inherited, _relative(variable.file, directory)]
    defaults = ["=", False, ""]
    while rest and rest[-1] == defaults[len(rest) - 1]:
        rest.pop()
    return values + rest


def _relative(file: str | None, directory: str) -> str | None:
    return None if file is None else file.removeprefix(f"{directory.rstrip('/')}/")


def _without_end(values: list[str | int | None]) -> list[str | int | None]:
    while values[-1] is None:
        values.pop()
    return values
