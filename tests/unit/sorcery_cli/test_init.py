"""`init`: files and tables laid out, completed, refused; and what starts on them."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sorcery import Sorcery
from sorcery.pjsip import Endpoint
from sorcery_sip.client import register
from sorcery_sip.modules.server import Server
from tests.interop.ports import free_port

SECRET = "s3cr;et"
FILES = ["databases.conf", "extconfig.conf", "extensions.conf", "pjsip.conf", "sorcery.conf"]


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """Name a directory that is not there yet."""
    return tmp_path / "pbx"


def written(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.suffix in (".conf", ".ini")}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def create_phone(run: Any, etc: Path) -> None:
    for words in (
        ("aor", "1001", "max_contacts=1", "remove_existing=yes"),
        ("auth", "1001", "username=1001", "password=a long password"),
        ("endpoint", "1001", "context=internal", "allow=!all,alaw", "auth=1001", "aors=1001"),
    ):
        made = run("-C", etc, "create", *words)
        assert made.code == 0, made.err


@pytest.mark.parametrize("backend", ["files", "sqlite:///pbx.db"])
def test_a_new_system_has_no_fault_and_takes_a_phone(run: Any, etc: Path, backend: str) -> None:
    assert run("-C", etc, "init", "--backend", backend).code == 0
    assert run("-C", etc, "check").out == "nothing found\n"
    create_phone(run, etc)
    assert run("-C", etc, "check").code == 0
    assert run("-C", etc, "doctor").code == 0
    with Sorcery.open(etc) as s:
        assert s.retrieve_by_id(Endpoint, "1001") is not None


def test_a_new_system_in_postgresql_takes_a_phone_and_keeps_contacts_there(
    run: Any, etc: Path, postgresql_url: str
) -> None:
    done = run("-C", etc, "init", "--backend", postgresql_url, "--json")
    assert (done.code, done.json["tables"]["action"]) == (0, "make")
    create_phone(run, etc)
    for words in (("check",), ("doctor",)):
        found = run("-C", etc, *words)
        assert found.code == 0, found.out
    with Sorcery.open(etc) as s:
        assert s.retrieve_by_id(Endpoint, "1001") is not None
        assert [str(mapping) for mapping in s.mappings("contact")] == ["contact = realtime,ps_contacts"]
    assert run("-C", etc, "init", "--backend", postgresql_url).out == f"nothing to do: {etc} has all that it needs\n"


def test_a_new_system_in_mariadb_takes_a_phone(run: Any, etc: Path, mariadb_url: str) -> None:
    assert run("-C", etc, "init", "--backend", mariadb_url, "--also-for", "asterisk").code == 0
    create_phone(run, etc)
    assert "Socket = " in (etc / "odbc.ini").read_text()
    assert run("-C", etc, "init", "--backend", mariadb_url, "--also-for", "asterisk").out.startswith("nothing to do")


@pytest.mark.parametrize("backend", ["files", "sqlite:///pbx.db"])
def test_a_server_starts_on_it_and_a_phone_registers(run: Any, etc: Path, backend: str) -> None:
    port = free_port()
    assert run("-C", etc, "init", "--backend", backend, "--bind", f"127.0.0.1:{port}").code == 0
    create_phone(run, etc)
    with Sorcery.open(etc) as s:
        assert asyncio.run(registered(s, port)) == 200
        assert len(s.retrieve_all("contact")) == 1


async def registered(s: Sorcery, port: int) -> int:
    """Run a server, and return its answer to the phone."""
    server = Server(s)
    try:
        await server.start()
        answer = await asyncio.to_thread(
            register, ("127.0.0.1", port), "sip:1001@127.0.0.1", username="1001", password="a long password"
        )
    finally:
        await server.stop()
    return answer.status


@pytest.mark.parametrize("backend", ["files", "sqlite:///pbx.db"])
def test_a_second_run_does_nothing_and_says_so(run: Any, etc: Path, backend: str) -> None:
    words = ("-C", etc, "init", "--backend", backend, "--also-for", "asterisk")
    assert run(*words).code == 0
    create_phone(run, etc)
    before = written(etc)
    again, data = run(*words), run(*words, "--json").json
    assert (again.code, again.out) == (0, f"nothing to do: {etc} has all that it needs\n")
    assert ({each["action"] for each in data["files"]}, data["next"]) == ({"keep"}, [])
    assert written(etc) == before


def test_asterisk_may_come_later(run: Any, etc: Path) -> None:
    assert run("-C", etc, "init", "--backend", "sqlite:///pbx.db").code == 0
    before = written(etc)
    assert sorted(before) == FILES
    later = run("-C", etc, "init", "--backend", "sqlite:///pbx.db", "--also-for", "asterisk")
    assert later.code == 0
    assert f"dbfile => {etc}/pbx.db\n" in (etc / "res_config_sqlite3.conf").read_text()
    assert {name: text for name, text in written(etc).items() if name in before} == before
    assert sorted(set(written(etc)) - set(before)) == ["asterisk.conf", "modules.conf", "res_config_sqlite3.conf"]


def test_a_dry_run_tells_each_line_and_does_nothing(run: Any, etc: Path) -> None:
    shown = run("-C", etc, "init", "--backend", "sqlite:///pbx.db", "--dry-run")
    assert shown.code == 0
    assert f"{etc}/sorcery.conf: to be made\n" in shown.out
    assert "  endpoint = realtime,ps_endpoints\n" in shown.out
    assert not etc.exists()


def test_files_that_are_there_keep_their_bytes_and_get_what_they_lack(run: Any, etc: Path) -> None:
    etc.mkdir()
    there = {
        "sorcery.conf": "; mine\n[general]\n\n[RES_PJSIP] ; types\nsystem=config,pjsip.conf,criteria=type=system\n",
        "pjsip.conf": "[mine]\r\ntype=transport ; keep\r\nbind=127.0.0.1:5080\r\n",
        "extensions.conf": "[internal]\nexten => 1,1,Hangup()\n",
    }
    for name, text in there.items():
        (etc / name).write_bytes(text.encode())
    done = run("-C", etc, "init", "--backend", "sqlite:///pbx.db")
    assert done.code == 0, done.err
    assert (etc / "extensions.conf").read_bytes() == there["extensions.conf"].encode()
    pjsip = (etc / "pjsip.conf").read_bytes()
    assert pjsip.startswith(there["pjsip.conf"].encode())
    assert (b"[global]" in pjsip, b"[udp]" in pjsip) == (True, False)
    with Sorcery.open(etc) as s:
        assert [str(mapping) for mapping in s.mappings("endpoint")] == ["endpoint = realtime,ps_endpoints"]
        assert [each.id for each in s.retrieve_all("transport")] == ["mine"]
    assert (etc / "sorcery.conf").read_text().startswith(there["sorcery.conf"])


def test_a_database_that_asterisk_uses_keeps_its_name_and_its_rows(run: Any, etc: Path, database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("INSERT INTO ps_aors (id) VALUES ('old')")
        connection.execute("DROP TABLE sorcery_version_config")  # Asterisk's own migrations leave none
        connection.execute("DROP TABLE ps_systems")
    etc.mkdir()
    (etc / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors,allow_unqualified_fetch=warn\n")
    (etc / "extconfig.conf").write_text("[settings]\nPS_AORS => odbc,asterisk,ps_aors\n")
    done = run("-C", etc, "init", "--backend", f"sqlite:///{database}", "--also-for", "asterisk")
    assert done.code == 0, done.err
    assert "[asterisk]\n" in (etc / "databases.conf").read_text()
    assert "ps_auths => odbc,asterisk\n" in (etc / "extconfig.conf").read_text()
    assert not list(etc.glob("res_*"))  # Asterisk reaches it already
    with Sorcery.open(etc) as s:
        assert [each.id for each in s.retrieve_all("aor")] == ["old"]
    assert run("db", "check", f"sqlite:///{database}").code == 0


@pytest.mark.parametrize("lines", ["ps_aors => ldap,asterisk\n", "ps_aors => odbc,a\nps_auths => odbc,b\n"])
def test_families_that_lie_elsewhere_are_refused(run: Any, etc: Path, lines: str) -> None:
    etc.mkdir()
    (etc / "extconfig.conf").write_text(f"[settings]\n{lines}")
    refused = run("-C", etc, "init", "--backend", "sqlite:///pbx.db")
    assert (refused.code, f"{etc}/extconfig.conf:2: ps_aors in [settings]" in refused.err) == (1, True)


def test_what_says_otherwise_is_refused_whole_with_every_line(run: Any, etc: Path) -> None:
    etc.mkdir()
    (etc / "sorcery.conf").write_text("[res_pjsip]\nendpoint=memory\n")
    (etc / "databases.conf").write_text(f"[pbx]\nurl=postgresql://u:{SECRET.replace(';', '%3B')}@db/x\n")
    before = written(etc)
    refused = run("-C", etc, "init", "--backend", "sqlite:///pbx.db")
    assert refused.code == 1
    assert f"nothing is done in {etc}, for 2 reasons" in refused.err
    assert f"{etc}/sorcery.conf:2: endpoint in [res_pjsip]" in refused.err
    assert f"{etc}/databases.conf:2: url in [pbx]" in refused.err
    assert "s3cr" not in refused.err
    assert (written(etc), (etc / "pbx.db").exists()) == (before, False)


@pytest.mark.parametrize("backend", ["files", "sqlite:///pbx.db"])
def test_nothing_is_added_to_what_would_not_open(run: Any, etc: Path, backend: str) -> None:
    etc.mkdir()
    (etc / "extconfig.conf").write_text("; mine\n[settings](+)\nps_aors => sqlite3,pbx\n")
    before = written(etc)
    refused = run("-C", etc, "init", "--backend", backend)
    assert (refused.code, f"{etc}/extconfig.conf:2: " in refused.err) == (1, True)
    assert (written(etc), (etc / "pbx.db").exists()) == (before, False)


def test_phones_in_pjsip_conf_are_not_left_behind(run: Any, directory: Path) -> None:
    before = written(directory)
    refused = run("-C", directory, "init", "--backend", "sqlite:///pbx.db")
    assert refused.code == 1
    assert "1 endpoint is in pjsip.conf, where none would be looked for any more" in refused.err
    assert "`sorcery copy endpoint`" in refused.err
    assert (written(directory), (directory / "pbx.db").exists()) == (before, False)


def test_phones_in_pjsip_conf_stay_where_files_are_the_backend(run: Any, directory: Path) -> None:
    assert run("-C", directory, "init", "--backend", "files").code == 0
    with Sorcery.open(directory) as s:
        assert s.retrieve_by_id(Endpoint, "alice") is not None


def test_a_driver_that_asterisk_does_not_load_is_named(run: Any, etc: Path) -> None:
    etc.mkdir()
    (etc / "modules.conf").write_text("[modules]\nautoload=yes\nnoload => res_config_sqlite3.so\n")
    words = ("-C", etc, "init", "--backend", "sqlite:///pbx.db")
    refused = run(*words, "--also-for", "asterisk")
    assert refused.code == 1
    assert f"{etc}/modules.conf:3: Asterisk does not load res_config_sqlite3" in refused.err
    assert run(*words).code == 0


KAMAILIO = ("--also-for", "kamailio", "--bind", "192.0.2.10:5080")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sqlite:///pbx.db", *KAMAILIO), "in PostgreSQL or MariaDB only"),
        (("files", *KAMAILIO), "in PostgreSQL or MariaDB only"),
        (("postgresql://h/d", *KAMAILIO), "names no user"),
        (("postgresql://u:p%40w@h/d", *KAMAILIO), "that password: it takes letters, digits"),
        (("postgresql://u@/d?host=/run/postgresql", *KAMAILIO), "that host: it takes letters, digits"),
        (("postgresql://u@h/d", "--also-for", "kamailio"), "name the address that both reach"),
        (
            ("postgresql://u@h/d", "--also-for", "kamailio", "--bind", "0.0.0.0:5080"),
            "name the address that both reach",
        ),
        (("postgresql://u@h/d", "--also-for", "kamailio", "--bind", "192.0.2.10:5060"), "a port beside Kamailio's"),
        (("postgresql://u@h/d", *KAMAILIO, "--proxy", "192.0.2.10:5080"), "choose another port"),
        (("postgresql://u@h/d", *KAMAILIO, "--proxy", "here"), "--proxy"),
        (("postgresql://u@h/d", "--proxy", "192.0.2.10:5060"), "--also-for kamailio too"),
    ],
)
def test_what_kamailio_cannot_do_is_misuse(run: Any, etc: Path, words: tuple[str, ...], said: str) -> None:
    refused = run("-C", etc, "init", "--backend", *words)
    assert (refused.code, said in refused.err, etc.exists()) == (2, True, False), refused.err


def test_kamailio_hands_calls_to_where_the_system_listens(run: Any, etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr("sorcery_cli.initial.tables.tables_of", lambda _, destinations: asked.append(destinations))
    url = "postgresql://pbx:s3cret@192.0.2.1:5433/pbx"
    done = run("-C", etc, "init", "--backend", url, *KAMAILIO, "--json")
    assert (done.code, asked) == (0, [["sip:192.0.2.10:5080"]])
    assert "s3cret" not in done.out
    text = (etc / "kamailio.cfg").read_text()
    assert "listen=udp:192.0.2.10:5060\n" in text
    assert '"db_url", "postgres://pbx:s3cret@192.0.2.1:5433/pbx"' in text
    assert "@{" not in text
    assert mode(etc / "kamailio.cfg") == 0o600
    assert "bind = 192.0.2.10:5080\n" in (etc / "pjsip.conf").read_text()


def test_on_mariadb_kamailio_reaches_it_by_another_module(run: Any, etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_cli.initial.tables.tables_of", lambda *_: None)
    assert run("-C", etc, "init", "--backend", "mysql://pbx:s3cret@192.0.2.1/pbx", *KAMAILIO).code == 0
    text = (etc / "kamailio.cfg").read_text()
    assert 'loadmodule "db_mysql.so"\n' in text
    assert '"db_url", "mysql://pbx:s3cret@192.0.2.1/pbx"' in text


@pytest.mark.parametrize("line", ["bind=192.0.2.10:5070", "protocol=tcp\nbind=192.0.2.10:5080"])
def test_kamailio_is_not_laid_out_before_a_system_that_listens_elsewhere(run: Any, etc: Path, line: str) -> None:
    etc.mkdir()
    (etc / "pjsip.conf").write_text(f"[mine]\ntype=transport\n{line}\n")
    refused = run("-C", etc, "init", "--backend", "postgresql://u@127.0.0.1:1/d", *KAMAILIO)
    assert refused.code == 1
    assert f"{etc}/pjsip.conf:1: no transport listens on 192.0.2.10:5080" in refused.err


@pytest.mark.parametrize("bind", ["192.0.2.10:5080", "0.0.0.0:5080"])
def test_a_transport_that_kamailio_reaches_is_kept(run: Any, etc: Path, bind: str) -> None:
    etc.mkdir()
    (etc / "pjsip.conf").write_text(f"[mine]\ntype=transport\nbind={bind}\n")
    unavailable = run("-C", etc, "init", "--backend", "postgresql://u@127.0.0.1:1/d", *KAMAILIO)
    assert unavailable.code == 3  # all but the database is as it has to be


def test_passwords_lie_in_files_of_their_owner_and_are_printed_nowhere(
    run: Any, etc: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery_cli.initial.tables.tables_of", lambda address, destinations: None)
    url = "postgresql://pbx:s3cr%3Bet@127.0.0.1:1/pbx"
    shown = run("-C", etc, "init", "--backend", url, "--also-for", "asterisk", "--dry-run")
    done = run("-C", etc, "init", "--backend", url, "--also-for", "asterisk", "--json")
    assert (shown.code, done.code) == (0, 0)
    assert "s3cr" not in shown.out + shown.err + done.out + done.err
    assert "dbpass = ********" in shown.out
    assert "dbpass = s3cr\\;et\n" in (etc / "res_pgsql.conf").read_text()
    assert {name: mode(etc / name) for name in ("databases.conf", "res_pgsql.conf", "pjsip.conf")} == {
        "databases.conf": 0o600,
        "res_pgsql.conf": 0o600,
        "pjsip.conf": 0o640,
    }


def test_a_password_is_not_added_to_a_file_that_everybody_reads(run: Any, etc: Path) -> None:
    etc.mkdir()
    (etc / "databases.conf").write_text("[other]\nurl = sqlite:///other.db\n")
    (etc / "databases.conf").chmod(0o644)
    refused = run("-C", etc, "init", "--backend", "postgresql://pbx:s3cret@127.0.0.1:1/pbx")
    assert refused.code == 1
    assert f"run `chmod o-r {etc}/databases.conf`" in refused.err


def test_an_address_may_come_from_the_environment(run: Any, etc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("-C", etc, "init", "--backend", "env:PBX_DATABASE")
    missing = run(*words)
    assert (missing.code, "PBX_DATABASE" in missing.err, etc.exists()) == (2, True, False)
    monkeypatch.setenv("PBX_DATABASE", "sqlite:///pbx.db")
    done = run(*words)
    assert done.code == 0
    assert "keep PBX_DATABASE in the environment" in done.out
    assert "url = env:PBX_DATABASE\n" in (etc / "databases.conf").read_text()
    create_phone(run, etc)


def test_a_database_that_is_down_leaves_no_directory(run: Any, etc: Path) -> None:
    down = run("-C", etc, "init", "--backend", "postgresql://u:s3cret@127.0.0.1:1/pbx", "--json")
    assert (down.code, down.json["error"]["kind"]) == (3, "unavailable")
    assert not etc.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--backend", "oracle://x/y"), "not supported"),
        (("--backend", "sqlite://"), "needs a file"),
        (("--backend", "sqlite:///no/such/pbx.db", "--dry-run"), "/no/such for the database; make it first"),
        (("--backend", "postgresql://u@h"), "names no database"),
        (("--backend", "postgresql://h/d", "--also-for", "asterisk"), "names no user"),
        (("--backend", "mysql://u:a%0Ab@h/d", "--also-for", "asterisk"), "line feed"),
        (("--backend", "files", "--bind", "here"), "--bind"),
        (("--backend", "files", "--also-for", "nobody"), "nobody"),
        ((), "--backend"),
    ],
)
def test_misuse_is_told_and_nothing_is_made(run: Any, etc: Path, words: tuple[str, ...], said: str) -> None:
    refused = run("-C", etc, "init", *words)
    assert (refused.code, said in refused.err, etc.exists()) == (2, True, False), refused.err


def test_a_database_is_no_directory_to_write_into(run: Any, url: str) -> None:
    refused = run("--db", url, "init", "--backend", "files")
    assert (refused.code, "name it with -C" in refused.err) == (2, True)


def test_a_directory_is_made_in_one_that_is_there(run: Any, tmp_path: Path) -> None:
    refused = run("-C", tmp_path / "a/b", "init", "--backend", "files")
    assert (refused.code, f"make {tmp_path}/a first" in refused.err) == (2, True)
