"""Run the revisions of the role `voicemail` with what `sorcery_migrations.runner` passes in."""

from __future__ import annotations

from alembic import context

context.configure(**context.config.attributes["configure"])
with context.begin_transaction():
    context.run_migrations()
