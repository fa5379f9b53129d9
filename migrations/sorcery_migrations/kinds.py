"""Types of columns: whether what is there can hold what a schema says."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Dialect,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    String,
    Table,
)
from sqlalchemy.types import TypeEngine

__all__ = ["MARIADB", "enums", "type_fault"]

MARIADB: Final = ("mysql", "mariadb")
BLOBS: Final = ("TINYBLOB", "BLOB", "MEDIUMBLOB", "LONGBLOB")
"""Those of MariaDB, shortest first."""


def enums(tables: Iterable[Table]) -> dict[str, Enum]:
    """Return the enumerations that the tables' columns have, by the name of the type."""
    types = (column.type for table in tables for column in table.columns)
    return {str(type_.name): type_ for type_ in types if isinstance(type_, Enum)}


def type_fault(wanted: TypeEngine[Any], there: TypeEngine[Any], dialect: Dialect) -> str:
    """Name the rule that the type of a column breaks (`sorcery_migrations.checks` lists them), or return nothing.

    More room than is wanted is no fault, nor are more values, nor a text where an enumeration is wanted.
    """
    match wanted, there:
        case Enum(), Enum():
            return "" if set(wanted.enums) <= set(there.enums) else "missing-value"
        case String(), String() if not isinstance(there, Enum):
            return "column-too-short" if _length(there) < _length(wanted) else ""
        case BigInteger(), Integer() if not isinstance(there, BigInteger) and dialect.name != "sqlite":
            return "column-too-short"
        case (Integer(), Integer()) | (Float() | Numeric(), Float() | Numeric()) | (Boolean(), Boolean() | Integer()):
            return ""
        case DateTime(), DateTime():
            return ""
        case LargeBinary(), _ if dialect.name in MARIADB:
            return _blob_fault(wanted.compile(dialect=dialect), there.compile(dialect=dialect))
        case LargeBinary(), LargeBinary():
            return ""
    return "wrong-kind"


def _length(text: String) -> float:
    """Return how many characters fit; an enumeration needs room for its longest value."""
    return text.length or float("inf")


def _blob_fault(wanted: str, there: str) -> str:
    if there not in BLOBS:
        return "wrong-kind"
    return "column-too-short" if BLOBS.index(there) < BLOBS.index(wanted) else ""
