from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sorcery.query import ALL

if TYPE_CHECKING:
    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

SENDS = "[a]\ntype = wizard\nremote_hosts = 192.0.2.1\nsends_auth = yes\nsends_registrations = yes\n"
USER = "outbound_auth/username = u\noutbound_auth/password = p\n"


@pytest.mark.parametrize(
    ("text", "fault", "line", "absent"),
    [
        (SENDS, "auth 'a-oauth': needs outbound_auth/username", 4, "auth"),
        (SENDS, "registration 'a-reg-0': needs outbound_auth/username", 4, "registration"),
        ("[a]\ntype = wizard\n", "identify 'a-identify': needs remote_hosts", 1, "identify"),
        (
            "[a]\ntype = wizard\naccepts_registrations = yes\nsends_registrations = yes\n",
            "registration 'a-reg-0': needs remote_hosts",
            4,
            "registration",
        ),
        (
            "[a]\ntype = wizard\naccepts_registrations = yes\naccepts_auth = yes\n",
            "auth 'a-iauth': needs inbound_auth/username",
            4,
            "auth",
        ),
        (
            "[a]\ntype = wizard\naccepts_registrations = yes\nhas_phoneprov = yes\n",
            "phoneprov 'a-phoneprov': needs phoneprov/MAC",
            4,
            "phoneprov",
        ),
        (SENDS + USER + "endpoint/nonsense = 1\n", "endpoint 'a', option nonsense: unknown option", 8, "endpoint"),
        (
            SENDS + USER + "endpoint/dtmf_mode = maybe\n",
            "endpoint 'a', option dtmf_mode='maybe': is not one of the choices",
            8,
            "endpoint",
        ),
        (SENDS + USER + "aor/max_contacts = x\n", "aor 'a', option max_contacts='x'", 8, "aor"),
        (SENDS + USER + "server_uri_pattern =\n", "registration 'a-reg-0', option server_uri: is required", 8, "reg"),
        (
            SENDS + USER + "contact_pattern = sip:${FILTER(0-9,${REMOTE_HOST})}\n",
            "aor 'a': calls a function, which Asterisk alone can do",
            8,
            "aor",
        ),
        (
            SENDS + USER + "client_uri_pattern = sip:$[1+2]@x\n",
            "registration 'a-reg-0': holds an expression, which Asterisk alone can evaluate",
            8,
            "registration",
        ),
    ],
)
def test_an_object_that_cannot_be_is_told_with_the_line_to_blame(
    folder: Folder, text: str, fault: str, line: int, absent: str
) -> None:
    folder.load(text)
    (finding,) = [each for each in folder.findings if each.message.startswith(fault)]
    assert str(finding.severity) == "error"
    assert finding.message.endswith("there is no such object until it is mended")
    assert finding.remedy
    assert finding.place is not None
    assert finding.place.line == line
    assert absent not in folder.ids


def test_a_fault_spoils_one_type_only(folder: Folder) -> None:
    folder.load(SENDS + USER + "endpoint/nonsense = 1\n")
    assert folder.ids == {
        "auth": ["a-oauth"],
        "aor": ["a"],
        "identify": ["a-identify"],
        "registration": ["a-reg-0"],
    }


def test_every_bad_line_is_told(folder: Folder) -> None:
    folder.load(SENDS + USER + "endpoint/nonsense = 1\nendpoint/dtmf_mode = x\naor/max_contacts = x\n")
    assert [line for _, _, line in folder.told()] == [10, 8, 9]


def test_the_last_good_objects_stay_and_the_fault_is_told_until_it_is_mended(folder: Folder) -> None:
    folder.load(SENDS + USER + "endpoint/context = good\n")
    bad = SENDS + USER + "endpoint/context = bad\nendpoint/nonsense = 1\n"
    for text in (bad, None, bad + "\n"):
        loaded = folder.load(text)
        assert folder.told() == [("error", "unknown-option", 9)]
        assert folder.findings[0].message.endswith("; the last good object stays")
        assert [each.kept for each in loaded.stores.values() if each.kept] == [("a",)]
        assert not any(each.difference for each in loaded.stores.values())
        assert folder.settings("endpoint", "a")["context"] == "good"
    folder.load(SENDS + USER + "endpoint/context = mended\n")
    assert folder.told() == []
    assert folder.settings("endpoint", "a")["context"] == "mended"


HOSTS = "[a]\ntype = wizard\naccepts_registrations = yes\nsends_registrations = yes\nremote_hosts = "


