"""`db kamailio`: made, told of and removed."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine

from sorcery import Sorcery
from sorcery.pjsip import Auth
from sorcery_database import address


@pytest.fixture
def url(run: Any, postgresql_url: str) -> str:
    assert run("db", "upgrade", postgresql_url).code == 0
    return postgresql_url


def test_it_is_made_told_of_and_removed(run: Any, url: str) -> None:
    missing = run("db", "kamailio", "status", url)
    assert (missing.code, missing.out.splitlines()[-1]) == (1, "not all is there; run: sorcery db kamailio on")
    words = ("--destination", "sip:192.0.2.10:5080", "--realm", "pbx")
    script = run("db", "kamailio", "sql", url, *words)
    assert (script.code, script.out.startswith("CREATE TABLE ")) == (0, True)
    made = run("db", "kamailio", "on", "--db", url, *words, "--json")
    assert (made.code, "".join(f"{each};\n" for each in made.json["statements"])) == (0, script.out)
    assert run("db", "kamailio", "on", url).out == "Kamailio had what it needs already\n"
    assert run("db", "kamailio", "sql", url).out == "-- nothing is missing\n"
    status = run("db", "kamailio", "status", url, "--json")
    assert (status.code, status.json["on"], status.json["realm"], status.json["both_ways"]) == (0, True, "pbx", True)
    assert status.json["destinations"] == ["sip:192.0.2.10:5080"]
    assert run("db", "kamailio", "off", url).out == "what Kamailio needed is gone\n"
    assert run("db", "kamailio", "off", url).out == "there was nothing of Kamailio's\n"


def test_what_is_printed_for_mariadb_is_what_its_client_executes(run: Any, mariadb_url: str) -> None:
    assert run("db", "upgrade", mariadb_url).code == 0
    script = run("db", "kamailio", "sql", mariadb_url).out
    assert script.startswith("DELIMITER $$\n")
    assert script.endswith("$$\nDELIMITER ;\n")
    database = create_engine(mariadb_url)
    with database.begin() as connection:
        for statement in script.removeprefix("DELIMITER $$\n").removesuffix("$$\nDELIMITER ;\n").split("$$\n"):
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    database.dispose()
    assert run("db", "kamailio", "on", mariadb_url).out == "Kamailio had what it needs already\n"
    assert run("db", "kamailio", "status", mariadb_url, "--json").json["on"] is True


def test_one_way_makes_no_trigger_on_contacts(run: Any, url: str) -> None:
    assert run("db", "kamailio", "on", url, "--one-way").code == 0
    assert run("db", "kamailio", "status", url, "--json").json["both_ways"] is False


def test_users_whom_it_cannot_let_in_are_told(run: Any, url: str) -> None:
    run("db", "kamailio", "on", url)
    with Sorcery.open(url) as s:
        for id in ("one", "two"):
            s.create(Auth(id=id, username="same", password="x"))
        s.create(Auth(id="digest", username="d", md5_cred="1" * 32, realm="here"))
    with create_engine(address(url), poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql("UPDATE ps_auths SET realm = E'a\nrealm: there' WHERE id = 'digest'")
    found = run("db", "kamailio", "status", url)
    assert found.code == 1
    assert "error: auths one, two have one username in realm asterisk" in found.out
    assert [line for line in found.out.splitlines() if line.startswith("realm: ")] == ["realm: asterisk"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--destination", "192.0.2.10"), "--destination 192.0.2.10: write the SIP address"),
        (("--destination", "sip:a b"), "--destination sip:a b: write the SIP address"),
        (("--destination", f"sip:{'a' * 200}"), "of 192 characters at most"),
        (("--destination", "sip:a\x1b"), "--destination sip:a\\x1b: write the SIP address"),
        (("--realm", " "), "--realm is empty"),
        (("--realm", "a\nb"), "--realm is empty, or holds control characters"),
    ],
)
def test_nonsense_is_misuse(run: Any, words: tuple[str, str], said: str) -> None:
    refused = run("db", "kamailio", "on", "postgresql://pbx@192.0.2.1/pbx", *words)
    assert (refused.code, said in refused.err) == (2, True)


def test_another_kind_of_database_is_refused(run: Any, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    run("db", "upgrade", url)
    refused = run("db", "kamailio", "on", url)
    assert refused.code != 0
    assert "PostgreSQL or MariaDB only" in refused.err
