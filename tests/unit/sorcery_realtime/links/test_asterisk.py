"""What Asterisk reads of a database beside us: it is there, and names the same one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery.doctor.chains import Chain, Link, State

Look = Callable[..., Chain]


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with an Asterisk beside us, whose contacts lie in an SQLite file by ODBC."""
    library = tmp_path / "libsqlite3odbc.so"
    library.touch()
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = realtime,ps_contacts\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_contacts => odbc,asterisk\n")
    (tmp_path / "databases.conf").write_text("[asterisk]\nurl = sqlite:///pbx.db\n")
    (tmp_path / "res_odbc.conf").write_text("[asterisk]\nenabled => yes\ndsn => pbx\n")
    (tmp_path / "odbc.ini").write_text(f"[pbx]\nDriver = {library}\nDatabase = {tmp_path}/pbx.db\n")
    monkeypatch.setenv("ODBCINI", str(tmp_path / "odbc.ini"))
    sorcery_migrations.upgrade(f"sqlite:///{tmp_path}/pbx.db")
    return tmp_path


def told(look: Look, directory: Path) -> Link | None:
    return next((link for link in look(directory).links if link.name == "asterisk"), None)


def broken(look: Look, directory: Path) -> Link:
    chain = look(directory)
    found = chain.first_broken
    assert found is not None
    assert found.name == "asterisk"
    assert chain.links[-1].state is State.GOOD, "we do not need it ourselves"
    return found


def test_the_same_database_is_good(directory: Path, look: Look) -> None:
    found = told(look, directory)
    assert found is not None
    assert (found.state, found.text) == (State.GOOD, "res_odbc.conf names the same database")


def test_without_an_asterisk_nothing_is_said(directory: Path, look: Look) -> None:
    (directory / "res_odbc.conf").unlink()
    assert told(look, directory) is None


def test_a_file_that_asterisk_needs_and_that_is_not_there(directory: Path, look: Look) -> None:
    (directory / "res_odbc.conf").unlink()
    (directory / "asterisk.conf").write_text("[directories]\n")
    assert "there is no res_odbc.conf" in broken(look, directory).text


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("res_odbc.conf", "[other]\ndsn => pbx\n", "has no section [asterisk]"),
        ("res_odbc.conf", "[asterisk]\nenabled => no\ndsn => pbx\n", "is not enabled"),
        ("res_odbc.conf", "[asterisk]\nenabled => yes\ndsn => nosuch\n", "the data source 'nosuch'"),
        (
            "odbc.ini",
            "[pbx]\nDriver = /no/such.so\nDatabase = /pbx.db\n",
            "the driver /no/such.so of [pbx] is not there",
        ),
        ("odbc.ini", "Driver\n", "odbc.ini cannot be read"),
        ("odbc.ini", "[pbx]\nDriver = SQLite3\nDatabase = /other.db\n", "Asterisk is told sqlite:////other.db"),
        ("odbc.ini", "[pbx]\nDriver = MariaDB\nServer = db\nDatabase = pbx\n", "Asterisk is told mysql://db/pbx"),
    ],
)
def test_what_asterisk_cannot_use_or_what_is_another_one(
    directory: Path, look: Look, file: str, content: str, said: str
) -> None:
    (directory / file).write_text(content)
    found = broken(look, directory)
    assert said in found.text
    assert found.mending


def test_the_address_that_odbc_has_is_proposed_where_we_have_none(directory: Path, look: Look) -> None:
    (directory / "databases.conf").unlink()
    (directory / "res_odbc.conf").write_text("[asterisk]\ndsn => pbx\nusername => ann\npassword => geheim\n")
    (directory / "odbc.ini").write_text(
        "[pbx]\nDriver = PostgreSQL Unicode\nServername = db.example.com\nPort = 5433\nDatabase = pbx\n"
    )
    found = look(directory).first_broken
    assert found is not None
    assert (found.name, "geheim" in str(found)) == ("address", False)
    assert found.mending.endswith("url = postgresql://ann@db.example.com:5433/pbx in databases.conf")


def test_other_drivers_have_files_of_their_own(directory: Path, look: Look) -> None:
    (directory / "extconfig.conf").write_text("[settings]\nps_contacts => sqlite3,asterisk\n")
    (directory / "res_config_sqlite3.conf").write_text(f"[asterisk]\ndbfile => {directory}/pbx.db\n")
    found = told(look, directory)
    assert found is not None
    assert found.state is State.GOOD
    (directory / "res_config_sqlite3.conf").write_text("[asterisk]\ndbfile => /other.db\n")
    assert "sqlite:////other.db" in broken(look, directory).text


def test_a_socket_and_this_host_are_one_database(directory: Path) -> None:
    from sqlalchemy import make_url

    from sorcery_realtime.links.asterisk import _is_same

    theirs = make_url("postgresql://ann@localhost/pbx")
    assert _is_same(theirs, make_url("postgresql+psycopg://bob@127.0.0.1:5432/pbx"))
    assert _is_same(theirs, make_url("postgresql://bob@/pbx?host=/run/postgresql"))
    assert not _is_same(theirs, make_url("postgresql://ann@localhost/other"))
    assert not _is_same(theirs, make_url("postgresql://ann@db/pbx"))
    assert not _is_same(theirs, make_url("mysql://ann@localhost/pbx"))
    assert _is_same(make_url("mysql://localhost/pbx"), make_url("mariadb://localhost/pbx"))
