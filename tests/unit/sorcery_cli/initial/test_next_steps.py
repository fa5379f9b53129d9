"""What people are told to do is what the system at hand needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery_cli.initial.next_steps import next_steps
from sorcery_cli.initial.planning import plan_of
from sorcery_cli.initial.site import site_of


@pytest.fixture(autouse=True)
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_cli.initial.tables.tables_of", lambda address, destinations: None)


def steps(directory: Path, backend: str, *also_for: str) -> str:
    site = site_of(directory, backend, also_for, bind="192.0.2.10:5080")
    return "\n".join(next_steps(plan_of(site)))


def test_a_system_of_ours_needs_phones_and_a_start(tmp_path: Path) -> None:
    directory = tmp_path / "a b"
    assert steps(directory, "files").splitlines() == [
        f"look at pjsip.conf and extensions.conf, then: sorcery -C '{directory}' doctor",
        f"add a phone: sorcery -C '{directory}' new phone 1001",
        f"start the SIP server: sorcery-sip --config-dir '{directory}'",
    ]


def test_asterisks_user_gets_a_directory_of_its_own_whole(tmp_path: Path) -> None:
    directory = tmp_path / "pbx"
    elsewhere = tmp_path / "data"
    elsewhere.mkdir()
    told = steps(directory, f"sqlite:///{elsewhere}/pbx.db", "asterisk")
    assert f"chown -R asterisk: {directory} {elsewhere}/pbx.db\n" in told
    assert f"setfacl -m u:asterisk:rwx {elsewhere}\n" in told
    assert f"start Asterisk: asterisk -C {directory}/asterisk.conf" in told
    told = steps(directory, "sqlite:///pbx.db", "asterisk")
    assert f"chown -R asterisk: {directory}\n" in told
    assert "setfacl" not in told


def test_a_folder_of_others_that_the_database_lies_in_stays_theirs(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text("; mine\n")
    told = steps(tmp_path, "sqlite:////var/lib/pbx.db", "asterisk").splitlines()
    owned = next(line for line in told if "chown" in line).split()
    assert (owned[-1], "/var/lib" in owned) == ("/var/lib/pbx.db", False)


def test_asterisks_user_gets_only_what_was_made_in_a_directory_of_others(tmp_path: Path) -> None:
    for name in ("asterisk.conf", "pjsip.conf"):
        (tmp_path / name).write_text("; mine\n")
    told = steps(tmp_path, "mysql://u@h/d", "asterisk")
    owned = next(line for line in told.splitlines() if "chown" in line)
    made = ("sorcery.conf", "extconfig.conf", "databases.conf", "extensions.conf", "modules.conf", "res_odbc.conf")
    assert owned.endswith(f"chown asterisk: {' '.join(f'{tmp_path}/{name}' for name in made)}")
    assert f"cat {tmp_path}/odbc.ini >> /etc/odbc.ini" in told
    assert "restart Asterisk (no reload reads sorcery.conf)" in told


def test_a_database_that_asterisk_reaches_by_odbc_already_is_not_named_to_it_again(tmp_path: Path) -> None:
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => odbc,asterisk\n")
    assert "odbc" not in steps(tmp_path, "mysql://u@h/d", "asterisk")


def test_kamailios_file_has_to_be_put_in_its_place(tmp_path: Path) -> None:
    told = steps(tmp_path, "postgresql://u@h/d", "kamailio")
    assert "new phone 1001 --no-nat aor/support_path=yes\n" in told
    assert f"install -o kamailio -g kamailio -m 600 {tmp_path}/kamailio.cfg /etc/kamailio/kamailio.cfg\n" in told
