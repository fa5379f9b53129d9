"""Each kind of fault is found, named by table and column, and mended by its own remedy."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from sorcery.findings import Finding, Severity
from sorcery.place import Place
from sorcery_database import address, argument
from sorcery_migrations import adopt, check, check_table, upgrade

POSTGRESQL_FAULTS = {
    "DROP COLUMN qualify_2xx_only": ("missing-column", "qualify_2xx_only"),
    "ALTER via_addr TYPE varchar(20)": ("column-too-short", "via_addr"),
    "ALTER expiration_time TYPE integer": ("column-too-short", "expiration_time"),
    "ALTER via_port TYPE varchar(5)": ("wrong-kind", "via_port"),
    "ALTER uri TYPE integer USING NULL": ("wrong-kind", "uri"),
    "ALTER reg_server TYPE ast_bool_values USING NULL": ("wrong-kind", "reg_server"),
    "ALTER qualify_timeout TYPE integer": ("wrong-kind", "qualify_timeout"),
    "ALTER prune_on_boot TYPE sha_hash_values USING NULL": ("missing-value", "prune_on_boot"),
    "ALTER endpoint SET NOT NULL": ("not-null", "endpoint"),
    "ADD own integer NOT NULL": ("not-null", "own"),
}

MARIADB_FAULTS = {
    "DROP COLUMN qualify_2xx_only": ("missing-column", "qualify_2xx_only"),
    "MODIFY via_addr VARCHAR(20)": ("column-too-short", "via_addr"),
    "MODIFY expiration_time INTEGER": ("column-too-short", "expiration_time"),
    "MODIFY via_port VARCHAR(5)": ("wrong-kind", "via_port"),
    "MODIFY prune_on_boot ENUM('yes','no')": ("missing-value", "prune_on_boot"),
    "MODIFY endpoint VARCHAR(255) NOT NULL": ("not-null", "endpoint"),
}

HARMLESS = (
    "ADD own integer",
    "ADD own_flag integer NOT NULL DEFAULT 1",
    "ADD own_number serial",
    "ADD own_key integer GENERATED ALWAYS AS IDENTITY",
    "ADD own_sum integer GENERATED ALWAYS AS (via_port + 1) STORED NOT NULL",
    "ALTER via_addr TYPE varchar(255)",
    "ALTER call_id TYPE text",
    "ALTER qualify_frequency TYPE bigint",
    "ALTER qualify_timeout TYPE numeric",
    "ALTER prune_on_boot TYPE varchar(5)",
)


def run(database: Engine, *statements: str) -> None:
    with database.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.mark.parametrize(
    ("url", "faults"), [("postgresql", POSTGRESQL_FAULTS), ("mariadb", MARIADB_FAULTS)], indirect=["url"]
)
def test_each_fault_is_found_and_its_remedy_mends_it(
    url: str, database: Engine, faults: dict[str, tuple[str, str]]
) -> None:
    upgrade(url)
    run(database, *(f"ALTER TABLE ps_contacts {fault}" for fault in faults))
    found = check(url)
    assert sorted((each.rule, each.option) for each in found) == sorted(faults.values())
    for each in found:
        assert (each.severity, each.place) == (Severity.ERROR, Place("ps_contacts"))
        assert each.option in each.message
        run(database, each.remedy.rpartition("or: ")[2])
    assert check(url) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_what_harms_no_insert_is_no_fault(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, *(f"ALTER TABLE ps_contacts {change}" for change in HARMLESS))
    assert check(url) == []


@pytest.mark.parametrize(
    ("url", "faults"), [("postgresql", POSTGRESQL_FAULTS), ("mariadb", MARIADB_FAULTS)], indirect=["url"]
)
def test_adopt_mends_every_fault_but_a_column_that_is_not_asterisks(
    url: str, database: Engine, faults: dict[str, tuple[str, str]]
) -> None:
    upgrade(url)
    run(database, *(f"ALTER TABLE ps_contacts {fault}" for fault in faults))
    assert all(
        each.remedy.startswith(f"run `sorcery db adopt {argument(address(url))}`")
        for each in check(url)
        if each.option != "own"
    )
    adopt(url)
    assert [each.option for each in check(url)] == [option for _, option in faults.values() if option == "own"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_an_old_value_list_of_the_same_type_is_extended_by_the_remedy_and_by_adopt(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE TYPE pjsip_dtls_setup_values AS ENUM ('active', 'passive')",
        "CREATE TABLE ps_endpoints (id varchar(255) UNIQUE, dtls_setup pjsip_dtls_setup_values)",
    )
    (finding,) = (each for each in check(url) if each.option == "dtls_setup")
    assert finding.rule == "missing-value"
    assert finding.remedy.endswith("or: ALTER TYPE pjsip_dtls_setup_values ADD VALUE 'actpass'")
    adopt(url)
    assert check(url) == []


@pytest.mark.parametrize("url", ["postgresql", "mariadb"], indirect=True)
def test_a_column_that_may_be_null_and_must_not_is_found_and_mended(url: str, database: Engine) -> None:
    upgrade(url)
    change = "ALTER id DROP NOT NULL" if database.dialect.name == "postgresql" else "MODIFY id VARCHAR(255)"
    run(database, f"ALTER TABLE ps_aors {change}")
    (finding,) = check(url)
    assert (finding.severity, finding.rule, finding.option) == (Severity.ERROR, "nullable", "id")
    run(database, finding.remedy.partition("or: ")[2])
    assert check(url) == []


def test_a_missing_table_is_an_error_and_adopt_mends_it(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, "DROP TABLE ps_contacts")
    assert check(url) == [
        Finding(
            severity=Severity.ERROR,
            rule="missing-table",
            message="the table ps_contacts does not exist",
            remedy=f"run `sorcery db adopt {argument(address(url))}`",
            place=Place("ps_contacts"),
        )
    ]
    adopt(url)
    assert check(url) == []


def test_an_empty_database_misses_each_table_once(url: str, database: Engine, facts: dict[str, Any]) -> None:
    database.connect().close()
    tables = [finding.place.source for finding in check(url) if finding.place]
    assert sorted(tables) == sorted(name for name, fact in facts["tables"].items() if fact["project"] == "config")


def test_a_column_that_asterisk_only_reads_is_missed_with_a_warning(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, "ALTER TABLE ps_globals DROP COLUMN norefersub")
    (finding,) = check(url)
    assert (finding.severity, finding.rule, finding.option) == (
        Severity.WARNING,
        "missing-column",
        "norefersub",
    )
    assert "ALTER TABLE ps_globals ADD COLUMN norefersub" in finding.remedy


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_sqlite_faults_are_found_too(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE TABLE ps_domain_aliases "
        "(key INTEGER PRIMARY KEY, id VARCHAR(255) NOT NULL, domain VARCHAR(20), own TEXT NOT NULL)",
        "CREATE TABLE ps_inbound_publications (id TEXT UNIQUE, endpoint INTEGER,"
        ' "event_asterisk-devicestate" TEXT, "event_asterisk-mwi" TEXT)',
    )
    tables = ("ps_domain_aliases", "ps_inbound_publications")
    found = [(each.place.source, each.rule, each.option) for each in check(url) if each.place]
    assert [each for each in found if each[0] in tables] == [
        ("ps_domain_aliases", "column-too-short", "domain"),
        ("ps_domain_aliases", "not-unique", "id"),
        ("ps_domain_aliases", "not-null", "own"),
        ("ps_inbound_publications", "wrong-kind", "endpoint"),
        ("ps_inbound_publications", "nullable", "id"),
    ]
    adopt(url)
    assert [each.option for each in check(url)] == ["own"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_row_id_that_sqlite_fills_in_is_no_fault(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE TABLE ps_domain_aliases (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, domain TEXT)",
    )
    upgrade(url)
    assert check(url) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_integers_of_sqlite_are_long_enough_whatever_they_are_called(url: str, database: Engine) -> None:
    run(database, "CREATE TABLE ps_contacts (id VARCHAR(255) NOT NULL UNIQUE, expiration_time INTEGER)")
    upgrade(url)
    assert check(url) == []


def test_double_ids_are_forbidden_by_the_remedy(url: str, database: Engine) -> None:
    run(database, "CREATE TABLE aliases (id VARCHAR(255) NOT NULL, domain VARCHAR(255))")
    (finding,) = check_table(url, "aliases", "ps_domain_aliases") or []
    assert (finding.rule, finding.option) == ("not-unique", "id")
    run(database, finding.remedy.partition("then: ")[2])
    assert check_table(url, "aliases", "ps_domain_aliases") == []


def test_ids_that_are_there_twice_are_named(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE TABLE aliases (id VARCHAR(255) NOT NULL, domain VARCHAR(255))",
        "INSERT INTO aliases (id) VALUES ('alice'), ('bob'), ('alice')",
    )
    (finding,) = check_table(url, "aliases", "ps_domain_aliases") or []
    assert (finding.rule, finding.option) == ("not-unique", "id")
    assert finding.message == "the same id in several rows: 'alice' 2 times"


def test_a_view_is_checked_by_its_columns(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE TABLE phones (id VARCHAR(255), domain VARCHAR(20))",
        "CREATE VIEW ps_domain_aliases AS SELECT id FROM phones",
    )
    upgrade(url)
    (finding,) = check(url)
    assert (finding.rule, finding.option) == ("missing-column", "domain")
    assert finding.remedy == "add the column to the view ps_domain_aliases"


def test_one_table_of_another_name_is_compared_with_one_of_asterisks(url: str, database: Engine) -> None:
    run(database, "CREATE TABLE aliases (id VARCHAR(255) NOT NULL UNIQUE, domain VARCHAR(20))")
    found = check_table(url, "aliases", "ps_domain_aliases")
    assert found is not None
    assert [(each.option, each.rule) for each in found] == [("domain", "column-too-short")]
    assert check_table(url, "aliases", "own_table") is None
    missing = check_table(url, "no_table", "ps_domain_aliases")
    assert missing is not None
    assert [each.rule for each in missing] == ["missing-table"]


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_table_in_a_schema_is_compared_and_mended_there(url: str, database: Engine) -> None:
    run(
        database,
        "CREATE SCHEMA pbx",
        "CREATE TABLE pbx.ps_domain_aliases (id VARCHAR(255), domain VARCHAR(20))",
    )
    found = check_table(url, "pbx.ps_domain_aliases", "ps_domain_aliases")
    assert found is not None
    assert [each.rule for each in found] == ["column-too-short", "not-unique", "nullable"]
    run(database, found[0].remedy, found[1].remedy.partition("then: ")[2], found[2].remedy)
    assert check_table(url, "pbx.ps_domain_aliases", "ps_domain_aliases") == []


@pytest.mark.parametrize("url", ["sqlite", "postgresql", "mariadb"], indirect=True)
def test_a_missing_index_is_a_warning_that_says_what_is_slow_and_its_remedy_mends_it(
    url: str, database: Engine
) -> None:
    upgrade(url)
    on = " ON ps_contacts" if database.dialect.name == "mysql" else ""
    run(database, f"DROP INDEX ps_contacts_qualifyfreq_exp{on}")
    (found,) = check(url)
    assert (found.severity, found.rule, found.place) == (Severity.WARNING, "missing-index", Place("ps_contacts"))
    assert found.message == (
        "there is no index of qualify_frequency, expiration_time: each search by them reads the whole table"
    )
    assert found.remedy.startswith(f"run `sorcery db adopt {argument(address(url))}`, or: CREATE INDEX ")
    run(database, found.remedy.rpartition("or: ")[2])
    assert check(url) == []


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_the_index_for_prefixes_is_a_note_for_asterisk_makes_none(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, "DROP INDEX sorcery_ps_contacts_id")
    (found,) = check(url)
    assert found.severity is Severity.NOTE
    assert found.message == "there is no index of the beginnings of id: each search by them reads the whole table"
    assert adopt(url) == ["CREATE INDEX sorcery_ps_contacts_id ON ps_contacts (id varchar_pattern_ops)"]
    assert check(url) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_index_of_another_name_or_a_key_serves_as_well(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, "DROP INDEX ps_contacts_qualifyfreq_exp", "DROP INDEX ps_aors_id")  # the latter beside a key
    run(database, "CREATE INDEX own ON ps_contacts (qualify_frequency, expiration_time)")
    assert check(url) == []


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_an_index_of_a_table_of_another_name_gets_a_name_of_its_own(url: str, database: Engine) -> None:
    upgrade(url)
    run(database, "DROP INDEX ps_aors_qualifyfreq_contact", "ALTER TABLE ps_aors RENAME TO my_aors")
    found = check_table(url, "my_aors", "ps_aors")
    assert found is not None
    assert [each.remedy for each in found] == [
        "CREATE INDEX my_aors_qualify_frequency_contact ON my_aors (qualify_frequency, contact)"
    ]
