from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table

from sorcery import InvalidObject, Object, Place
from sorcery.findings import Finding
from sorcery.kinds import Boolean, Names, Real, SecretText, Text
from sorcery.kinds import Integer as Whole
from sorcery.objects import object_type
from sorcery.options import Value, alias, option
from sorcery.pjsip import Transport
from sorcery_realtime.escape import CODECS
from sorcery_realtime.rowreader import RowReader, text_of


@object_type("thing", family="things")
class Thing(Object):
    """An object with an option of each sort."""

    label: str = option(Text(), default="none")
    tags: Value[tuple[str, ...]] = option(Names(adds=True), default="")
    level: int = option(Whole(), default="5")
    ratio: float = option(Real(), default="0.5")
    loud: bool = option(Boolean(), default="yes")
    pin: Value[Any] = option(SecretText(), default="", secret=True)


COLUMNS = ("id", "owner", "label", "tags", "level", "ratio", "loud", "pin", "@note")
TABLE = Table(
    "things",
    MetaData(),
    *(Column(name, String(12)) for name in ("id", "owner", "label", "tags", "ratio", "loud", "pin", "@note")),
    Column("level", Integer),
)


def read(driver: str = "odbc", findings: list[Finding] | None = None, **values: Any) -> Thing:
    reader = RowReader(Thing.__sorcery__, CODECS[driver], "things")
    row = [values.get(name.removeprefix("@")) for name in COLUMNS]
    return reader.builder(COLUMNS, findings)(row)  # type: ignore[return-value]


@pytest.mark.parametrize("driver", ["odbc", "pgsql", "mysql", "sqlite3"])
@pytest.mark.parametrize("unset", [None, ""])
def test_null_and_an_empty_text_leave_the_default(driver: str, unset: str | None) -> None:
    assert read(driver, id="a", label=unset, level=unset, pin=unset, note=unset) == Thing(id="a")


@pytest.mark.parametrize("driver", ["odbc", "sqlite3"])
def test_a_single_blank_sets_an_option_to_nothing(driver: str) -> None:
    assert read(driver, id="a", label=" ") == Thing(id="a", label="")


def test_unknown_columns_are_dropped_and_extended_ones_are_kept_whole() -> None:
    assert read(id="a", owner="billing", note="x;y^3B") == Thing(id="a", extended={"@note": "x;y;"})


def test_a_column_that_is_split_gives_a_line_for_each_value() -> None:
    assert read(id="a", tags="red; blue").tags == ("red", "blue")
    assert read("sqlite3", id="a", label="red; blue").label == "red; blue"


def test_numbers_and_booleans_of_a_driver_are_read() -> None:
    made = read("sqlite3", id="a", level=7, ratio=2.0, loud=0)
    assert (made.level, made.ratio, made.loud) == (7, 2.0, False)
    assert read(id="a", loud=False, ratio=Decimal("1.50")).ratio == 1.5


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (False, "no"), (3, "3"), (3.0, "3"), (0.25, "0.25"), (Decimal("2.50"), "2.5"), (b"x", "x")],
)
def test_a_drivers_value_has_one_text(value: object, text: str) -> None:
    assert text_of(value) == text


@object_type("bolt")
class Bolt(Object):
    """An object with two options for one value."""

    size: int = option(Whole(), default="5")
    length = alias("size", Whole(), is_field=True)


@pytest.mark.parametrize("columns", [("id", "length", "size"), ("id", "size", "length")])
def test_the_last_of_two_columns_for_one_value_counts_though_it_holds_the_default(columns: tuple[str, ...]) -> None:
    build = RowReader(Bolt.__sorcery__, CODECS["odbc"], "bolts").builder(columns)
    assert build(("a", 9, 5)) == Bolt(id="a", size=5)


def test_a_row_that_is_no_object_is_named_by_table_row_option_and_value() -> None:
    with pytest.raises(InvalidObject) as refusal:
        read(id="x^3By", level="lots")
    assert refusal.value.place == Place("things", row="x^3By")
    assert (refusal.value.id, refusal.value.option, refusal.value.value) == ("x;y", "level", "lots")


@pytest.mark.parametrize("stored", ["6001;@ab", "6001^40ab", "6001\udcff", "6001^FF", "", None])
def test_a_row_whose_id_would_not_be_found_by_it_is_refused(stored: str | None) -> None:
    with pytest.raises(InvalidObject, match="id is stored as") as refusal:
        read(id=stored)
    assert refusal.value.place == Place("things", row=stored or "")


def test_a_repaired_value_is_a_finding_with_its_row() -> None:
    findings: list[Finding] = []
    assert read(findings=findings, id="a", loud="maybe").loud is False
    assert [(f.place, f.option) for f in findings] == [(Place("things", row="a"), "loud")]


def test_a_number_at_its_default_is_not_taken_for_one_that_somebody_set() -> None:
    reader = RowReader(Transport.__sorcery__, CODECS["sqlite3"], "ps_transports")
    for stored, warned in ((1, []), ("1", []), (2, ["async_operations"])):
        findings: list[Finding] = []
        reader.builder(("id", "bind", "async_operations"), findings)(("udp", "0.0.0.0", stored))
        assert list(dict.fromkeys(each.option for each in findings)) == warned
