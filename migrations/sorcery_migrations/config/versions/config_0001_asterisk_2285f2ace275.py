"""Create Asterisk's tables of PJSIP as of its head 2285f2ace275, or complete those that exist."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.completion import complete
from sorcery_migrations.config.asterisk_2285f2ace275 import schema
from sorcery_migrations.removal import remove

revision = "config_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing, and change what is too narrow or of another kind."""
    complete(schema(op.get_context().dialect.name))


def downgrade() -> None:
    """Drop the tables, unless they belong to Asterisk's own migrations."""
    remove("config", schema(op.get_context().dialect.name))
