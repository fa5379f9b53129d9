from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Column, Enum, Integer, MetaData, String, Table

from sorcery import Object
from sorcery.draft import Draft
from sorcery.kinds import Boolean, Kind, Names, Real, SecretText, Text, Warn
from sorcery.kinds import Integer as Whole
from sorcery.objects import object_type
from sorcery.options import Value, option
from sorcery.pjsip import Contact, Endpoint
from sorcery.values import Prototype
from sorcery_realtime.escape import CODECS
from sorcery_realtime.rowwriter import REMEMBERED, RowWriter
from sorcery_realtime.tables import Misfit


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


def write(driver: str, obj: Object) -> dict[str, Any]:
    return RowWriter(obj.__sorcery__, CODECS[driver], TABLE).row(obj)


def test_only_what_differs_from_the_default_is_written_to_escaping_drivers() -> None:
    made = Thing(id="a;b", label="x;y", level=7, pin="s;1", extended={"@note": "n"})
    assert write("odbc", made) == {"id": "a^3Bb", "label": "x^3By", "level": 7, "pin": "s^3B1", "@note": "n"}


def test_everything_is_written_for_sqlite3_which_reads_null_as_an_empty_text() -> None:
    assert write("sqlite3", Thing(id="a;b", label="")) == {
        "id": "a;b",
        "label": " ",
        "tags": "",
        "level": 5,
        "ratio": "0.500000",
        "loud": "yes",
        "pin": "",
    }


def test_a_replacement_clears_what_is_unset_and_leaves_foreign_columns_alone() -> None:
    row = RowWriter(Thing.__sorcery__, CODECS["odbc"], TABLE).replacement(Thing(id="a", level=6))
    assert row.pop("level") == 6
    assert row.pop("id") == "a"
    assert set(row) == {"label", "tags", "ratio", "loud", "pin", "@note"}
    assert set(row.values()) == {None}


def test_an_option_without_a_column_is_refused_only_if_it_is_set() -> None:
    table = Table("things", MetaData(), Column("id", String))
    writer = RowWriter(Thing.__sorcery__, CODECS["sqlite3"], table)
    assert writer.row(Thing(id="a")) == {"id": "a"}
    with pytest.raises(Misfit, match="table things has no column level") as misfit:
        writer.row(Thing(id="a", level=7))
    assert "sorcery db adopt" in misfit.value.remedy
    with pytest.raises(Misfit, match="table things has no column @note") as misfit:
        writer.row(Thing.from_objectset("a", [("@note", "x")]))
    assert misfit.value.remedy == "add it, or leave the field out"


def test_a_column_of_few_words_takes_the_one_of_them_that_means_the_same() -> None:
    words = Enum("forced", "no", "required", "yes", name="pjsip_timer_values")
    table = Table("ps_endpoints", MetaData(), Column("id", String), Column("timers", words))
    writer = RowWriter(Endpoint.__sorcery__, CODECS["pgsql"], table)
    assert writer.row(Endpoint(id="a", timers="always"))["timers"] == "forced"
    assert writer.row(Endpoint(id="a", timers="required"))["timers"] == "required"
    fewer = Table("ps_endpoints", MetaData(), Column("id", String), Column("timers", Enum("no", "yes", name="fewer")))
    with pytest.raises(Misfit, match="column timers does not take 'always'"):
        RowWriter(Endpoint.__sorcery__, CODECS["pgsql"], fewer).row(Endpoint(id="a", timers="always"))


def templated(common: dict[str, Any], **own: Any) -> Thing:
    """Return an object whose template sets some values, as objects of files have them."""
    pattern = Thing(id="pattern", **common)
    values = tuple(getattr(pattern, name) for name in Thing.__sorcery__.start)
    prototype = Prototype(values, tuple(common))
    given = Thing(id="given", **own)
    return Thing._of(Draft(Thing.__sorcery__, "a", prototype, {name: getattr(given, name) for name in own}, {}, []))


