"""Create Asterisk's table of queue events as of its head 4105ee839f58, or complete it."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.completion import complete
from sorcery_migrations.queue_log.asterisk_4105ee839f58 import schema
from sorcery_migrations.removal import remove

revision = "queue_log_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing, and change what is too narrow or of another kind."""
    complete(schema(op.get_context().dialect.name))


def downgrade() -> None:
    """Drop the table, unless it belongs to Asterisk's own migrations."""
    remove("queue_log", schema(op.get_context().dialect.name))
