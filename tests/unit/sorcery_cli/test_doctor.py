"""`doctor`: what is printed, and the exit code that it means."""

from __future__ import annotations

import shlex
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sorcery_cli.diagnosing import diagnose


@pytest.fixture
def realtime(directory: Path, database: Path) -> Path:
    """Return a directory whose endpoints, auths and contacts lie in a database."""
    names = {"endpoint": "ps_endpoints", "auth": "ps_auths", "contact": "ps_contacts"}
    lines = "".join(f"{name} = realtime,{table}\n" for name, table in names.items())
    (directory / "sorcery.conf").write_text(f"[res_pjsip]\n{lines}")
    families = "".join(f"{table} => odbc,asterisk\n" for table in names.values())
    (directory / "extconfig.conf").write_text(f"[settings]\n{families}")
    (directory / "databases.conf").write_text(f"[asterisk]\nurl = sqlite:///{database}\n")
    return directory


def execute(database: Path, statement: str) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute(statement)
    connection.close()


def test_a_good_directory_is_exit_0_and_a_line_for_chains_that_are_alike(run: Any, realtime: Path) -> None:
    result = run("-C", realtime, "doctor", "endpoint", "auth")
    first, second, *rest = result.out.splitlines()
    assert (result.code, first) == (0, "✓ endpoint, auth = realtime")
    assert second.startswith("    directory → sorcery.conf → mapping → arguments → extconfig.conf → family → driver → ")
    assert second.endswith("→ table → columns → types → indexes → objects: 0 objects")
    assert rest == ["", "2 chains, none broken"]


def test_everything_is_shown_when_it_is_asked_for(run: Any, realtime: Path) -> None:
    out = run("-C", realtime, "doctor", "contact", "--full").out
    assert "    ✓ table          ps_contacts\n" in out
    assert "    ✓ columns        all there\n" in out


def test_a_broken_link_that_chains_share_is_told_once_with_its_mending(
    run: Any, realtime: Path, database: Path
) -> None:
    database.unlink()
    result = run("-C", realtime, "doctor", "endpoint", "auth", "contact")
    assert result.code == 1
    assert result.out.count("there is no such file") == 2  # in its chain, and below
    assert "    · header, answer, writing, table, columns, types, indexes, objects: not looked at\n" in result.out
    assert result.out.endswith(
        "Mend first:\n"
        f"  1. file: {database}: there is no such file\n"
        f"     → run: sorcery db upgrade sqlite:///{database}\n"
        "     for endpoint, auth, contact\n"
        "\n"
        "3 chains, 3 broken\n"
    )


def test_links_that_were_shown_are_not_shown_again(run: Any, realtime: Path, database: Path) -> None:
    execute(database, "DROP TABLE ps_auths")
    execute(database, "DROP TABLE ps_contacts")
    out = run("-C", realtime, "doctor", "auth", "contact").out
    assert "    ✓ driver, databases.conf, address, client, file, header, answer: as above\n" in out


def test_a_column_that_is_missing_is_added_as_is_said(run: Any, realtime: Path, database: Path) -> None:
    execute(database, "ALTER TABLE ps_auths DROP COLUMN realm")
    result = run("-C", realtime, "doctor", "auth", "--json")
    (mending,) = result.json["mend"]
    assert (result.code, mending["name"]) == (1, "columns")
    assert [link["state"] for link in result.json["chains"][0]["links"]][-4:] == ["broken", "good", "good", "good"]
    execute(database, mending["mending"].partition(", or: ")[2])
    assert run("-C", realtime, "doctor", "auth").code == 0


def test_columns_are_those_of_the_release_that_is_named(run: Any, realtime: Path, database: Path) -> None:
    execute(database, "ALTER TABLE ps_endpoints DROP COLUMN rtp_port_start")
    assert run("-C", realtime, "--target", "asterisk:22.1", "doctor", "endpoint").code == 0
    assert "rtp_port_start" in run("-C", realtime, "--target", "asterisk:22.10", "doctor", "endpoint").out
    with (realtime / "sorcery.conf").open("a") as file:
        file.write("[target]\nasterisk = 22.1\n")
    assert run("-C", realtime, "doctor", "endpoint").code == 0
    execute(database, "ALTER TABLE ps_endpoints DROP COLUMN overlap_context")  # which that release has
    assert "overlap_context" in run("-C", realtime, "doctor", "endpoint").out


def test_a_missing_index_is_a_limit(run: Any, realtime: Path, database: Path) -> None:
    execute(database, "DROP INDEX ps_contacts_qualifyfreq_exp")
    result = run("-C", realtime, "doctor", "contact")
    assert result.code == 0
    assert "    ! indexes        ps_contacts: there is no index of qualify_frequency, expiration_time: " in result.out
    assert f"     → run `sorcery db adopt sqlite:///{database}`, or: CREATE INDEX " in result.out


