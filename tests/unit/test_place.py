from __future__ import annotations

from sorcery.place import Place


def test_a_place_in_a_file_reads_as_editors_take_it() -> None:
    assert str(Place("pjsip.conf", line=12)) == "pjsip.conf:12"
    assert str(Place("pjsip.conf", line=12, column=5)) == "pjsip.conf:12:5"


def test_a_place_in_a_table_names_the_row() -> None:
    assert str(Place("ps_endpoints", row="alice")) == "ps_endpoints row alice"


def test_a_place_without_a_spot_is_its_source() -> None:
    assert str(Place("sorcery.conf")) == "sorcery.conf"


def test_a_row_cannot_break_the_line_that_names_it() -> None:
    assert str(Place("ps_aors", row="a\nb\udcff")) == "ps_aors row a\\nb\\udcff"
