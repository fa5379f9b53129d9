"""Tables of many."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery import ConfigurationError
from sorcery.recipes import phone
from sorcery_cli.exits import Misuse
from sorcery_cli.recipes.parameters import parameters
from sorcery_cli.recipes.table import rows_of

OWN = parameters(phone)


def test_a_table_of_a_spreadsheet_is_read(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_bytes("\ufeffid;name\r\n".replace(";", ",").encode() + 'a,"Ä, ö"\r\n'.encode())
    (row,) = rows_of(table, OWN)
    assert (row.id, dict(row.values), str(row.place)) == ("a", {"name": "Ä, ö"}, f"{table}:2")


def test_a_password_is_not_in_what_is_printed_of_a_row(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("id,secret,auth/refresh_token\na,hunter2,hunter2\n")
    assert "hunter2" not in repr(rows_of(table, OWN))


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_bytes(b"id,name\na,\xff\n")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        rows_of(table, OWN)


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("")
    with pytest.raises(ConfigurationError, match="no column id"):
        rows_of(table, OWN)


def test_a_file_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="No such file"):
        rows_of(tmp_path / "nowhere.csv", OWN)
