"""Statements as a text that the client of their database reads."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import URL

from sorcery_database import address
from sorcery_migrations.engine import MARIADB

__all__ = ["script"]


def script(target: str | URL, statements: Iterable[str]) -> str:
    """Return the statements for `psql`, or for `mariadb`, which ends one at a semicolon, and a trigger has some."""
    is_mariadb = address(target).get_backend_name() in MARIADB
    if not is_mariadb:
        return "\n".join(f"{statement};" for statement in statements)
    return "\n".join(["DELIMITER $$", *(f"{statement}$$" for statement in statements), "DELIMITER ;"])
