"""Between `sorcery.conf` and a database: the first broken line is named, and its mending mends it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery.doctor.chains import Chain, Link, State

Look = Callable[..., Chain]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory whose contacts lie in an SQLite file."""
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\ncontact = realtime,ps_contacts\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_contacts => odbc,asterisk\n")
    (tmp_path / "databases.conf").write_text("[asterisk]\nurl = sqlite:///pbx.db\n")
    sorcery_migrations.upgrade(f"sqlite:///{tmp_path}/pbx.db")
    return tmp_path


def broken(look: Look, directory: Path) -> Link:
    found = look(directory).first_broken
    assert found is not None
    return found


def test_a_good_directory_holds_in_every_link(directory: Path, look: Look) -> None:
    chain = look(directory)
    assert chain.state is State.GOOD
    assert [link.name for link in chain.links] == [
        *("directory", "sorcery.conf", "mapping", "arguments", "extconfig.conf", "family", "driver"),
        *("databases.conf", "address", "client", "file", "header", "answer", "writing", "table", "objects"),
    ]


def test_a_family_that_no_line_names(directory: Path, look: Look) -> None:
    (directory / "extconfig.conf").write_text("[settings]\nps_contact => odbc,asterisk\n")
    found = broken(look, directory)
    assert (found.name, found.place and found.place.source) == ("family", str(directory / "extconfig.conf"))
    assert "did you mean the family ps_contact?" in found.mending
    line = "ps_contacts => odbc,asterisk"
    assert f"write {line} under [settings] in extconfig.conf" in found.mending
    (directory / "extconfig.conf").write_text(f"[settings]\n{line}\n")
    assert look(directory).first_broken is None


def test_a_line_of_extconfig_that_means_nothing_is_passed_over_and_told(directory: Path, look: Look) -> None:
    (directory / "extconfig.conf").write_text("[settings]\nps_contacts => odbc\n")
    chain = look(directory)
    told = next(link for link in chain.links if link.name == "extconfig.conf")
    assert told.state is State.LIMITED
    assert f"{directory}/extconfig.conf:2" in told.text
    assert chain.first_broken is not None
    assert chain.first_broken.name == "family"


def test_a_driver_that_is_misspelt(directory: Path, look: Look) -> None:
    (directory / "extconfig.conf").write_text("[settings]\nps_contacts => obdc,asterisk\n")
    found = broken(look, directory)
    assert (found.name, found.text, found.place and found.place.line) == ("driver", "there is no driver 'obdc'", 2)
    assert found.mending.startswith("did you mean odbc? ")


def test_a_database_without_an_address(directory: Path, look: Look) -> None:
    (directory / "databases.conf").write_text("[asterisc]\nurl = sqlite:///pbx.db\n")
    found = broken(look, directory)
    assert (found.name, found.place and found.place.line) == ("address", 2)
    assert "did you mean asterisc in extconfig.conf?" in found.mending
    assert "write [asterisk] and url = " in found.mending


def test_an_address_from_a_variable_that_is_not_set(
    directory: Path, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PBX_URL", raising=False)
    (directory / "databases.conf").write_text("[asterisk]\nurl = env:PBX_URL\n")
    found = broken(look, directory)
    assert (found.name, found.mending.startswith("set PBX_URL")) == ("address", True)
    assert (found.place and found.place.source) == str(directory / "databases.conf")
    monkeypatch.setenv("PBX_URL", f"sqlite:///{directory}/pbx.db")
    assert look(directory).first_broken is None


def test_an_address_that_asterisks_own_files_tell_is_proposed(directory: Path, look: Look) -> None:
    (directory / "databases.conf").unlink()
    (directory / "extconfig.conf").write_text("[settings]\nps_contacts => pgsql,asterisk\n")
    (directory / "res_pgsql.conf").write_text(
        "[general]\ndbhost=db.example.com\ndbname=pbx\ndbuser=ann\ndbpass=secret\ndbport=5433\n"
    )
    found = broken(look, directory)
    assert "url = postgresql://ann@db.example.com:5433/pbx in databases.conf" in found.mending
    assert "secret" not in found.mending


def test_an_address_of_no_known_kind_is_named_without_its_password(directory: Path, look: Look) -> None:
    (directory / "databases.conf").write_text("[asterisk]\nurl = oracle://ann:secret@host/x\n")
    found = broken(look, directory)
    assert (found.name, found.place and found.place.line) == ("address", 2)
    assert "secret" not in f"{found.text}{found.mending}"


def test_a_client_that_is_not_installed(directory: Path, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    (directory / "databases.conf").write_text("[asterisk]\nurl = mysql+nosuch://ann@127.0.0.1/x\n")
    found = broken(look, directory)
    assert (found.name, found.mending) == ("client", "install pysorcery[mysql]")


def test_arguments_that_mean_nothing(directory: Path, look: Look) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\ncontact = realtime,ps_contacts,allow_unqualified=no\n")
    found = broken(look, directory)
    assert found.name == "arguments"
    assert "allow_unqualified_fetch" in found.mending


@pytest.mark.parametrize("first", ["asterisk", "spare"])
def test_the_priorities_of_a_family_are_looked_at_each_by_itself(directory: Path, look: Look, first: str) -> None:
    second = {"asterisk": "spare", "spare": "asterisk"}[first]
    lines = f"ps_contacts => odbc,{first},ps_contacts,1\nps_contacts => odbc,{second},ps_contacts,2\n"
    (directory / "extconfig.conf").write_text(f"[settings]\n{lines}")
    (directory / "databases.conf").write_text("[asterisk]\nurl = sqlite:///pbx.db\n[spare]\nurl = sqlite:///no.db\n")
    chain = look(directory)
    found = chain.first_broken
    assert found is not None
    assert (found.name, found.place and found.place.source) == ("file", str(directory / "no.db"))
    tables = [link.state for link in chain.links if link.name == "table"]
    assert tables == ([State.GOOD, State.UNSEEN] if first == "asterisk" else [State.UNSEEN, State.GOOD])
