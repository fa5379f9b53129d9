from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Enum,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

from sorcery_realtime.tables import Misfit, TableName, fit, has_unique_id, is_storable


def column(kind: TypeEngine[object]) -> Column[object]:
    return Column("c", kind)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (String(3), "abc", "abc"),
        (String(), "x" * 5000, "x" * 5000),
        (Text(), "", ""),
        (Enum("yes", "no"), "yes", "yes"),
        (Enum("yes", "no"), "", None),
        (Integer(), "17", 17),
        (Integer(), "", None),
        (Integer(), "yes", 1),
        (BigInteger(), "1760000000", 1760000000),
        (Float(), "3.5", 3.5),
        (Boolean(), "no", False),
        (Boolean(), "yes", True),
        (Boolean(), "", None),
    ],
)
def test_a_text_becomes_a_value_of_the_column(kind: TypeEngine[object], text: str, value: object) -> None:
    assert fit(column(kind), text) == value
    assert type(fit(column(kind), text)) is type(value)


@pytest.mark.parametrize(
    ("kind", "text", "names"),
    [
        (String(3), "abcd", ["column c", "3 characters", "4"]),
        (Enum("yes", "no"), "maybe", ["column c", "'maybe'", "yes, no"]),
        (Integer(), "many", ["column c", "numbers"]),
        (Integer(), str(2**63), ["column c", "numbers"]),
        (Float(), "half", ["column c", "numbers"]),
        (String(), "a\0b", ["column c", "characters"]),
        (String(), "\udcff", ["column c", "characters"]),
    ],
)
def test_a_misfit_names_column_value_or_limit(kind: TypeEngine[object], text: str, names: list[str]) -> None:
    with pytest.raises(Misfit) as misfit:
        fit(column(kind), text)
    assert all(name in misfit.value.reason + misfit.value.remedy for name in names)


def test_a_table_may_be_named_with_its_schema() -> None:
    assert TableName.parse("ps_auths") == TableName("ps_auths")
    assert TableName.parse("pbx.ps_auths") == TableName("ps_auths", "pbx")
    assert str(TableName.parse("pbx.ps_auths")) == "pbx.ps_auths"


def test_an_id_is_unique_by_a_key_of_its_own_only() -> None:
    def table(*more: UniqueConstraint, primary: bool = False) -> Any:
        return Table("t", MetaData(), Column("id", String, primary_key=primary), Column("x", String), *more)

    assert has_unique_id(table(UniqueConstraint("id")))
    assert has_unique_id(table(primary=True))
    assert not has_unique_id(table(UniqueConstraint("id", "x")))
    assert not has_unique_id(table())


@pytest.mark.parametrize(("text", "answer"), [("alice", True), ("Zoë;@", True), ("a\0", False), ("\ud800", False)])
def test_what_no_database_could_hold_is_told(text: str, *, answer: bool) -> None:
    assert is_storable(text) is answer
