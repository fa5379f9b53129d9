"""Which caches hold the rows of which table, by the files around the objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery.environment import read_environment
from sorcery.pjsip import TYPES
from sorcery_feed.asterisk.keeping import ONCE, Kept, Tables, default_tables, tables_of, with_caches

SORCERY = """\
[res_pjsip]
endpoint/cache = memory_cache,maximum_objects=9
endpoint = realtime,PS_Endpoints
auth/cache = memory_cache,object_lifetime_stale=60,name=auths
auth = config,pjsip.conf,criteria=type=auth
auth = realtime,ps_auths
aor = realtime,ps_aors
contact/cache = memory_cache,name=near
contact/cache = memory_cache,name=far
contact = realtime,ps_contacts
[res_pjsip_endpoint_identifier_ip]
identify/cache = memory_cache,full_backend_cache=yes
identify = realtime,idents
[res_stir_shaken]
tn/cache = memory_cache,maximum_objects=9
tn = realtime,stir_tn
"""
EXTCONFIG = """\
[settings]
ps_endpoints => odbc,pbx
ps_auths => odbc,pbx,logins
ps_auths => odbc,standby,logins2,2
ps_aors => sqlite3,pbx
ps_contacts => pgsql,pbx,other.Contacts
idents => odbc,pbx,ps_endpoint_id_ips
stir_tn => odbc,pbx
"""


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    (tmp_path / "sorcery.conf").write_text(SORCERY)
    (tmp_path / "extconfig.conf").write_text(EXTCONFIG)
    environment = read_environment(tmp_path)
    return tables_of(environment.mappings, environment.families)


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("ps_endpoints", Kept("endpoint", ("res_pjsip/endpoint",))),
        ("logins", Kept("auth", ("auths",))),
        ("logins2", Kept("auth", ("auths",))),
        ("ps_aors", Kept("aor", (), is_escaped=False)),
        ("contacts", Kept("contact", ("far", "near"))),
        ("ps_endpoint_id_ips", Kept("identify", ("res_pjsip/identify",))),
        ("stir_tn", Kept("tn", ("res_stir_shaken/tn",))),
    ],
)
def test_a_table_is_that_of_its_family_and_a_cache_has_a_name(tables: Tables, table: str, expected: Kept) -> None:
    assert tables[table] == (expected,)


def test_what_lies_in_no_database_is_in_no_table(tables: Tables) -> None:
    assert len(tables) == 7


@pytest.mark.parametrize(
    ("is_escaped", "stored", "id"),
    [
        (True, "alice^3B@0a", "alice;@0a"),
        (True, "a^5E3B", "a^3B"),
        (True, "plain", "plain"),
        (False, "alice^3B", "alice^3B"),
    ],
)
def test_an_id_is_that_of_the_object(is_escaped: bool, stored: str, id: str) -> None:
    assert Kept("contact", (), is_escaped).plain_id(stored) == id


def test_without_files_every_type_lies_in_the_table_of_its_own_name() -> None:
    tables = default_tables((cls.__sorcery__ for cls in TYPES), "sqlite3")
    assert tables["ps_endpoints"] == (Kept("endpoint", (), is_escaped=False),)
    assert with_caches(tables, {"endpoint": "mine"})["ps_endpoints"] == (Kept("endpoint", ("mine",), is_escaped=False),)


def test_what_is_read_once_are_types_that_there_are() -> None:
    assert set(ONCE) <= {cls.__sorcery__.plain_name for cls in TYPES}
