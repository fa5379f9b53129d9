"""Create Asterisk's table of recorded messages as of its head 64fae6bbe7fb, or complete it."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.completion import complete
from sorcery_migrations.removal import remove
from sorcery_migrations.voicemail.asterisk_64fae6bbe7fb import schema

revision = "voicemail_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing, and change what is too narrow or of another kind."""
    complete(schema(op.get_context().dialect.name))


def downgrade() -> None:
    """Drop the table, unless it belongs to Asterisk's own migrations."""
    remove("voicemail", schema(op.get_context().dialect.name))
