"""Which tables are told of: all that objects can lie in, only some, or all but some."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Final, Self

import attrs

from sorcery_migrations.roles import schema

__all__ = ["BESIDE", "Choice", "object_tables"]

PREFIXES: Final = ("ps_", "stir_")
"""How the names of the tables begin that objects lie in."""


BESIDE: Final = ("dispatcher",)
"""Tables of a Kamailio in the same database, whose changes it has to be told of."""


@functools.cache
def object_tables(dialect_name: str) -> Sequence[str]:
    """Return the tables of Asterisk's schema that objects can lie in; to build all of it for that takes its time."""
    return tuple(name for name in schema("config", dialect_name).tables if name.startswith(PREFIXES))


@attrs.frozen(slots=True)
class Choice:
    """Some tables by name. It is kept with the outbox, so that tables that come later are chosen alike."""

    names: tuple[str, ...] = ()
    is_except: bool = True
    """All but these; else only these."""

    @classmethod
    def only(cls, names: Iterable[str]) -> Self:
        """Choose these."""
        return cls(tuple(names), is_except=False)

    @classmethod
    def but(cls, names: Iterable[str]) -> Self:
        """Choose all but these."""
        return cls(tuple(names))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take back what `str` gave."""
        word, _, names = text.partition(" ")
        return cls(tuple(filter(None, names.split(","))), is_except=word == "except")

    def __str__(self) -> str:
        return f"{'except' if self.is_except else 'only'} {','.join(self.names)}".strip()

    def of(self, dialect_name: str) -> list[str]:
        """Return the chosen tables, those of a Kamailio at last; others only where they are named."""
        if not self.is_except:
            return list(dict.fromkeys(self.names))
        return [name for name in (*object_tables(dialect_name), *BESIDE) if name not in self.names]
