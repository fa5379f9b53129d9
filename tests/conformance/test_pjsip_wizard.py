"""The wizard `pjsip_wizard` answers questions as `config` does that holds the same objects, written out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import NotWritable, Object, Sorcery
from sorcery.chain import retrieve_many
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Phoneprov, Registration

TYPES = (Auth, Aor, Endpoint, Identify, Registration, Phoneprov)
WIZARDS = """
[trunk](!)
type = wizard
sends_auth = yes
sends_registrations = yes
endpoint/context = from-trunk
outbound_auth/password = semi\\;colon
[carrier](trunk)
remote_hosts = 192.0.2.1:5080, 192.0.2.2
outbound_auth/username = acct77
endpoint/allow = !all,alaw,g722
endpoint/set_var = A=1
endpoint/set_var = B=2
[carrier-backup](trunk)
remote_hosts = 198.51.100.1
outbound_auth/username = acct78
endpoint/@note = second
[Alice]
type = wizard
accepts_registrations = yes
accepts_auth = yes
inbound_auth/username = alice
inbound_auth/password = pa55word
aor/max_contacts = 2
aor/mailboxes = 1@default,2@default
hint_exten = 100
has_phoneprov = yes
phoneprov/MAC = 001122334455
[a_b]
type = wizard
accepts_registrations = yes
endpoint/context = phones
"""
CRITERIA: tuple[tuple[type[Object], dict[str, Any]], ...] = (
    (Endpoint, {"context": "from-trunk"}),
    (Endpoint, {"context LIKE": "%o%"}),
    (Endpoint, {"@pjsip_wizard": "carrier"}),
    (Endpoint, {"@note": "second"}),
    (Endpoint, {"aors !=": "carrier"}),
    (Auth, {"username": "acct77"}),
    (Auth, {"password": "pa55word"}),
    (Aor, {"max_contacts >=": 2}),
    (Aor, {"id LIKE": "a_b"}),
    (Identify, {"endpoint": "carrier"}),
    (Registration, {"server_uri regex": "^sip:192"}),
    (Registration, {"outbound_auth": "carrier-oauth", "client_uri": "sip:acct77@192.0.2.2"}),
)


@pytest.fixture
def wizard(tmp_path: Path) -> Iterator[Sorcery]:
    folder = tmp_path / "wizard"
    folder.mkdir()
    (folder / "pjsip.conf").write_text("")
    (folder / "pjsip_wizard.conf").write_text(WIZARDS)
    with Sorcery.open(folder) as sorcery:
        assert sorcery.report.findings == ()
        yield sorcery


@pytest.fixture
def config(tmp_path: Path, wizard: Sorcery) -> Iterator[Sorcery]:
    folder = tmp_path / "config"
    folder.mkdir()
    sections = (section(obj) for cls in TYPES for obj in wizard.retrieve_all(cls))
    (folder / "pjsip.conf").write_text("\n".join(sections))
    with Sorcery.open(folder) as sorcery:
        assert sorcery.report.findings == ()
        yield sorcery


def section(obj: Object) -> str:
    lines = [f"[{obj.id}]", f"type = {obj.__sorcery__.name}"]
    lines += (f"{name} = {text}" for name, text in obj.settings())
    return "\n".join(line.replace(";", "\\;") for line in lines) + "\n"


def test_all_objects_are_there_in_order(wizard: Sorcery, config: Sorcery) -> None:
    for cls in TYPES:
        found = wizard.retrieve_all(cls)
        assert found
        assert found == config.retrieve_all(cls)


def test_each_object_is_found_by_its_id(wizard: Sorcery, config: Sorcery) -> None:
    for cls in TYPES:
        ids = [obj.id for obj in config.retrieve_all(cls)]
        for id in (*ids, "alice", "absent", "carrier-reg", "", "%"):
            assert wizard.retrieve_by_id(cls, id) == config.retrieve_by_id(cls, id)
        many = [retrieve_many(each._binding(cls).reader, [*ids, "absent"]) for each in (wizard, config)]
        assert many[0] == many[1] != {}


@pytest.mark.parametrize(("cls", "criteria"), CRITERIA, ids=str)
def test_criteria_find_the_same(wizard: Sorcery, config: Sorcery, cls: type[Object], criteria: dict[str, Any]) -> None:
    found = wizard.retrieve_by_fields(cls, **criteria)
    assert found
    assert found == config.retrieve_by_fields(cls, **criteria)


def test_regular_expressions_and_prefixes_find_the_same(wizard: Sorcery, config: Sorcery) -> None:
    for cls in TYPES:
        for text in ("", "^carrier", "[12]$", "_", "^Alice$", "^nothing"):
            assert wizard.retrieve_by_regex(cls, text) == config.retrieve_by_regex(cls, text)
        for text in ("", "carrier", "carrier-", "a_", "A"):
            assert wizard.retrieve_by_prefix(cls, text) == config.retrieve_by_prefix(cls, text)


def test_a_reload_without_changes_changes_nothing(wizard: Sorcery) -> None:
    before = wizard.retrieve_all(Endpoint)
    assert not wizard.reload()
    assert wizard.retrieve_all(Endpoint) == before


def test_a_change_is_refused(wizard: Sorcery) -> None:
    carrier = wizard.retrieve_by_id(Endpoint, "carrier")
    assert carrier is not None
    for change in (wizard.create, wizard.update, wizard.delete):
        with pytest.raises(NotWritable, match="endpoint"):
            change(carrier)
