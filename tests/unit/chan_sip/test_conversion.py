"""Whole configurations: what they become, what is told of each line, and what sections mean together."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.chan_sip import Verdict, convert, convert_rows, pjsip_conf
from sorcery.conf import read_conf
from sorcery.release import Release
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, peer, verdict

DATA = Path(__file__).parents[2] / "data/chan_sip"
CASES = sorted(path.parent for path in DATA.glob("*/sip.conf"))


def test_there_are_ten_configurations() -> None:
    assert len(CASES) == 10


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_configuration_becomes_the_file_that_lies_beside_it(case: Path) -> None:
    assert pjsip_conf(convert(read_conf(case / "sip.conf"))) == (case / "pjsip.conf").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_line_is_told_as_the_report_beside_it_says(case: Path) -> None:
    notes = convert(read_conf(case / "sip.conf")).notes
    told = "".join(f"{each}\n" for each in notes).replace(f"{case}/", "")
    assert told == (case / "report.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_line_has_one_note(case: Path) -> None:
    conf = read_conf(case / "sip.conf")
    lines = [(name.name, each.key, each.value) for name in conf.sections() for each in name.variables]
    told = [(each.section, each.option) for each in convert(conf).notes if each.place.line is not None]
    assert sorted(each for each in told if each[0] != "unused") == sorted((name, key) for name, key, _ in lines)


def test_a_general_line_counts_for_peers_that_say_nothing() -> None:
    made = converted(f"{CLOSED}language = de\n[a]\ntype = friend\n[b]\ntype = friend\nlanguage = fr\n")
    assert (options(made, "endpoint", "a")["language"], options(made, "endpoint", "b")["language"]) == ("de", "fr")


def test_the_general_section_counts_first_wherever_it_stands() -> None:
    made = converted("[a]\ntype = friend\nallow = g722\n[general]\nallowguest = no\ndisallow = all\nallow = alaw\n")
    assert options(made, "endpoint", "a")["allow"] == "alaw,g722"


def test_an_unknown_option_is_lost_with_what_was_meant() -> None:
    made = peer("contxt = inside")
    assert (verdict(made, "contxt"), "did you mean context?" in note(made, "contxt").why) == (Verdict.LOST, True)


def test_the_value_of_an_unknown_option_may_be_a_password_and_is_not_shown() -> None:
    assert "hunter2" not in str(note(peer("secert = hunter2"), "secert"))


def test_an_option_of_the_general_section_is_passed_over_in_a_peer() -> None:
    assert "an option of [general]" in note(peer("bindport = 5080"), "bindport").why


@pytest.mark.parametrize("line", ["accountcode = x", "amaflags = billing", "encryption = yes", "avpf = yes"])
def test_an_option_of_peers_is_passed_over_in_the_general_section(line: str) -> None:
    made = peer("", line)
    assert "an option of a peer" in note(made, line.partition(" ")[0]).why
    assert options(made, "endpoint") == options(peer(""), "endpoint")


def test_sections_of_one_name_become_one_endpoint() -> None:
    made = converted(f"{CLOSED}[x]\ntype = user\ncontext = in\n[x]\ntype = peer\nhost = 192.0.2.1\n")
    assert ids(made, "endpoint") == ["x"]
    assert options(made, "endpoint", "x")["context"] == "in"
    assert verdict(made, "type") is Verdict.CHANGED


def test_a_section_without_type_is_lost_as_chan_sip_passes_over_it() -> None:
    made = converted(f"{CLOSED}[x]\nhost = dynamic\n")
    assert (ids(made, "endpoint"), verdict(made, "host")) == ([], Verdict.LOST)


def test_a_template_that_nobody_uses_is_lost() -> None:
    made = converted(f"{CLOSED}[t](!)\ncontext = nowhere\n")
    assert (verdict(made, "context"), note(made, "context").section) == (Verdict.LOST, "t")


@pytest.mark.parametrize("name", ["general", "authentication"])
def test_a_template_of_a_name_with_a_meaning_is_a_template(name: str) -> None:
    made = converted(f"[{name}](!)\ncontext = a\nauth = a:b@c\n[x]\ntype = friend\n")
    assert {note(made, option).why for option in ("context", "auth")} == {"no section uses this template"}
    assert ids(made, "auth") == []


def test_each_use_of_a_template_has_its_own_notes() -> None:
    made = converted(f"{CLOSED}[t](!)\ntype = friend\n[a](t)\n[b](t)\n")
    assert [each.section for each in made.notes if each.option == "type"] == ["a", "b"]


def test_what_the_reader_passed_over_is_lost() -> None:
    made = converted(f"{CLOSED}[a]\ntype = friend\nno equals sign\n")
    assert next(each.why for each in made.notes if not each.option).startswith("not read: ")
    assert not made.is_faithful


def test_a_faithful_conversion_lost_and_changed_nothing() -> None:
    assert peer("context = inside").is_faithful
    assert not peer("description = A phone").is_faithful


def test_a_name_that_cannot_be_dialled_is_told() -> None:
    assert "cannot name it" in note(peer("", name="a/b"), "type").why


def test_guests_are_let_in_unless_told_otherwise() -> None:
    made = converted("[general]\ncontext = visitors\n")
    assert options(made, "endpoint", "anonymous")["context"] == "visitors"
    assert note(made, "allowguest").verdict is Verdict.DEFAULT
    assert ids(converted(CLOSED), "endpoint") == []


def test_what_a_release_does_not_know_is_lost() -> None:
    text = f"{CLOSED}[p]\ntype = friend\nsnom_aoc_enabled = yes\n"
    made = converted(text, Release(20, 0))
    assert (verdict(made, "snom_aoc_enabled"), "send_aoc" in options(made, "endpoint")) == (Verdict.LOST, False)
    assert options(converted(text, Release(20, 1)), "endpoint")["send_aoc"] == "yes"


def test_rows_become_objects_and_null_is_no_setting() -> None:
    row = {"id": 1, "name": "101", "type": "friend", "host": "dynamic", "secret": "rows3cret", "context": None}
    made = convert_rows([row | {"port": 5060, "regseconds": 0, "call-limit": 2, "lastms": 0}])
    assert ids(made, "endpoint") == ["101"]
    assert options(made, "endpoint", "101")["device_state_busy_at"] == "2"
    assert str(note(made, "call-limit").place) == "sippeers row 101"
    assert "no setting" in note(made, "regseconds").why
    assert (ids(made, "transport"), verdict(made, "port")) == ([], Verdict.MAPPED)


def test_a_column_of_several_values_is_several_lines() -> None:
    row = {"name": "a", "type": "friend", "setvar": "A=1;B=2", "allow": "!all;alaw;ulaw", "secret": "x^3By"}
    made = convert_rows([row])
    assert (options(made, "endpoint", "a")["set_var"], options(made, "endpoint", "a")["allow"]) == (
        "A=1 B=2",
        "alaw,ulaw",
    )
    assert options(made, "auth", "a")["password"] == "x;y"
    assert options(convert_rows([row], splits=False), "auth", "a")["password"] == "x^3By"


def test_a_row_without_a_name_is_lost() -> None:
    made = convert_rows([{"name": None, "type": "friend", "host": "dynamic"}])
    assert (made.parts, verdict(made, "host"), note(made, "host").why) == ((), Verdict.LOST, "the row has no name")


@pytest.mark.parametrize("name", ["general", "authentication"])
def test_a_row_is_a_peer_whatever_its_name(name: str) -> None:
    assert ids(convert_rows([{"name": name, "type": "friend", "host": "dynamic"}]), "endpoint") == [name]


def test_of_users_without_a_type_is_told_what_their_names_mean_in_pjsip() -> None:
    made = convert_rows([], users=[{"name": "anonymous", "secret": "rows3cret"}, {"name": "a/b"}])
    told = {each.section: each.why for each in made.notes if each.verdict is Verdict.CHANGED}
    assert "for all callers that nobody knows" in told["anonymous"]
    assert "cannot name it" in told["a/b"]


def test_defaults_of_users_alone_are_told_of_their_own_table() -> None:
    made = convert_rows([], users=[{"name": "caller"}], users_table="callers")
    assert {each.place.source for each in made.notes} == {"callers"}


def test_what_no_file_can_hold_is_lost() -> None:
    rows = [{"name": "a", "type": "friend", "accountcode": "x\ny"}, {"name": "b]c", "type": "friend"}]
    made = convert_rows(rows)
    assert ids(made, "endpoint") == ["a"]
    assert "accountcode" not in options(made, "endpoint", "a")
    assert (verdict(made, "accountcode"), verdict(made, "type")) == (Verdict.LOST, Verdict.LOST)
    assert pjsip_conf(made).count("type = endpoint") == 1


def test_rows_take_the_defaults_of_the_file_beside_them(tmp_path: Path) -> None:
    (tmp_path / "sip.conf").write_text(f"{CLOSED}language = de\n[f]\ntype = friend\n")
    rows = [{"name": "r", "type": "friend", "host": "dynamic"}]
    made = convert_rows(rows, table="peers", conf=read_conf(tmp_path / "sip.conf"))
    assert ids(made, "endpoint") == ["f", "r"]
    assert options(made, "endpoint", "r")["language"] == "de"
    assert ids(made, "transport") == ["transport-udp"]


def test_objects_are_what_the_parts_say() -> None:
    objects = {(each.__sorcery__.name, each.id): each for each in peer("context = inside").objects()}
    assert objects["endpoint", "p"].text("context") == "inside"
    assert objects["aor", "p"].text("max_contacts") == "1"


def test_counts_are_by_verdict() -> None:
    counts = peer("description = x\ncall-limit = 2").counts()
    assert (counts["lost"], counts["changed"], counts["mapped"]) == (1, 1, 4)
