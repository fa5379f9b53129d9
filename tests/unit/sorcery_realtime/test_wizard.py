from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import QueuePool

from sorcery import ConfigurationError, Sorcery
from sorcery.environment import Environment, Family
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_realtime import RealtimeWizard

URL = "postgresql://u:hush@127.0.0.1:1/pbx"


def environment(*families: Family, **databases: str) -> Environment:
    by_name: dict[str, tuple[Family, ...]] = {}
    for family in families:
        by_name[family.name.lower()] = (*by_name.get(family.name.lower(), ()), family)
    return Environment(families=by_name, databases=databases)


FAMILY = Family("ps_auths", "odbc", "asterisk", "ps_auths")


@pytest.mark.parametrize(
    ("arguments", "wrong", "right"),
    [
        ("", "no family", "ps_endpoints"),
        ("ps_auths,fast=yes", "unknown option 'fast'", "allow_unqualified_fetch"),
        ("ps_auths,allow_unqualified_fetch=maybe", "allow_unqualified_fetch=maybe", "yes, no, warn, error"),
        ("ps_aors", "no database holds the family ps_aors", "ps_aors => odbc,DATABASE"),
        ("other", "driver 'ldap'", "odbc, pgsql, mysql, sqlite3"),
        ("homeless", "'nowhere' of the family homeless has no address", "[nowhere] and url ="),
        ("broken", "cannot be read", "sqlite:///path"),
    ],
)
def test_a_mapping_that_cannot_work_says_what_is_wrong_and_right(arguments: str, wrong: str, right: str) -> None:
    around = environment(
        FAMILY,
        Family("other", "ldap", "asterisk", "t"),
        Family("homeless", "odbc", "nowhere", "t"),
        Family("broken", "odbc", "bad", "t"),
        asterisk=URL,
        bad="nonsense",
    )
    with pytest.raises(ConfigurationError) as refusal:
        RealtimeWizard().open(Auth.__sorcery__, arguments, around)
    assert wrong in refusal.value.reason
    assert right in refusal.value.remedy


@pytest.mark.parametrize(
    "arguments", ["PS_AUTHS", "ps_auths,allow_unqualified_fetch=", "ps_auths,allow_unqualified_fetch=no"]
)
def test_opening_connects_to_nothing_and_labels_hold_no_password(arguments: str) -> None:
    wizard = RealtimeWizard()
    store = wizard.open(Auth.__sorcery__, arguments, environment(FAMILY, asterisk=URL))
    assert store.label.lower() == "realtime ps_auths"
    wizard.close()


def test_stores_of_one_address_share_a_database_until_the_last_is_released() -> None:
    wizard = RealtimeWizard()
    around = environment(FAMILY, Family("ps_aors", "odbc", "asterisk", "ps_aors"), asterisk=URL)
    auths = wizard.open(Auth.__sorcery__, "ps_auths", around)
    aors = wizard.open(Aor.__sorcery__, "ps_aors", around)
    shared = auths.sources[0].database
    assert aors.sources[0].database is shared
    wizard.release(auths)
    assert wizard.open(Auth.__sorcery__, "ps_auths", around).sources[0].database is shared
    wizard.close()
    assert wizard.open(Auth.__sorcery__, "ps_auths", around).sources[0].database is not shared
    wizard.close()


def test_releasing_the_last_store_closes_its_connections(pbx: str) -> None:
    wizard = RealtimeWizard()
    around = environment(Family("ps_auths", "sqlite3", "here", "ps_auths"), here=pbx)
    store = wizard.open(Auth.__sorcery__, "ps_auths", around)
    assert store.retrieve("alice") is None
    pool = store.sources[0].database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedin() + pool.checkedout() == 1
    wizard.release(store)
    assert pool.checkedin() + pool.checkedout() == 0
    assert wizard.open(Auth.__sorcery__, "ps_auths", around).sources[0].database is not store.sources[0].database
    wizard.close()


def test_what_a_mapping_comes_down_to_is_driver_address_and_table_of_each_priority() -> None:
    second = Family("ps_auths", "sqlite3", "standby", "auths", 2)
    around = environment(FAMILY, second, asterisk=URL, standby="sqlite:////tmp/x.db")
    assert RealtimeWizard().resolve("ps_auths", around) == (
        ("odbc", URL, "ps_auths"),
        ("sqlite3", "sqlite:////tmp/x.db", "auths"),
    )


def directory(tmp_path: Path, table: str = "ps_endpoints") -> Path:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint = realtime,ps_endpoints\n")
    (tmp_path / "extconfig.conf").write_text(f"[settings]\nps_endpoints => sqlite3,pbx,{table}\n")
    (tmp_path / "databases.conf").write_text("[pbx]\nurl = sqlite:///pbx.db\n")
    return tmp_path


def test_a_directory_maps_a_type_to_a_table(tmp_path: Path, pbx: str, opened: Callable[..., Sorcery]) -> None:
    system = opened(directory(tmp_path))
    system.create(Endpoint(id="alice", context="internal"))
    assert system.retrieve_all(Endpoint) == [Endpoint(id="alice", context="internal")]


def test_a_reload_follows_a_family_to_another_table(
    tmp_path: Path, pbx: str, opened: Callable[..., Sorcery], sql: Callable[[str], Callable[[str], object]]
) -> None:
    system = opened(directory(tmp_path))
    system.create(Endpoint(id="alice"))
    sql(pbx)("CREATE TABLE others AS SELECT * FROM ps_endpoints WHERE 0")
    directory(tmp_path, "others")
    assert not system.reload().errors
    assert system.retrieve_by_id(Endpoint, "alice") is None


def test_a_family_without_a_database_fails_the_opening(tmp_path: Path) -> None:
    (directory(tmp_path) / "databases.conf").unlink()
    with pytest.raises(ConfigurationError, match=r"has no address; write \[pbx\]"):
        Sorcery.open(tmp_path)
