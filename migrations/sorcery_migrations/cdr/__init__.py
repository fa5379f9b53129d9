"""The role `cdr`: the table that call detail records go to."""

from __future__ import annotations

from sorcery_migrations.cdr.asterisk_54cde9847798 import schema

__all__ = ["schema"]