def test_one_bad_host_does_not_spoil_the_others(folder: Folder) -> None:
    folder.load(HOSTS + "192.0.2.1, not a host, 192.0.2.3\n")
    assert folder.ids["registration"] == ["a-reg-0", "a-reg-2"]


def test_asterisk_makes_nothing_behind_a_bad_host(compat_folder: Folder) -> None:
    compat_folder.load(HOSTS + "192.0.2.1, not a host, 192.0.2.3\n")
    assert compat_folder.ids["registration"] == ["a-reg-0"]


def test_what_else_a_bad_section_stood_for_stays(folder: Folder) -> None:
    folder.load(HOSTS + "192.0.2.1, 192.0.2.2, 192.0.2.3\n")
    loaded = folder.load(HOSTS + "192.0.2.4, not a host\n")
    hosts = [folder.settings("registration", f"a-reg-{number}")["server_uri"] for number in range(3)]
    assert hosts == ["sip:192.0.2.4", "sip:192.0.2.2", "sip:192.0.2.3"]
    assert loaded.stores[folder.stores["registration"]].kept == ("a-reg-1", "a-reg-2")
    folder.load(HOSTS + "192.0.2.4\n")
    assert folder.ids["registration"] == ["a-reg-0"]


def test_a_switch_that_is_turned_off_and_a_section_that_is_gone_remove_objects(folder: Folder) -> None:
    folder.load(SENDS + USER + "[b]\ntype = wizard\naccepts_registrations = yes\n")
    loaded = folder.load(SENDS.replace("yes", "no"))
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"], "identify": ["a-identify"]}
    gone = {store.object_type.name: loaded.stores[store].difference.deleted for store in folder.stores.values()}
    assert {name: [obj.id for obj in deleted] for name, deleted in gone.items()} == {
        "auth": ["a-oauth"],
        "aor": ["b"],
        "endpoint": ["b"],
        "identify": [],
        "registration": ["a-reg-0"],
        "phoneprov": [],
    }


def test_an_object_that_is_as_it_was_stays_the_same(folder: Folder) -> None:
    folder.load(SENDS + USER)
    aor = folder.stores["aor"].retrieve("a")
    loaded = folder.load(SENDS + USER + "endpoint/context = new\n")
    assert folder.stores["aor"].retrieve("a") is aor
    changed = [store.object_type.name for store, each in loaded.stores.items() if each.difference]  # type: ignore[attr-defined]
    assert changed == ["endpoint"]


def test_of_sections_of_one_name_the_last_counts(folder: Folder) -> None:
    folder.load(SENDS + USER + "[a]\ntype = wizard\naccepts_registrations = yes\nendpoint/context = second\n")
    assert folder.ids == {"aor": ["a"], "endpoint": ["a"]}
    assert folder.settings("endpoint", "a") == {"aors": "a", "context": "second"}
    assert folder.told() == [("warning", "duplicate-section", 8)]
    folder.load("[a]\ntype = wizard\n[a]\ntype = wizard\naccepts_registrations = yes\n")
    assert folder.told() == [("warning", "duplicate-section", 3)]


def test_sections_that_copy_a_template_share_its_values(folder: Folder) -> None:
    folder.load(
        "[t](!)\ntype = wizard\naccepts_registrations = yes\nendpoint/allow = !all,alaw,ulaw\nendpoint/set_var = A=1\n"
        "[a](t)\n[b](t)\nendpoint/set_var = B=2\n"
    )
    found = {obj.id: obj for obj in folder.stores["endpoint"].search(ALL)}
    assert found["a"].allow is found["b"].allow  # type: ignore[attr-defined]
    variables = {id: [text for name, text in obj.settings() if name == "set_var"] for id, obj in found.items()}
    assert variables == {"a": ["A=1"], "b": ["A=1", "B=2"]}


def test_a_warning_about_a_template_is_told_once_at_each_load(folder: Folder) -> None:
    text = "[t](!)\ntype = wizard\naccepts_registrations = yes\nendpoint/webrtc = perhaps\n"
    for sections in ("[a](t)\n[b](t)\n", "[a](t)\n[b](t)\n[c](t)\n", "[b](t)\n[c](t)\n", "[c](t)\n"):
        folder.load(text + sections)
        assert folder.told() == [("warning", "repaired-value", 4)]


def test_a_warning_about_a_section_is_told_at_each_load(folder: Folder) -> None:
    text = "[a]\ntype = wizard\naccepts_registrations = yes\nendpoint/webrtc = perhaps\n"
    for rest in ("", ";\n", ";;\n"):
        folder.load(rest + text)
        assert folder.told() == [("warning", "repaired-value", 4 + rest.count("\n"))]
