"""What statements for many rows are given."""

from __future__ import annotations

import psycopg
import pytest

from sorcery_realtime import bulk
from sorcery_realtime.tables import Value

TEXTS = ["{a,b}", 'say "x"', "back\\slash", '\\"', "NULL", "", "null", " a;b^c ", "it's", "tab\tline\n", "ü€😀", "%s"]


@pytest.mark.parametrize(
    ("element", "values"),
    [("text", [*TEXTS, None]), ("integer", [1, -7, None]), ("boolean", [True, False, None]), ("float8", [0.1, 1e300])],
)
def test_the_text_of_an_array_is_read_as_its_values(postgresql_url: str, element: str, values: list[Value]) -> None:
    with psycopg.connect(postgresql_url) as connection:
        read = connection.execute(f"SELECT %s::{element}[]", [bulk._array(values)]).fetchone()
    assert read == (values,)
