"""The roles of Asterisk's databases: sets of tables, each with revisions of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import MetaData

from sorcery.errors import ConfigurationError
from sorcery_migrations import cdr, config, queue_log, voicemail

__all__ = ["ROLES", "known", "schema"]

ROLES: Final[Mapping[str, Callable[[str], MetaData]]] = {
    "config": config.schema,
    "voicemail": voicemail.schema,
    "cdr": cdr.schema,
    "queue_log": queue_log.schema,
}
"""The newest schema of each role, by SQLAlchemy's name of the engine."""


def known(role: str) -> str:
    """Return a role that there is; raises `ConfigurationError` for another one."""
    if role not in ROLES:
        raise ConfigurationError(f"unknown database role {role!r}", remedy=f"use one of: {', '.join(ROLES)}")
    return role


def schema(role: str, dialect_name: str) -> MetaData:
    """Return the newest tables of a role, as that engine has them.

    Raises:
        ConfigurationError: an unknown role.
    """
    return ROLES[known(role)](dialect_name)
