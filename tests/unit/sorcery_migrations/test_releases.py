"""What a release expects of the tables: that of its own head, by the facts of Asterisk's revisions."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.release import BRANCHES, Release
from sorcery_migrations.releases import columns_for
from sorcery_migrations.roles import schema


@pytest.mark.parametrize("branch", BRANCHES)
def test_each_release_expects_the_columns_of_its_head(facts: dict[str, Any], branch: int) -> None:
    tables = schema("config", "postgresql").tables
    for first, _, head in facts["heads_by_release"][str(branch)]:
        if not first.endswith(".0"):
            continue  # a release that mended another one within a week
        for name, fact in facts["tables"].items():
            if fact["project"] == "config":
                found = [column.name for column in columns_for(tables[name], Release.parse(first), "postgresql")]
                known = [each["name"] for each in fact["columns"] if each["revision"] <= head]
                assert found == known, (first, name)


def test_a_branch_without_a_minor_number_is_its_newest_release() -> None:
    table = schema("config", "postgresql").tables["ps_transports"]
    names = {
        text: {each.name for each in columns_for(table, Release.parse(text), "postgresql")} for text in ("22", "22.11")
    }
    assert names["22.11"] - names["22"] == {"external_signaling_hostname"}


@pytest.mark.parametrize(
    ("release", "table", "column", "type_"),
    [
        ("20.4", "ps_aors", "id", "VARCHAR(40)"),
        ("20.6", "ps_aors", "id", "VARCHAR(255)"),
        ("20.6", "ps_aors", "support_path", "VARCHAR(3)"),
        ("20.7", "ps_aors", "support_path", "VARCHAR(5)"),
        ("20.0", "ps_endpoints", "100rel", "VARCHAR(8)"),
        ("20.0", "ps_endpoints", "send_history_info", "VARCHAR(5)"),
    ],
)
def test_a_release_expects_the_types_of_its_head(release: str, table: str, column: str, type_: str) -> None:
    found = {
        each.name: each
        for each in columns_for(schema("config", "sqlite").tables[table], Release.parse(release), "sqlite")
    }
    assert str(found[column].type) == type_


def test_a_release_that_does_not_know_a_table_expects_nothing_of_it() -> None:
    assert columns_for(schema("config", "sqlite").tables["stir_tn"], Release.parse("20.4"), "sqlite") == []