def test_a_broken_second_store_is_a_limit_and_exit_0(run: Any, directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[shadow]\nendpoint = realtime,ps_endpoints\n")
    result = run("-C", directory, "doctor", "endpoint")
    assert result.code == 0
    assert f"! [shadow] endpoint = realtime,ps_endpoints  ({directory}/sorcery.conf:2)\n" in result.out
    assert "Mend first:" not in result.out
    assert "Works, with a limit:\n  1. family: " in result.out
    assert result.out.endswith("     for endpoint in [shadow]\n\n2 chains, none broken\n")


def test_a_column_of_another_kind_is_the_first_broken_link(run: Any, realtime: Path, database: Path) -> None:
    execute(database, "ALTER TABLE ps_auths DROP COLUMN nonce_lifetime")
    execute(database, "ALTER TABLE ps_auths ADD COLUMN nonce_lifetime VARCHAR(40)")
    result = run("-C", realtime, "doctor", "auth", "--json")
    assert (result.code, result.json["chains"][0]["first_broken"]) == (1, "types")
    assert "nonce_lifetime" in result.json["mend"][0]["text"]


def test_a_narrow_column_of_postgresql_is_widened_as_is_said(run: Any, postgresql_url: str) -> None:
    import psycopg

    import sorcery_migrations

    sorcery_migrations.upgrade(postgresql_url)
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute("ALTER TABLE ps_contacts ALTER COLUMN uri TYPE varchar(10)")
        result = run("--db", postgresql_url, "doctor", "contact", "--json")
        (mending,) = result.json["mend"]
        assert (result.code, mending["name"]) == (1, "types")
        admin.execute(mending["mending"].partition(", or: ")[2])
    assert run("--db", postgresql_url, "doctor", "contact").code == 0


def test_a_server_that_does_not_answer_is_exit_3(run: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    result = run("--db", f"postgresql://ann:geheim@127.0.0.1:{port}/pbx", "doctor", "endpoint")
    assert (result.code, "geheim" in result.out + result.err) == (3, False)
    assert "✗ port" in result.out


def test_a_password_that_stands_where_none_belongs_is_printed_nowhere(run: Any, realtime: Path) -> None:
    address = "postgresql://ann:geheim@host/x"
    (realtime / "extconfig.conf").write_text(f"[settings]\nps_endpoints => pgsql,{address}\n")
    for words in ((), ("--json",)):
        result = run("-C", realtime, "doctor", "endpoint", *words)
        assert (result.code, "geheim" in result.out, "ann:********@host" in result.out) == (1, False, True)


def test_a_mapping_is_shown_as_it_is_while_it_is_looked_at(
    run: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = config,[/bold].conf\n")
    result = run("-C", directory, "doctor", "aor")
    assert result.code == 1
    assert "looking at aor = config,[/bold].conf" in result.err


def test_a_type_that_is_misspelt_is_misuse(run: Any, directory: Path) -> None:
    result = run("-C", directory, "doctor", "endpint")
    assert (result.code, "did you mean endpoint?" in result.err) == (2, True)


def test_an_address_of_no_known_kind_is_told(run: Any) -> None:
    result = run("--db", "oracle://ann:geheim@host/x", "doctor", "endpoint", "--json")
    assert (result.code, result.json["chains"][0]["first_broken"]) == (1, "address")
    assert "geheim" not in result.out


def test_a_directory_that_is_not_there_is_a_broken_link(run: Any, tmp_path: Path) -> None:
    result = run("-C", tmp_path / "not there", "doctor", "--json")
    mending = result.json["mend"][0]["mending"]
    assert (result.code, run(*shlex.split(mending.partition("run: sorcery ")[2])).code) == (1, 0)
    assert run("-C", tmp_path / "not there", "doctor").code == 0


def test_a_process_that_left_its_socket_behind_is_told(run: Any, directory: Path) -> None:
    path = directory / "sorcery.ctl"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
    result = run("-C", directory, "doctor", "aor")
    assert (result.code, f"✗ process at {path}" in result.out) == (3, True)
    path.unlink()
    assert run("-C", directory, "doctor", "aor").code == 0


def test_an_asterisk_that_does_not_answer_is_told_without_its_password(
    run: Any, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    monkeypatch.setenv("SORCERY_AMI", f"ami://ann:geheim@127.0.0.1:{port}")
    result = run("-C", directory, "doctor", "aor")
    assert (result.code, f"✗ Asterisk at ami://ann@127.0.0.1:{port}" in result.out) == (3, True)
    assert "geheim" not in result.out + result.err


@pytest.mark.parametrize(
    "words", [("--ami", "pbx"), ("--ami", "ami://ann@pbx", "--ami-secret-from", "env:NO_SUCH_VARIABLE")]
)
def test_an_asterisk_that_is_named_wrongly_is_misuse(run: Any, directory: Path, words: tuple[str, ...]) -> None:
    assert run("-C", directory, "doctor", "aor", *words).code == 2


def test_others_may_ask_without_the_command(realtime: Path) -> None:
    assert diagnose(str(realtime)).is_good
