"""How rows are named: tables without schemas, ids as neighbours know them."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["plain_id", "table_key"]

_ESCAPED: Final = re.compile(r"(?:\^[0-9A-F]{2})+")


def table_key(table: str) -> str:
    """Return what a table is looked up by."""
    return table.rpartition(".")[2].lower()


def plain_id(stored: str) -> str:
    """Return the id of a row that Asterisk's drivers for PostgreSQL and ODBC stored: they escape `;` and `^`."""
    return _ESCAPED.sub(_decoded, stored) if "^" in stored else stored


def _decoded(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("^", "")).decode("utf-8", "surrogateescape")
