"""Whether a database tells a cache in front of it what others change."""

from __future__ import annotations

from sqlalchemy import URL, inspect

from sorcery.steps import Limited
from sorcery_database import argument
from sorcery_database.outbox import STATE
from sorcery_realtime.links.server import asked

__all__ = ["told"]


def told(url: URL) -> str | Limited:
    """Say whether the database keeps an outbox; raises `Broken` where it does not answer."""
    if asked(url, lambda connection: inspect(connection).has_table(STATE)):
        return "tells caches of changes"
    return Limited(
        "caches do not hear of what others change before a reload or the end of a lifetime",
        f"run: sorcery db notify on --db {argument(url)}",
    )
