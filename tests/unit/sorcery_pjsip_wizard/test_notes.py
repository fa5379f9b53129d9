from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

GOOD = "[a]\ntype = wizard\nremote_hosts = 192.0.2.1\n"


@pytest.mark.parametrize(
    ("line", "remedy"),
    [
        ("xyzzy = yes", "remove it"),
        ("sends_registration = yes", "did you mean sends_registrations?"),
        ("endpiont/context = x", "did you mean endpoint/context?"),
        ("Endpoint/context = x", "did you mean endpoint/context?"),
        ("context = x", "did you mean endpoint/context?"),
        ("max_contacts = 1", "did you mean aor/max_contacts?"),
        ("password = x", "did you mean inbound_auth/password?"),
        ("other/x = y", "remove it"),
        ("endpoint/ = x", "remove it"),
        ("@mine = x", "did you mean endpoint/@mine?"),
    ],
)
def test_a_line_that_means_nothing_is_told(folder: Folder, line: str, remedy: str) -> None:
    folder.load(f"{GOOD}{line}\n")
    assert folder.told() == [("warning", "unknown-option", 4)]
    assert folder.findings[0].remedy == remedy


def test_each_option_of_the_reference_is_known(folder: Folder) -> None:
    names = (
        "transport outbound_proxy sends_auth accepts_auth sends_registrations sends_line_with_registrations "
        "accepts_registrations has_phoneprov hint_exten hint_context hint_application"
    )
    folder.load(GOOD + "".join(f"{name} =\n" for name in names.split()) + "HAS_HINT = no\n")
    assert folder.told() == []


def test_a_section_that_nothing_is_made_of_is_told(folder: Folder) -> None:
    folder.load("[a]\ntype = endpoint\n[b]\nremote_hosts = x\n[c]\ntype = Wizard\n[d](!)\ncontext = x\n")
    assert folder.told() == [
        ("warning", "unknown-type", 2),
        ("warning", "no-type", 3),
        ("warning", "unknown-type", 6),
    ]
    assert folder.ids == {}


def test_as_in_asterisk_any_option_named_like_type_may_make_a_wizard(folder: Folder) -> None:
    folder.load(
        "[a]\nmytype = wizard\nremote_hosts = 192.0.2.1\n[b]\ntype = other\ntype = wizard\nremote_hosts = ::1\n"
    )
    assert folder.ids["endpoint"] == ["a", "b"]
    assert folder.told() == [("warning", "unknown-option", 2)]


def test_an_empty_host_is_told_and_passed_over(folder: Folder) -> None:
    folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.1, ,\nsends_registrations = yes\n")
    assert folder.told() == [("warning", "empty-host", 3)]
    assert folder.settings("aor", "a") == {"contact": "sip:192.0.2.1"}
    assert folder.ids["registration"] == ["a-reg-0"]


def test_asterisk_counts_a_host_without_a_name(compat_folder: Folder) -> None:
    compat_folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.1,\n")
    assert compat_folder.settings("aor", "a") == {"contact": "sip:192.0.2.1,sip:"}


def test_a_hint_without_an_extension_is_told(folder: Folder) -> None:
    folder.load(GOOD + "has_hint = yes\n")
    assert folder.told() == [("warning", "incomplete-wizard", 4)]


def test_a_line_of_a_template_is_told_once(folder: Folder) -> None:
    text = "[t](!)\ntype = wizard\naccepts_registrations = yes\nnonsense = 1\n[a](t)\n[b](t)\n"
    for _ in range(2):
        folder.load(text)
        assert folder.told() == [("warning", "unknown-option", 4)]
        text += "[c](t)\n"


def test_a_repeated_section_is_told_wherever_it_comes(folder: Folder) -> None:
    folder.load(GOOD)
    for text in (GOOD + "[a]\ntype = wizard\nremote_hosts = 192.0.2.2\n",) * 2:
        folder.load(text)
        assert folder.told() == [("warning", "duplicate-section", 4)]
        assert folder.settings("aor", "a") == {"contact": "sip:192.0.2.2"}
    folder.load(GOOD)
    folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.2\n" + GOOD)
    assert folder.told() == [("warning", "duplicate-section", 4)]
    assert folder.settings("aor", "a") == {"contact": "sip:192.0.2.1"}
    folder.load(GOOD)
    assert folder.told() == []
    assert folder.settings("aor", "a") == {"contact": "sip:192.0.2.1"}
