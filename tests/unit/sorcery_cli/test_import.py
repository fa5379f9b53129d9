"""`sorcery import`: the file that is printed, the report, and the objects that are created."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery_cli import main

DATA = Path(__file__).parents[2] / "data/chan_sip"
CASES = sorted(path.parent for path in DATA.glob("*/sip.conf"))
CERTIFICATES = Path(__file__).parents[2] / "data/certificates"
SIP = """\
[general]
allowguest = no
disallow = all
allow = alaw

[101]
type = friend
host = dynamic
secret = {secret}
context = inside
"""
SECRET = "kT84mPzq"
ACL = "[lan]\npermit = 192.168.0.0/16\n[office]\npermit = 10.0.0.0/8\n"


@pytest.fixture
def sip(tmp_path: Path) -> Path:
    """Return a sip.conf with one phone, of which nothing is lost."""
    path = tmp_path / "sip.conf"
    path.write_text(SIP.format(secret=SECRET))
    return path


def ids(target: str | Path, name: str) -> list[str]:
    with Sorcery.open(target) as s:
        return [obj.id for obj in s.retrieve_all(name)]


def test_a_pjsip_conf_is_printed_that_loads(run: Any, sip: Path, tmp_path: Path) -> None:
    result = run("import", sip)
    assert result.code == 0
    target = tmp_path / "etc"
    target.mkdir()
    (target / "pjsip.conf").write_text(result.out)
    assert [ids(target, name) for name in ("endpoint", "auth", "aor", "transport")] == [
        ["101"],
        ["101"],
        ["101"],
        ["transport-udp"],
    ]


def test_bytes_that_are_no_utf8_stay_as_they_are(
    sip: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SORCERY_TARGET", raising=False)
    with sip.open("ab") as file:
        file.write(b'callerid = "M\xfcller" <101>\n')
    main(["import", str(sip)])
    assert b'callerid = "M\xfcller" <101>\n' in capfdbinary.readouterr().out


def test_what_is_lost_is_told_and_is_the_exit_code(run: Any, sip: Path) -> None:
    with sip.open("a") as file:
        file.write("description = Reception\nsecert = hunter2\n")
    result = run("import", sip)
    assert result.code == 1
    assert f"{sip}:11: lost: [101] description=Reception" in result.err
    assert "did you mean secret?" in result.err
    assert "hunter2" not in result.err + result.out


def test_what_is_the_same_of_many_lines_is_told_once(run: Any, sip: Path, tmp_path: Path) -> None:
    phones = "".join(f"[{number}](t)\ndescription = Room {number}\n" for number in range(201, 251))
    sip.write_text(f"{sip.read_text()}[t](!)\ntype = friend\nmaxforwards = 9\n{phones}")
    result = run("import", sip, "--report", tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text().count(": lost: ") == 100
    told = [line for line in run("import", sip).err.splitlines() if ": lost: " in line]
    assert (result.code, len(told)) == (1, 2)
    assert told[0].startswith(f"{sip}:13: lost: [201] maxforwards=9; ")
    assert [line.endswith(" (and 49 more like it)") for line in told] == [True, True]


def test_the_report_tells_of_each_line_and_of_no_password(run: Any, sip: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    result = run("import", sip, "--report", report)
    text = report.read_text()
    assert f"{sip}:9: mapped: [101] secret=******** -> auth/password" in text
    assert SECRET not in text + result.err
    assert SECRET in result.out


def test_a_report_for_programs(run: Any, sip: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    result = run("import", sip, "--report", report, "--json")
    data = json.loads(report.read_text())
    assert data["counts"]["lost"] == 0
    assert {each["option"]: each["verdict"] for each in data["notes"]}["context"] == "mapped"
    assert result.out.startswith("; [general]")


def test_everything_for_programs(run: Any, sip: Path) -> None:
    data = run("import", sip, "--json").json
    assert data["conf"].startswith("; [general]")
    assert data["notes"][0] | {"source": ""} == {
        "source": "",
        "line": 2,
        "row": None,
        "section": "general",
        "option": "allowguest",
        "value": "no",
        "verdict": "mapped",
        "became": "",
        "why": "as by default: there is no endpoint `anonymous`",
    }


def test_objects_are_created_in_a_database(run: Any, sip: Path, url: str) -> None:
    result = run("import", sip, "--to", url)
    assert result.code == 0
    assert "+ endpoint 101" in result.out
    assert SECRET not in result.out + result.err
    assert [ids(url, name) for name in ("endpoint", "auth", "aor")] == [["101"], ["101"], ["101"]]


def test_types_can_be_chosen(run: Any, sip: Path, url: str) -> None:
    assert run("import", sip, "--type", "transport").out.count("type = ") == 1
    assert run("import", sip, "--to", url, "--type", "endpoint", "--type", "aor").code == 0
    assert [ids(url, name) for name in ("endpoint", "auth", "aor", "transport")] == [["101"], [], ["101"], []]
    assert run("import", sip, "--type", "endpoit").code == 2


def test_a_type_that_would_not_last_there_is_told(run: Any, sip: Path, url: str) -> None:
    sip.write_text(sip.read_text().replace("[general]", "[general]\ncontactpermit = 10.0.0.0/8"))
    result = run("import", sip, "--to", url)
    assert (result.code, "acl" in result.err, "--type" in result.err) == (1, True, True)
    assert ids(url, "endpoint") == []


def test_nothing_is_created_by_a_dry_run(run: Any, sip: Path, url: str) -> None:
    assert "+ endpoint 101" in run("import", sip, "--to", url, "--dry-run").out
    assert ids(url, "endpoint") == []


def test_objects_that_are_as_they_should_be_are_left_alone(run: Any, sip: Path, url: str) -> None:
    run("import", sip, "--to", url)
    again = run("import", sip, "--to", url, "--json")
    assert (again.code, again.json["changes"]) == (0, [])


def test_ids_that_are_taken_stop_it_and_all_are_told(run: Any, sip: Path, url: str) -> None:
    run("--db", url, "create", "aor", "101", "max_contacts=9")
    run("--db", url, "create", "auth", "101", "username=x", "password=y")
    result = run("import", sip, "--to", url)
    assert result.code == 1
    assert "aor '101' exists already" in result.err
    assert "auth '101' exists already" in result.err
    assert ids(url, "endpoint") == []


def test_objects_are_replaced_on_demand(run: Any, sip: Path, url: str) -> None:
    run("--db", url, "create", "aor", "101", "max_contacts=9")
    assert run("import", sip, "--to", url, "--update").code == 0
    with Sorcery.open(url) as s:
        assert s.retrieve_by_id("aor", "101").max_contacts == 1


def test_files_are_written_where_that_is_allowed(run: Any, sip: Path, directory: Path) -> None:
    refused = run("import", sip, "--to", directory)
    assert (refused.code, "--writable" in refused.err) == (1, True)
    assert run("import", sip, "--to", directory, "--writable").code == 0
    assert ids(directory, "endpoint") == ["101", "alice"]


def test_a_name_that_nobody_knows_creates_nothing(run: Any, sip: Path, url: str) -> None:
    with sip.open("a") as file:
        file.write("[trunk]\ntype = peer\nhost = nowhere.invalid\n")
    result = run("import", sip, "--to", url)
    assert (result.code, ids(url, "endpoint")) == (1, [])
    assert "nowhere.invalid" in result.err


def peers(path: Path, table: str = "sippeers") -> str:
    """Make a database with a table of two peers; return its address."""
    with sqlite3.connect(path) as database:
        database.execute(
            f'create table {table} (id integer, name text, type text, host text, secret text, "call-limit" int)'
        )
        database.execute(f"insert into {table} values (2, '202', 'friend', 'dynamic', '{SECRET}', null)")
        database.execute(f"insert into {table} values (1, '201', 'friend', 'dynamic', '{SECRET}', 3)")
    database.close()
    return f"sqlite:///{path}"


def test_rows_are_converted(run: Any, tmp_path: Path) -> None:
    result = run("import", "--sippeers", peers(tmp_path / "peers.db"))
    assert result.code == 1
    assert [line for line in result.out.splitlines() if line.startswith("[")] == ["[201]"] * 3 + ["[202]"] * 3
    assert "sippeers row 201: changed: [201] call-limit=3" in result.err


def test_the_file_beside_the_rows_has_their_defaults(run: Any, sip: Path, tmp_path: Path) -> None:
    out = run("import", sip, "--sippeers", peers(tmp_path / "peers.db", "phones"), "--table", "phones").out
    assert out.count("allow = alaw") == 3
    assert "[transport-udp]" in out


def test_extconfig_names_database_and_table(run: Any, sip: Path, tmp_path: Path) -> None:
    url = peers(tmp_path / "peers.db", "phones")
    (tmp_path / "extconfig.conf").write_text("[settings]\nsippeers => sqlite3,pbx,phones\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    assert run("import", "--extconfig", tmp_path).out.count("allow = alaw") == 3


def users(path: Path, table: str = "sipusers") -> None:
    """Add a table of users without a type: one has the name of a peer, one is known by no other row."""
    with sqlite3.connect(path) as database:
        database.execute(f"create table {table} (name text, secret text, context text)")
        database.execute(f"insert into {table} values ('201', '{SECRET}', 'inside'), ('caller', '{SECRET}', 'outside')")
    database.close()


def test_users_of_a_table_of_their_own_are_converted(run: Any, tmp_path: Path) -> None:
    url = peers(tmp_path / "peers.db")
    users(tmp_path / "peers.db")
    result = run("import", "--sippeers", url, "--users-table", "sipusers")
    assert result.out.count("\n[201]\n") == 3
    assert "[caller]\ntype = endpoint\n" in result.out
    assert "context = outside" in result.out
    assert "[caller]\ntype = aor" not in result.out
    assert "sipusers row 201" in result.err
    assert SECRET not in result.err


def test_extconfig_names_the_table_of_users_too(run: Any, sip: Path, tmp_path: Path) -> None:
    url = peers(tmp_path / "peers.db", "phones")
    users(tmp_path / "peers.db", "callers")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    names = "sippeers => sqlite3,pbx,phones\nsipusers => sqlite3,pbx,callers\n"
    (tmp_path / "extconfig.conf").write_text(f"[settings]\n{names}")
    assert "[caller]\n" in run("import", "--extconfig", tmp_path).out
    (tmp_path / "extconfig.conf").write_text("[settings]\nsipusers => sqlite3,pbx,callers\n")
    assert "[caller]\n" in run("import", "--extconfig", tmp_path).out


@pytest.mark.parametrize(("driver", "password"), [("sqlite3", r"a\;b"), ("odbc", "b")])
def test_the_driver_that_extconfig_names_says_whether_columns_are_taken_apart(
    run: Any, tmp_path: Path, driver: str, password: str
) -> None:
    with sqlite3.connect(tmp_path / "peers.db") as database:
        database.execute("create table sippeers (name text, type text, host text, secret text)")
        database.execute("insert into sippeers values ('201', 'friend', 'dynamic', 'a;b')")
    database.close()
    (tmp_path / "databases.conf").write_text("[pbx]\nurl = sqlite:///peers.db\n")
    (tmp_path / "extconfig.conf").write_text(f"[settings]\nsippeers => {driver},pbx\n")
    assert f"password = {password}\n" in run("import", "--extconfig", tmp_path).out


def test_tables_that_are_read_in_two_ways_are_imported_one_by_one(run: Any, tmp_path: Path) -> None:
    url = peers(tmp_path / "peers.db")
    users(tmp_path / "peers.db")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nsippeers => odbc,pbx\nsipusers => sqlite3,pbx\n")
    refused = run("import", "--extconfig", tmp_path)
    assert refused.code == 2
    assert "in two ways; import each by itself, with an extconfig.conf that names it alone" in refused.err
    (tmp_path / "extconfig.conf").write_text("[settings]\nsipusers => sqlite3,pbx\n")
    assert "[caller]\n" in run("import", "--extconfig", tmp_path).out


def test_one_table_of_peers_and_users_is_read_once(run: Any, tmp_path: Path) -> None:
    url = peers(tmp_path / "peers.db")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    both = "sippeers => sqlite3,pbx,sippeers\nsipusers => sqlite3,pbx,sippeers\n"
    (tmp_path / "extconfig.conf").write_text(f"[settings]\n{both}")
    result = run("import", "--extconfig", tmp_path)
    assert "both become one endpoint" not in result.err
    assert result.out.count("\n[201]\n") == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "nothing to import"),
        (("sip.conf", "--dry-run"), "--to"),
        (("sip.conf", "--update"), "--to"),
        (("--sippeers", "sqlite:///x.db", "--extconfig", "."), "use one way"),
        (("--users-table", "x", "--extconfig", "."), "use one way"),
        (("sip.conf", "--users-table", "sipusers"), "--sippeers"),
        (("--extconfig", "."), "no line sippeers"),
    ],
)
def test_misuse_is_told(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: Any, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("import", *words)
    assert (result.code, said in result.err) == (2, True)


def test_a_database_that_is_not_there_is_no_answer(run: Any, tmp_path: Path) -> None:
    assert run("import", "--sippeers", f"sqlite:///{tmp_path}/none.db").code == 3


def test_a_table_that_is_not_there_is_told(run: Any, tmp_path: Path) -> None:
    result = run("import", "--sippeers", peers(tmp_path / "peers.db"), "--table", "phones")
    assert (result.code, "table phones" in result.err, "--table" in result.err) == (1, True, True)


def test_a_file_that_is_not_there_is_told(run: Any, tmp_path: Path) -> None:
    assert run("import", tmp_path / "none.conf").code == 1


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_check_finds_no_error_in_what_is_made(run: Any, case: Path, tmp_path: Path) -> None:
    for path in case.glob("*.conf"):
        text = path.read_text().replace("sip.example.com", "127.0.0.1")
        text = text.replace("/nonexistent/asterisk.pem", str(CERTIFICATES / "long.pem"))
        (tmp_path / path.name).write_text(text.replace("/nonexistent/asterisk.key", str(CERTIFICATES / "long.key")))
    target = tmp_path / "etc"
    target.mkdir()
    (target / "acl.conf").write_text(ACL)
    (target / "pjsip.conf").write_text(run("import", tmp_path / "sip.conf").out)
    found = run("-C", target, "check", "--format", "json").json
    assert [each for each in found if each["severity"] == "error"] == []
