"""Large answers piece by piece: each page begins behind the id that the last one ended with.

The database's own order decides what is behind, whatever its collation makes of cases and punctuation. Ids that this
order does not tell apart belong to one page: none would come behind the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import attrs
from sqlalchemy import ColumnElement, Connection, LargeBinary, Select, String, cast, column, literal, not_, or_

from sorcery.objects import Object
from sorcery_realtime.databases import Columns
from sorcery_realtime.tables import is_storable

__all__ = ["WITHOUT_PLACE", "Page", "rows_behind"]

ID: Final = column("id", String())
PLACED: Final = ID >= ""
"""Rows without an id have no place; nor have numbers, which SQLite puts before all texts."""
WITHOUT_PLACE: Final = or_(ID.is_(None), not_(PLACED))
"""The condition for the rows that no page holds."""


@attrs.frozen(slots=True)
class Page:
    """What some rows hold."""

    objects: Sequence[Object]
    last: Any
    """The id behind which the next page begins, as the driver gave it; None where there is none."""


def rows_behind(
    connection: Connection, rows: Select[Any], after: Any, size: int
) -> tuple[Columns, Sequence[Sequence[Any]], Any]:
    """Return the columns, about `size` rows behind an id, or from the first one for None, and the id of the last one.

    The id returned is None where no more rows are behind. Rows without an id are passed over: they have no place.
    """
    begin = PLACED if after is None else _told(after) < ID
    result = connection.execute(rows.where(begin).order_by(ID).limit(size))
    columns, found = tuple(result.keys()), result.all()
    if len(found) < size:
        return columns, found, None
    last = found[-1][columns.index("id")]
    return columns, [*found, *connection.execute(rows.where(_told(last) == ID)).all()], last


def _told(id: Any) -> ColumnElement[Any]:
    """Return an id for a comparison with the column, whose collation counts; SQLite may hold what is no text."""
    if not isinstance(id, str):
        return literal(id)
    if is_storable(id):
        return literal(id, String())
    return cast(literal(id.encode("utf-8", "surrogateescape"), LargeBinary()), String())
