"""A table of many: what each row says of one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from sorcery import ConfigurationError, InvalidObject, Place
from sorcery_cli.change import Line
from sorcery_cli.exits import Misuse
from sorcery_cli.recipes.parameters import Parameter

__all__ = ["Row", "rows_of"]


@attrs.frozen
class Row:
    """One that is to be made."""

    id: str
    values: Mapping[str, Any] = attrs.field(factory=dict, repr=False)
    """Keyword arguments of the recipe."""
    lines: Sequence[Line] = ()
    """Options of objects, as `TYPE/NAME`."""
    place: Place | None = None

    @contextmanager
    def blamed(self) -> Iterator[None]:
        """Let what is refused name the row; raises `InvalidObject`."""
        try:
            yield
        except InvalidObject as error:
            if self.place is None:
                raise
            raise InvalidObject(
                error.type_name,
                error.id,
                error.reason,
                option=error.option,
                value=error.value,
                remedy=error.remedy,
                place=self.place,
            ) from None


def rows_of(path: Path, parameters: Mapping[str, Parameter]) -> tuple[Row, ...]:
    """Read a CSV file whose first line names the columns: `id`, options of the recipe, and `TYPE/NAME`.

    An empty cell says nothing. Raises `ConfigurationError` with the line, and `Misuse` where there is no such file.
    """
    reader = csv.reader(io.StringIO(_text(path), newline=""), strict=True)  # else an open quote eats all rows below
    start = Place(str(path), 1)
    try:
        header = [name.strip() for name in next(reader, [])]
        _require_columns(header, parameters, start)
        start, read = Place(str(path), reader.line_num + 1), []
        for cells in reader:
            if any(map(str.strip, cells)):
                read.append((start, cells))
            start = Place(str(path), reader.line_num + 1)
    except csv.Error as error:
        reason = f"the row that begins here cannot be read: {error}"
        raise ConfigurationError(reason, place=start, remedy='close each " of it; write "" for one in a cell') from None
    rows = tuple(_row(header, cells, parameters, place) for place, cells in read)
    seen: dict[str, Row] = {}
    for row in rows:
        if (other := seen.setdefault(row.id, row)) is not row:
            raise ConfigurationError(f"id {row.id!r} stands in line {_line(other)} too", place=row.place)
    return rows


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Misuse(f"--from-csv {path}: {error.strerror}") from None
    try:
        return data.decode("utf-8-sig")  # spreadsheets begin a file with a mark
    except UnicodeDecodeError as error:
        place = Place(str(path), data.count(b"\n", 0, error.start) + 1)
        raise ConfigurationError("this is no UTF-8", place=place, remedy="save the table as CSV in UTF-8") from None


def _line(row: Row) -> int | None:
    return row.place.line if row.place else None


def _require_columns(header: Sequence[str], parameters: Mapping[str, Parameter], place: Place) -> None:
    known = ["id", *(name.replace("_", "-") for name in parameters)]
    for name in header:
        if "/" not in name and name.replace("_", "-") not in known:
            raise ConfigurationError(
                f"there is no column {name!r}", place=place, remedy=f"use TYPE/NAME or some of: {', '.join(known)}"
            )
    names = [name.replace("_", "-") for name in header if "/" not in name]  # lines of an object may repeat
    if twice := next((name for name in header if names.count(name.replace("_", "-")) > 1), ""):
        raise ConfigurationError(f"two columns are called {twice!r}", place=place, remedy="keep one of them")
    if "id" not in header:
        raise ConfigurationError("there is no column id", place=place, remedy="name the columns in the first line")


def _row(header: Sequence[str], cells: Sequence[str], parameters: Mapping[str, Parameter], place: Place) -> Row:
    if len(cells) > len(header):
        reason = f"there are {len(cells)} cells below {len(header)} columns"
        raise ConfigurationError(reason, place=place, remedy='write "…" around a cell with commas in it')
    id, values, lines = "", {}, []
    for name, cell in zip(header, cells, strict=False):
        text = cell.strip()
        if name == "id":
            id = text
        elif text and "/" in name:
            lines.append(Line(name, text))
        elif text:
            parameter = parameters[name.replace("-", "_")]
            try:
                values[parameter.name] = parameter.read(text)
            except ValueError as error:
                raise ConfigurationError(f"column {name}: {error}", place=place) from None
    if not id:
        raise ConfigurationError("the id is empty", place=place, remedy="name what the row is about")
    return Row(id, values, lines, place)
