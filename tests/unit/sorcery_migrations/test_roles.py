"""The created tables equal what Asterisk's own migrations create, role by role and column by column."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, NullPool, create_engine, inspect

from sorcery_database import address
from sorcery_migrations import ROLES, upgrade
from sorcery_migrations.roles import schema
from tests.conftest import new_mariadb_database

Facts = dict[str, Any]
SEQUENCE = "nextval("


def made(url: str) -> Engine:
    for role in ROLES:
        upgrade(url, role)
    return create_engine(address(url), poolclass=NullPool)


@pytest.fixture
def inspector(url: str) -> Iterator[Inspector]:
    engine = made(url)
    yield inspect(engine)
    engine.dispose()


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[Inspector]:
    engine = made(postgresql_url)
    yield inspect(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def mariadb(mariadb_socket: Path) -> Iterator[Inspector]:
    with new_mariadb_database(mariadb_socket) as url:
        engine = made(url)
        yield inspect(engine)
        engine.dispose()


def pairs(constraints: Any, columns: str) -> list[tuple[str, list[str]]]:
    return sorted((each["name"], each[columns]) for each in constraints)


def test_tables_columns_and_indexes_have_the_names_and_the_order_of_the_facts(
    inspector: Inspector, facts: Facts
) -> None:
    tables = {name for name in inspector.get_table_names() if not name.startswith("sorcery_")}
    assert tables == set(facts["tables"])
    for table, fact in facts["tables"].items():
        columns = inspector.get_columns(table)
        assert [each["name"] for each in columns] == [each["name"] for each in fact["columns"]], table
        defaults = {each["default"] for each in columns if not str(each["default"]).startswith(SEQUENCE)}
        assert defaults <= {None}, table
        plain = [index for index in inspector.get_indexes(table) if not index["unique"]]
        asterisks = [index for index in plain if not str(index["name"]).startswith("sorcery_")]
        known = pairs(fact["indexes"], "columns")
        assert [pair for pair in pairs(asterisks, "column_names") if not pair[0].startswith("fk_")] == known, table


def test_a_role_has_the_tables_of_its_project(facts: Facts) -> None:
    for role in ROLES:
        tables = {name for name, fact in facts["tables"].items() if fact["project"] == role}
        assert set(schema(role, "postgresql").tables) == tables


def test_postgresql_columns_and_keys_are_those_of_the_facts(postgresql: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in postgresql.get_columns(table)}
        for column in fact["columns"]:
            there = found[column["name"]]
            type_ = str(there["type"]).lower().replace("timestamp", "timestamp without time zone")
            assert (getattr(there["type"], "name", None) or type_) == column["pg"], (table, column)
            assert there["nullable"] == column["nullable"], (table, column)
            counts = (column.get("autoincrement") or {}).get("postgresql", False)
            assert str(there["default"]).startswith(SEQUENCE) == counts, (table, column)
        constraints = pairs(postgresql.get_unique_constraints(table), "column_names")
        assert constraints == pairs(fact["unique"]["postgresql"], "columns"), table
        key = postgresql.get_pk_constraint(table)
        expected = fact["primary_key"] or {"columns": [], "pg_name": None}
        assert (key["constrained_columns"], key["name"]) == (expected["columns"], expected["pg_name"])
        references = pairs(postgresql.get_foreign_keys(table), "constrained_columns")
        assert references == pairs(fact["foreign_keys"], "columns"), table
    enums = postgresql.get_enums()  # type: ignore[attr-defined]
    assert {each["name"]: each["labels"] for each in enums} == facts["enum_types"]


def test_postgresql_finds_the_contacts_of_an_aor_by_an_index(postgresql: Inspector) -> None:
    with postgresql.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        query = "EXPLAIN SELECT * FROM ps_contacts WHERE id LIKE %s"
        plan = "\n".join(row[0] for row in connection.exec_driver_sql(query, ("alice^3B@%",)))
    assert "Index Cond: (((id)::text ~>=~ 'alice^3B@'::text)" in plan


def test_mariadb_columns_and_keys_are_those_of_the_facts(mariadb: Inspector, facts: Facts) -> None:
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in mariadb.get_columns(table)}
        for column in fact["columns"]:
            there = found[column["name"]]
            assert mysql_type(there["type"]) == column["mysql"], (table, column)
            assert there["nullable"] == column.get("nullable_mysql", column["nullable"]), (table, column)
            counts = (column.get("autoincrement") or {}).get("mysql", False)
            assert there.get("autoincrement", False) is counts, (table, column)
        constraints = pairs(mariadb.get_unique_constraints(table), "column_names")
        assert constraints == pairs(fact["unique"]["mysql"], "columns"), table
        key = (fact["primary_key"] or {"columns": []})["columns"]
        assert mariadb.get_pk_constraint(table)["constrained_columns"] == key


def mysql_type(type_: Any) -> str:
    if hasattr(type_, "enums"):
        return "enum"
    name = str(type_).lower()
    width = getattr(type_, "display_width", None)
    return name if width is None or "(" in name else f"{name}({width})"


def test_sqlite_holds_enumerations_as_text_and_the_rest_in_the_same_kinds(sqlite_url: str, facts: Facts) -> None:
    engine = made(sqlite_url)
    kinds = {"integer": "INTEGER", "bigint": "BIGINT", "float": "FLOAT", "boolean": "BOOLEAN", "text": "TEXT"}
    kinds |= {"datetime": "DATETIME", "numeric": "NUMERIC(5, 2)", "binary": "BLOB"}
    for table, fact in facts["tables"].items():
        found = {each["name"]: each for each in inspect(engine).get_columns(table)}
        for column in fact["columns"]:
            there, type_ = found[column["name"]], str(found[column["name"]]["type"])
            if column["type"] == "enum":
                assert type_ == f"VARCHAR({max(map(len, facts['enum_types'][column['pg']]))})"
            elif (column.get("autoincrement") or {}).get("postgresql"):
                assert type_ == "INTEGER"  # which alone SQLite numbers rows by
            else:
                length = re.fullmatch(r"string\((\d+)\)", column["type"])
                assert type_ == (f"VARCHAR({length[1]})" if length else kinds[column["type"]])
            assert there["nullable"] == column["nullable"], (table, column)
    engine.dispose()


@pytest.mark.parametrize("role", ROLES)
def test_each_call_returns_a_copy_so_that_one_engine_does_not_change_another(role: str) -> None:
    assert schema(role, "mariadb") is not schema(role, "mariadb")
    first, second = (next(iter(schema(role, "postgresql").tables.values())) for _ in range(2))
    assert first is not second


def test_mariadb_is_as_asterisks_migrations_leave_it_where_these_differ_by_engine() -> None:
    assert schema("config", "mariadb").tables["ps_contacts"].c.id.nullable
    assert not schema("config", "postgresql").tables["ps_contacts"].c.id.nullable
