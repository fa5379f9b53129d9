"""The role `config`: the tables that Asterisk's PJSIP modules read and write (`ps_*` and `stir_tn`).

To follow Asterisk to a later head: describe its tables in a new module `asterisk_<head>.py`, write a revision
`versions/config_<number>_….py` that reads it, and export the new module's `schema` here. What was released stays.
"""

from __future__ import annotations

from sorcery_migrations.config.asterisk_2285f2ace275 import schema

__all__ = ["schema"]
