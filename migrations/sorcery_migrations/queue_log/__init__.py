"""The role `queue_log`: the table that events of queues go to."""

from __future__ import annotations

from sorcery_migrations.queue_log.asterisk_4105ee839f58 import schema

__all__ = ["schema"]
