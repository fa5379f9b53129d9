"""Create Asterisk's tables as of its head 2285f2ace275, or complete those that exist."""

from __future__ import annotations

from alembic import op

from sorcery_migrations.completion import EMPTY, additions, present
from sorcery_migrations.config.asterisk_2285f2ace275 import schema
from sorcery_migrations.removal import remove

revision = "config_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is missing; a script that is written without a database starts from an empty one."""
    context = op.get_context()
    tables = schema(context.dialect.name)
    there = EMPTY if context.as_sql else present(op.get_bind(), tables)
    for statement in additions(tables, there, context.dialect):
        op.execute(statement)


def downgrade() -> None:
    """Drop the tables, unless they hold rows or belong to Asterisk's own migrations."""
    remove(op.get_bind(), schema(op.get_context().dialect.name))
