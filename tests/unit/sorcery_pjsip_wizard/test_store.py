from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

TEXT = """[t](!)
type = wizard
sends_auth = yes
sends_registrations = yes
endpoint/context = shared
outbound_auth/password = p
[a](t)
remote_hosts = 192.0.2.1
remote_hosts = 192.0.2.2,192.0.2.3
outbound_auth/username = u
server_uri_pattern = sip:${REMOTE_HOST}
endpoint/allow = alaw
transport = udp
hint_exten = 1
"""


def test_each_option_of_an_object_has_the_place_that_it_comes_from(folder: Folder) -> None:
    folder.load(TEXT)
    assert folder.line("endpoint", "a") == 7
    assert folder.line("endpoint", "a", "context") == 5
    assert folder.line("endpoint", "a", "allow") == 12
    assert folder.line("endpoint", "a", "transport") == 13
    assert folder.line("endpoint", "a", "outbound_auth") == 3
    assert folder.line("endpoint", "a", "aors") == 7
    assert folder.line("endpoint", "a", "@hint_exten") == 14
    assert folder.line("endpoint", "a", "@hint_context") == 5
    assert folder.line("aor", "a", "contact") == 9
    assert folder.line("auth", "a-oauth", "username") == 10
    assert folder.line("auth", "a-oauth", "password") == 6
    assert folder.line("auth", "a-oauth", "auth_type") == 3
    assert folder.line("identify", "a-identify", "match") == 9
    assert folder.line("identify", "a-identify", "endpoint") == 7
    assert folder.line("registration", "a-reg-1", "server_uri") == 11
    assert folder.line("registration", "a-reg-1", "client_uri") == 9
    assert folder.line("registration", "a-reg-1", "expiration") == 7


def test_what_is_not_there_has_no_place(folder: Folder) -> None:
    folder.load(TEXT + "[none]\nremote_hosts = x\n")
    assert folder.line("endpoint", "t") is None
    assert folder.line("endpoint", "none") is None
    assert folder.line("registration", "a-reg-2") is None
    assert folder.line("auth", "a-iauth") is None
    (folder.path / "pjsip_wizard.conf").unlink()
    folder.load()
    assert folder.line("endpoint", "a") is None


def test_of_sections_of_one_name_the_last_is_the_place(folder: Folder) -> None:
    folder.load(TEXT + TEXT.partition("[a]")[1] + "\ntype = wizard\naccepts_registrations = yes\n")
    assert folder.line("endpoint", "a") == 15


def test_places_are_those_of_the_last_load(folder: Folder) -> None:
    folder.load(TEXT)
    assert folder.line("endpoint", "a") == 7
    folder.load("\n\n" + TEXT)
    assert folder.line("endpoint", "a") == 9


def test_a_place_in_an_included_file_is_there(folder: Folder) -> None:
    (folder.path / "more.conf").write_text("\nendpoint/context = x\n")
    folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.1\n#include more.conf\n")
    place = folder.stores["endpoint"].place("a", "context")
    assert str(place) == f"{folder.path / 'more.conf'}:2"
