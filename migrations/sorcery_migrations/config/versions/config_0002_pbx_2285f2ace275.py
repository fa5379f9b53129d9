"""Create the other tables of Asterisk's head 2285f2ace275, and the index by which contacts of an AOR are found."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.completion import complete
from sorcery_migrations.config import asterisk_2285f2ace275 as pjsip
from sorcery_migrations.config.pbx_2285f2ace275 import schema
from sorcery_migrations.removal import remove

revision = "config_0002"
down_revision = "config_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create what is missing, and change what is too narrow or of another kind."""
    dialect = op.get_context().dialect.name
    complete(schema(dialect), before=pjsip.schema(dialect))


def downgrade() -> None:
    """Drop the index and the tables, unless these belong to Asterisk's own migrations."""
    dialect = op.get_context().dialect.name
    remove("config", schema(dialect), keep=pjsip.schema(dialect))
