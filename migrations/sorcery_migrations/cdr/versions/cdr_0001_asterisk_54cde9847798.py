"""Create Asterisk's table of call detail records as of its head 54cde9847798, or complete it."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.cdr.asterisk_54cde9847798 import schema
from sorcery_migrations.completion import complete
from sorcery_migrations.removal import remove

revision = "cdr_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing, and change what is too narrow or of another kind."""
    complete(schema(op.get_context().dialect.name))


def downgrade() -> None:
    """Drop the table, unless it belongs to Asterisk's own migrations."""
    remove("cdr", schema(op.get_context().dialect.name))
