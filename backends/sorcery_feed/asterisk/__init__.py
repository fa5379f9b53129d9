"""An Asterisk, told through its manager interface.

| module | its idea |
|---|---|
| `keeping` | which of its caches hold the rows of a table, and what else reads them only once |
| `running` | what the running one says of its mappings and caches |
| `target` | telling it, and what its answers mean |
"""

from sorcery_feed.asterisk.keeping import Kept, Tables, default_tables, tables_of
from sorcery_feed.asterisk.target import AsteriskTarget

__all__ = ["AsteriskTarget", "Kept", "Tables", "default_tables", "tables_of"]
