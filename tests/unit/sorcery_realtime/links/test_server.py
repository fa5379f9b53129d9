"""The login, the database and the server behind a port; each refusal names what mends it."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, make_url

import sorcery_migrations
from sorcery.doctor.chains import Chain, Link, State
from sorcery_realtime.failures import Lost
from sorcery_realtime.links.server import refusal

Look = Callable[..., Chain]


@pytest.fixture
def role(postgresql_url: str) -> Iterator[str]:
    """Return the name of a role that may log in."""
    name = f"role_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN")
        yield name
        admin.execute(f"DROP OWNED BY {name}")
        admin.execute(f"DROP ROLE {name}")


def run(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(statement)


def as_role(url: str, name: str) -> str:
    return make_url(url).set(username=name).render_as_string(hide_password=False)


def broken(look: Look, url: str, name: str = "contact") -> Link:
    found = look(url, name).first_broken
    assert found is not None
    return found


def statement(link: Link) -> str:
    return re.sub("^run on the server: ", "", link.mending).partition(";")[0]


def test_a_user_that_is_not_there_is_made(postgresql_url: str, look: Look, role: str) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    run(postgresql_url, f"DROP ROLE {role}")
    found = broken(look, as_role(postgresql_url, role))
    assert (found.name, found.silent) == ("login", False)
    run(postgresql_url, statement(found))
    assert broken(look, as_role(postgresql_url, role)).name == "privileges"


def test_a_user_behind_the_question_mark_is_who_logs_in(postgresql_url: str, look: Look, role: str) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    chain = look(make_url(postgresql_url).update_query_dict({"user": role}).render_as_string(hide_password=False))
    assert next(link.text for link in chain.links if link.name == "login") == f"as {role}"
    assert chain.first_broken is not None
    assert chain.first_broken.mending.endswith(f" TO {role}")


def test_a_user_that_may_not_log_in(postgresql_url: str, look: Look, role: str) -> None:
    run(postgresql_url, f"ALTER ROLE {role} NOLOGIN")
    found = broken(look, as_role(postgresql_url, role))
    assert found.name == "login"
    run(postgresql_url, statement(found))
    assert broken(look, as_role(postgresql_url, role)).name != "login"


@pytest.fixture
def asked_for_password(postgresql_url: str, role: str) -> Iterator[str]:
    """Return the name of a role whose password the server wants to know; it is `right`."""
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        row = admin.execute("SHOW hba_file").fetchone()
        assert row is not None
        file = Path(row[0])
        before = file.read_text()
        admin.execute(f"ALTER ROLE {role} PASSWORD 'right'")
        file.write_text(f"local all {role} scram-sha-256\n{before}")
        admin.execute("SELECT pg_reload_conf()")
        yield role
        file.write_text(before)
        admin.execute("SELECT pg_reload_conf()")


def test_a_wrong_password_is_told_and_not_quoted(postgresql_url: str, look: Look, asked_for_password: str) -> None:
    def with_password(text: str | None) -> str:
        url = make_url(postgresql_url).set(username=asked_for_password, password=text)
        return url.render_as_string(hide_password=False)

    deadline = time.monotonic() + 30  # the server reads its file when it comes to it
    while (chain := look(with_password("wrong"))).first_broken is None or chain.first_broken.name != "login":
        assert time.monotonic() < deadline
    found = chain.first_broken
    assert (found.text, found.silent) == (f'password authentication failed for user "{asked_for_password}"', False)
    assert f"ALTER ROLE {asked_for_password} PASSWORD" in found.mending
    assert "wrong" not in str(chain.data())
    assert "write the password into the address" in broken(look, with_password(None)).mending
    assert broken(look, with_password("right")).name == "table"


def test_a_database_that_is_not_there(postgresql_url: str, look: Look) -> None:
    gone = make_url(postgresql_url).set(database=f"gone_{uuid4().hex[:8]}")
    found = broken(look, gone.render_as_string(hide_password=False))
    assert (found.name, found.text) == ("database", f'database "{gone.database}" does not exist')
    assert f"CREATE DATABASE {gone.database} OWNER" in found.mending
    (address,) = shlex.split(found.mending.partition("sorcery db upgrade ")[2])
    assert make_url(address).query == gone.query


def test_a_database_that_the_user_may_not_enter(postgresql_url: str, look: Look, role: str) -> None:
    database = make_url(postgresql_url).database
    run(postgresql_url, f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC")
    found = broken(look, as_role(postgresql_url, role))
    assert found.name == "database"
    run(postgresql_url, statement(found))
    assert broken(look, as_role(postgresql_url, role)).name != "database"
    run(postgresql_url, f"REVOKE CONNECT ON DATABASE {database} FROM {role}")


def test_a_search_path_that_names_nothing(postgresql_url: str, look: Look, role: str) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    run(postgresql_url, f"ALTER ROLE {role} SET search_path = nosuch")
    found = broken(look, as_role(postgresql_url, role))
    assert (found.name, statement(found)) == ("server", f"ALTER ROLE {role} SET search_path = public")
    run(postgresql_url, statement(found))
    assert broken(look, as_role(postgresql_url, role)).name == "privileges"


def test_a_server_that_takes_no_changes_keeps_no_registrations(postgresql_url: str, look: Look, role: str) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    run(postgresql_url, f"ALTER ROLE {role} SET default_transaction_read_only = on")
    run(postgresql_url, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
    url = as_role(postgresql_url, role)
    assert broken(look, url).name == "privileges"
    endpoint = look(url, "endpoint")
    assert [link.name for link in endpoint.links if link.state is State.LIMITED] == ["server"]
    run(postgresql_url, f"ALTER ROLE {role} RESET default_transaction_read_only")
    assert look(url).state is State.GOOD


def test_few_connections_left_are_told(postgresql_url: str, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    monkeypatch.setattr("sorcery_realtime.links.server.ENOUGH", 100_000)
    (limited,) = (link for link in look(postgresql_url).links if link.state is State.LIMITED)
    assert (limited.name, "raise max_connections" in limited.mending) == ("server", True)


@pytest.mark.parametrize(
    ("said", "mending"),
    [
        ('FATAL:  password authentication failed for user "ann"', "ALTER ROLE ann PASSWORD '…'"),
        ("fe_sendauth: no password supplied", "~/.pgpass"),
        ('FATAL:  no pg_hba.conf entry for host "192.0.2.1"', "pg_hba.conf"),
        ('FATAL:  Peer authentication failed for user "ann"', "name a host"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        ("FATAL:  the database system is starting up", "wait until it is up"),
        ("certificate verify failed", "sslrootcert"),
        ('invalid connection option "nonsense"', "behind the ?"),
        ('invalid sslmode value: "x"', "behind the ?"),
        ('connection to server on socket "/run/x" failed: No such file or directory', "name its host"),
        ("connection timeout expired", "hangs on nothing"),
        ("something else", "see the log of the server"),
    ],
)
def test_what_postgresql_says_names_what_mends_it(said: str, mending: str) -> None:
    url = make_url("postgresql+psycopg://ann:geheim@db/pbx")
    told = refusal(url, Lost(None, f'connection to server at "db", port 5432 failed: {said}'))
    assert mending in told.mending
    assert "geheim" not in str(told)


@pytest.fixture
def maria(mariadb_url: str) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Yield the address of a database as a user of its own, and what runs a statement as root."""
    sorcery_migrations.upgrade(mariadb_url)
    name = f"u{uuid4().hex[:10]}"
    engine = create_engine(mariadb_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as admin:
        admin.exec_driver_sql(f"CREATE USER '{name}'@'localhost' IDENTIFIED BY 'right'")
        url = make_url(mariadb_url).set(username=name, password="right")

        def run_as_root(text: str) -> None:
            admin.exec_driver_sql(text)

        yield url.render_as_string(hide_password=False), run_as_root
        admin.exec_driver_sql(f"DROP USER '{name}'@'localhost'")


def test_a_wrong_password_of_mariadb(maria: tuple[str, Callable[[str], None]], look: Look) -> None:
    found = broken(look, maria[0].replace(":right@", ":wrong@"))
    assert (found.name, found.silent, "wrong" in str(found)) == ("login", False, False)
    assert "ALTER USER" in found.mending


def test_a_database_of_mariadb_that_the_user_may_not_enter(
    maria: tuple[str, Callable[[str], None]], look: Look
) -> None:
    url, run_as_root = maria
    found = broken(look, url)
    assert found.name == "database"
    run_as_root(statement(found).replace("HOST", "localhost"))
    assert look(url).state is State.GOOD


def test_rights_of_mariadb_are_granted_as_is_said(maria: tuple[str, Callable[[str], None]], look: Look) -> None:
    url, run_as_root = maria
    database = make_url(url).database
    user = f"'{make_url(url).username}'@'localhost'"
    run_as_root(f"GRANT SELECT ON {database}.* TO {user}")
    found = broken(look, url)
    assert (found.name, "registrations" in found.text) == ("privileges", True)
    assert look(url, "endpoint").state is State.LIMITED
    run_as_root(statement(found))
    assert look(url).state is State.GOOD


def test_a_table_of_mariadb_that_is_not_there(maria: tuple[str, Callable[[str], None]], look: Look) -> None:
    url, run_as_root = maria
    database = make_url(url).database
    run_as_root(f"GRANT ALL ON {database}.* TO '{make_url(url).username}'@'localhost'")
    run_as_root("DROP TABLE ps_contacts")
    assert broken(look, url).text.startswith("there is no table ps_contacts")
    sorcery_migrations.adopt(url)
    assert look(url).state is State.GOOD
