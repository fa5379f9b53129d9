"""The role `voicemail`: the table that recorded messages go to, where voicemail keeps them by ODBC."""

from __future__ import annotations

from sorcery_migrations.voicemail.asterisk_64fae6bbe7fb import schema

__all__ = ["schema"]
