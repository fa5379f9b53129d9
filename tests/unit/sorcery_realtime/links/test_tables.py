"""A table of PostgreSQL: where it lies, what it is called, and what this user may do with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import make_url

import sorcery_migrations
from sorcery.doctor.chains import Chain, Link, State
from sorcery_realtime.links.tables import _covers

Look = Callable[..., Chain]


@pytest.fixture
def url(postgresql_url: str, postgresql_server: str) -> Iterator[str]:
    """Yield the address of a database with Asterisk's tables, as a user who may nothing."""
    sorcery_migrations.upgrade(postgresql_url)
    name = f"role_{uuid4().hex[:12]}"
    with psycopg.connect(postgresql_server, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {name} LOGIN")
    yield make_url(postgresql_url).set(username=name).render_as_string(hide_password=False)
    with psycopg.connect(postgresql_url, autocommit=True) as admin:
        admin.execute(f"DROP OWNED BY {name}")
        admin.execute(f"DROP ROLE {name}")


@pytest.fixture
def run(postgresql_url: str) -> Callable[[str], None]:
    def execute(text: str) -> None:
        with psycopg.connect(postgresql_url, autocommit=True) as admin:
            admin.execute(text)

    return execute


def broken(look: Look, url: str, name: str = "contact") -> Link:
    found = look(url, name).first_broken
    assert found is not None
    return found


def mend(run: Callable[[str], None], link: Link) -> None:
    run(re.sub("^run on the server: ", "", link.mending).partition(";")[0])


def test_rights_that_are_missing_are_granted_as_is_said(url: str, look: Look, run: Callable[[str], None]) -> None:
    found = broken(look, url)
    assert found.name == "privileges"
    mend(run, found)
    assert look(url).state is State.GOOD


def test_who_may_only_read_provisions_nothing_and_registers_nobody(
    url: str, look: Look, run: Callable[[str], None]
) -> None:
    run(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {make_url(url).username}")
    found = broken(look, url)
    assert (found.name, found.text) == (
        "privileges",
        "this user may not INSERT, UPDATE, DELETE on ps_contacts: registrations cannot be kept",
    )
    endpoint = look(url, "endpoint")
    assert endpoint.state is State.LIMITED
    (limited,) = (link for link in endpoint.links if link.state is State.LIMITED)
    assert "GRANT INSERT, UPDATE, DELETE ON public.ps_endpoints TO" in limited.mending
    mend(run, found)
    assert look(url).state is State.GOOD


def test_a_table_in_another_schema(postgresql_url: str, url: str, look: Look, run: Callable[[str], None]) -> None:
    run("CREATE SCHEMA elsewhere")
    run("ALTER TABLE ps_contacts SET SCHEMA elsewhere")
    user = make_url(url).username
    found = broken(look, url)
    assert (found.name, "may not use" in found.text) == ("table", True)
    mend(run, found)
    found = broken(look, url)
    assert (found.name, "not looked for" in found.text) == ("table", True)
    mend(run, found)
    found = broken(look, url)
    assert found.name == "privileges"
    mend(run, found)
    assert look(url).state is State.GOOD
    run(f"ALTER ROLE {user} RESET search_path")


def test_a_table_in_the_schema_that_a_search_path_leaves_out(url: str, look: Look, run: Callable[[str], None]) -> None:
    user = make_url(url).username
    run(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {user}")
    run("CREATE SCHEMA elsewhere")
    run(f"GRANT USAGE ON SCHEMA elsewhere TO {user}")
    run(f"ALTER ROLE {user} SET search_path = elsewhere")
    found = broken(look, url)
    assert f"ALTER ROLE {user} SET search_path = public;" in found.mending
    mend(run, found)
    assert look(url).state is State.GOOD


def test_a_table_whose_name_is_written_otherwise(postgresql_url: str, look: Look, run: Callable[[str], None]) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    run('ALTER TABLE ps_contacts RENAME TO "PS_Contacts"')
    found = broken(look, postgresql_url)
    assert (found.name, found.text) == ("table", "the table is called PS_Contacts there")
    mend(run, found)
    assert look(postgresql_url).state is State.GOOD


def test_a_table_that_somebody_keeps_locked_is_given_up(
    postgresql_url: str, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sorcery_realtime.databases.WAIT", 0.1)
    sorcery_migrations.upgrade(postgresql_url)
    with psycopg.connect(postgresql_url) as other:
        other.execute("LOCK TABLE ps_contacts IN ACCESS EXCLUSIVE MODE")
        found = broken(look, postgresql_url)
        assert (found.name, found.silent) == ("objects", True)
        assert "lock timeout" in found.text
    assert look(postgresql_url).state is State.GOOD


def test_a_table_that_is_not_there_is_made(postgresql_url: str, look: Look) -> None:
    found = broken(look, postgresql_url)
    assert (found.name, "sorcery db adopt" in found.mending) == ("table", True)
    sorcery_migrations.adopt(postgresql_url)
    assert look(postgresql_url).state is State.GOOD


@pytest.mark.parametrize("name", ["my_contacts", "nowhere.ps_contacts"])
def test_a_table_that_no_command_of_ours_makes(tmp_path: Path, postgresql_url: str, look: Look, name: str) -> None:
    sorcery_migrations.upgrade(postgresql_url)
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = realtime,ps_contacts\n")
    (tmp_path / "extconfig.conf").write_text(f"[settings]\nps_contacts => pgsql,pbx,{name}\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {postgresql_url}\n")
    found = broken(look, str(tmp_path))
    assert (found.name, found.text) == ("table", f"there is no table {name}")
    assert found.mending.startswith("correct the table's name in extconfig.conf, or create it like ps_contacts")


def test_the_databases_of_a_grant_may_be_a_pattern() -> None:
    assert _covers("*", "pbx")
    assert _covers("`pbx`", "pbx")
    assert _covers("`pb%`", "pbx")
    assert _covers("`p_x`", "pbx")
    assert not _covers(r"`p\_x`", "pbx")
    assert _covers(r"`p\_x`", "p_x")
    assert not _covers("`other`", "pbx")
