"""The created tables equal what Asterisk's own migrations create, column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, NullPool, create_engine, inspect

from sorcery_database import address
from sorcery_migrations import upgrade
from sorcery_migrations.config.asterisk_2285f2ace275 import schema

Facts = dict[str, Any]


@pytest.fixture
def inspector(url: str, database: Engine) -> Inspector:
    upgrade(url)
    return inspect(database)


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Inspector]:
    upgrade(postgresql_url)
    engine = create_engine(address(postgresql_url), poolclass=NullPool)
    yield inspect(engine)
    engine.dispose()


@pytest.fixture
def mariadb(mariadb_url: str) -> Iterator[Inspector]:
    upgrade(mariadb_url)
    engine = create_engine(address(mariadb_url), poolclass=NullPool)
    yield inspect(engine)
    engine.dispose()


def pairs(constraints: Any, columns: str) -> list[tuple[str, list[str]]]:
    return sorted((each["name"], each[columns]) for each in constraints)


def test_every_table_of_the_facts_is_created_and_no_other(inspector: Inspector, facts: Facts) -> None:
    created = set(inspector.get_table_names()) - {"sorcery_version_config"}
    assert created == set(facts["tables"])


def test_columns_stand_in_the_order_of_the_facts_without_defaults(inspector: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        columns = inspector.get_columns(table)
        assert [each["name"] for each in columns] == [each["name"] for each in fact["columns"]], table
        assert {each["default"] for each in columns} == {None}, table


def test_indexes_carry_the_names_and_columns_of_the_facts(inspector: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        plain = [each for each in inspector.get_indexes(table) if not each["unique"]]
        assert pairs(plain, "column_names") == pairs(fact["indexes"], "columns"), table


def test_postgresql_columns_have_the_types_of_the_facts(postgresql: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in postgresql.get_columns(table)}
        for column in fact["columns"]:
            there = found[column["name"]]
            type_ = str(there["type"]).lower()
            assert (getattr(there["type"], "name", None) or type_) == column["pg"], (table, column)
            assert there["nullable"] == column["nullable"], (table, column)


def test_postgresql_unique_constraints_and_keys_have_the_names_of_the_facts(
    postgresql: Inspector, facts: Facts
) -> None:
    for table, fact in facts["tables"].items():
        constraints = pairs(postgresql.get_unique_constraints(table), "column_names")
        assert constraints == pairs(fact["unique"]["postgresql"], "columns"), table
        key = postgresql.get_pk_constraint(table)
        expected = fact["primary_key"] or {"columns": [], "pg_name": None}
        assert (key["constrained_columns"], key["name"]) == (expected["columns"], expected["pg_name"])


def test_postgresql_named_types_have_the_values_of_the_facts_in_order(postgresql: Inspector, facts: Facts) -> None:
    enums = postgresql.get_enums()  # type: ignore[attr-defined]
    assert {each["name"]: each["labels"] for each in enums} == facts["enum_types"]


def test_mariadb_columns_and_keys_are_those_of_the_facts(mariadb: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in mariadb.get_columns(table)}
        for column in fact["columns"]:
            there = found[column["name"]]
            assert mysql_type(there["type"]) == column["mysql"], (table, column)
            assert there["nullable"] == column.get("nullable_mysql", column["nullable"]), (table, column)
        constraints = pairs(mariadb.get_unique_constraints(table), "column_names")
        assert constraints == pairs(fact["unique"]["mysql"], "columns"), table


def mysql_type(type_: Any) -> str:
    if hasattr(type_, "enums"):
        return "enum"
    name = str(type_).lower()
    width = getattr(type_, "display_width", None)
    return name if width is None or "(" in name else f"{name}({width})"


def test_sqlite_holds_enumerations_as_text_and_the_rest_in_the_same_kinds(sqlite_url: str, facts: Facts) -> None:
    upgrade(sqlite_url)
    engine = create_engine(sqlite_url, poolclass=NullPool)
    kinds = {"integer": "INTEGER", "bigint": "BIGINT", "float": "FLOAT", "boolean": "BOOLEAN", "text": "TEXT"}
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in inspect(engine).get_columns(table)}
        for column in fact["columns"]:
            there, type_ = found[column["name"]], str(found[column["name"]]["type"])
            if column["type"] == "enum":
                assert type_ == f"VARCHAR({max(map(len, facts['enum_types'][column['pg']]))})"
            else:
                length = re.fullmatch(r"string\((\d+)\)", column["type"])
                assert type_ == (f"VARCHAR({length[1]})" if length else kinds[column["type"]])
            assert there["nullable"] == column["nullable"], (table, column)
    engine.dispose()


def test_each_call_returns_a_copy_so_that_one_engine_does_not_change_another() -> None:
    assert schema("mariadb").tables["ps_contacts"].c.id.nullable
    assert not schema("postgresql").tables["ps_contacts"].c.id.nullable