@pytest.mark.parametrize("driver", ["odbc", "sqlite3"])
@pytest.mark.parametrize(
    ("common", "own"),
    [
        ({"label": "x", "level": 7}, {"tags": ["t"]}),
        ({"label": "x", "level": 7}, {"label": "y"}),
        ({"label": "x", "level": 7}, {"label": "none", "loud": False}),
        ({"label": "x", "tags": ["t"]}, {"tags": [], "pin": "s"}),
        ({"label": "far too long for its column"}, {"label": "y"}),
        ({"pin": "one"}, {"pin": "two"}),
    ],
)
def test_an_object_of_a_template_has_the_row_of_one_that_sets_all_by_itself(
    driver: str, common: dict[str, Any], own: dict[str, Any]
) -> None:
    writer = RowWriter(Thing.__sorcery__, CODECS[driver], TABLE)
    by_itself = RowWriter(Thing.__sorcery__, CODECS[driver], TABLE).row(Thing(id="a", **common | own))
    for _ in range(2):
        assert writer.row(templated(common, **own)) == by_itself
    assert writer.row(Thing(id="a")) == write(driver, Thing(id="a"))


def test_what_an_object_of_a_template_is_given_leaves_the_next_one_as_it_is() -> None:
    writer = RowWriter(Thing.__sorcery__, CODECS["odbc"], TABLE)
    prototype = templated({"label": "x"})._prototype
    first, second = (
        Thing._of(Draft(Thing.__sorcery__, id, prototype, changes, {}, []))
        for id, changes in (("a", {"level": 9}), ("b", {}))
    )
    assert writer.row(first) == {"id": "a", "label": "x", "level": 9}
    assert writer.row(second) == {"id": "b", "label": "x"}


class Bag(Kind[list[str]]):
    """A kind of somebody's own, whose values have no hash."""

    zero: list[str] = []

    def parse(self, text: str, before: list[str], warn: Warn) -> list[str]:
        return text.split()

    def printed(self, value: list[str]) -> str:
        return " ".join(value)


@object_type("baggage", family="things")
class Baggage(Object):
    """An object with an option of that kind."""

    label: Value[list[str]] = option(Bag(), default="none")


def test_a_value_without_a_hash_is_written_too() -> None:
    table = Table("things", MetaData(), Column("id", String), Column("label", String))
    writer = RowWriter(Baggage.__sorcery__, CODECS["odbc"], table)
    for _ in range(2):
        assert writer.row(Baggage(id="a", label="x y")) == {"id": "a", "label": "x y"}


def test_of_many_values_only_the_last_ones_are_remembered_and_no_secret_is() -> None:
    table = Table("things", MetaData(), *(Column(name, String) for name in ("id", "label", "pin")))
    writer = RowWriter(Thing.__sorcery__, CODECS["odbc"], table)
    for number in range(3 * REMEMBERED):
        made = Thing(id="a", label=f"l{number}", pin=f"p{number}")
        assert writer.row(made) == {"id": "a", "label": f"l{number}", "pin": f"p{number}"}
    assert 0 < len(writer._made["label"]) <= REMEMBERED
    assert "pin" not in writer._made


def test_several_values_are_joined_or_refused() -> None:
    made = Endpoint.from_objectset("a", [("set_var", "A=1;2"), ("set_var", "B=2")])
    table = Table("ps_endpoints", MetaData(), Column("id", String), Column("set_var", String))
    assert RowWriter(Endpoint.__sorcery__, CODECS["pgsql"], table).row(made)["set_var"] == "A=1^3B2;B=2"
    with pytest.raises(Misfit, match="option set_var cannot be stored: the driver sqlite3"):
        RowWriter(Endpoint.__sorcery__, CODECS["sqlite3"], table).row(made)


def test_a_contact_is_written_whole_as_asterisk_writes_it() -> None:
    names = ("uri", "qualify_timeout", "user_agent", "prune_on_boot", "path")
    table = Table("ps_contacts", MetaData(), Column("id", String), *(Column(name, String) for name in names))
    made = Contact(id="6001;@ab", uri="sip:6001@192.0.2.7;ob")
    assert RowWriter(Contact.__sorcery__, CODECS["odbc"], table).row(made) == {
        "id": "6001^3B@ab",
        "uri": "sip:6001@192.0.2.7^3Bob",
        "qualify_timeout": "3.000000",
        "user_agent": "",
        "prune_on_boot": "no",
        "path": "",
    }


def test_a_default_that_a_column_has_no_room_for_is_left_unset() -> None:
    table = Table("things", MetaData(), Column("id", String), Column("label", String(2)))
    assert RowWriter(Thing.__sorcery__, CODECS["sqlite3"], table).row(Thing(id="a")) == {"id": "a", "label": None}
