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
    table.write_bytes(b"id,name\nb,\xc3\xa4\na,\xff\n")
    with pytest.raises(ConfigurationError, match=r"phones\.csv:3: this is no UTF-8; save the table as CSV in UTF-8"):
        rows_of(table, OWN)


def test_a_quote_that_is_left_open_does_not_swallow_the_rows_below(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text('id,name\na,Alice\nb,"Bob\nc,Carol\n')
    with pytest.raises(ConfigurationError, match=r"phones\.csv:3: .* cannot be read: unexpected end of data; close"):
        rows_of(table, OWN)


def test_a_row_over_several_lines_is_named_by_its_first(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text('id,name\na,"Alice\nand Bob"\n\nc,Carol\n')
    assert [str(row.place) for row in rows_of(table, OWN)] == [f"{table}:2", f"{table}:5"]


@pytest.mark.parametrize("header", ["id,name,name", "id,max-contacts,max_contacts", "id,name,id"])
def test_two_columns_of_one_name_are_told(tmp_path: Path, header: str) -> None:
    table = tmp_path / "phones.csv"
    table.write_text(f"{header}\na,1,2\n")
    with pytest.raises(ConfigurationError, match=r"phones\.csv:1: two columns are called"):
        rows_of(table, OWN)


def test_an_empty_file_has_no_columns(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("")
    with pytest.raises(ConfigurationError, match="no column id"):
        rows_of(table, OWN)


def test_a_line_of_an_object_may_have_several_columns(tmp_path: Path) -> None:
    table = tmp_path / "phones.csv"
    table.write_text("id,endpoint/set_var,endpoint/set_var\na,A=1,B=2\n")
    (row,) = rows_of(table, OWN)
    assert [line.text for line in row.lines] == ["A=1", "B=2"]


def test_a_file_that_is_not_there_is_misuse(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="No such file"):
        rows_of(tmp_path / "nowhere.csv", OWN)
