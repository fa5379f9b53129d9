"""The role `config`: the tables that Asterisk's PJSIP modules read and write (`ps_*` and `stir_tn`)."""

from __future__ import annotations

from sorcery_migrations.config.asterisk_2285f2ace275 import schema

__all__ = ["schema"]
