"""The role `config`: the tables of objects that Asterisk reads and writes, `ps_*` and others.

To follow Asterisk to a later head: describe its tables in a new module `asterisk_<head>.py`, write a revision
`versions/config_<number>_….py` that completes the tables to it, and export the new module's `schema` here. What was
released stays. The other roles are built alike.
"""

from __future__ import annotations

from sorcery_migrations.config.pbx_2285f2ace275 import schema

__all__ = ["schema"]
