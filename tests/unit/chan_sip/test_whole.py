"""What is about the whole system."""

from __future__ import annotations

import pytest

from sorcery.chan_sip import Verdict
from tests.unit.chan_sip.sip import CLOSED, converted, ids, note, options, verdict


@pytest.mark.parametrize(
    ("line", "type_name", "option", "text"),
    [
        ("useragent = PBX", "global", "user_agent", "PBX"),
        ("realm = example.com", "global", "default_realm", "example.com"),
        ("callerid = Office", "global", "default_from_user", "Office"),
        ("maxforwards = 40", "global", "max_forwards", "40"),
        ("regcontext = registered", "global", "regcontext", "registered"),
        ("sipdebug = yes", "global", "debug", "yes"),
        ("legacy_useroption_parsing = yes", "global", "ignore_uri_user_options", "yes"),
        ("compactheaders = yes", "system", "compact_headers", "yes"),
        ("timert1 = 200", "system", "timer_t1", "200"),
    ],
)
def test_some_lines_are_about_the_system(line: str, type_name: str, option: str, text: str) -> None:
    assert options(converted(f"{CLOSED}{line}\n"), type_name, type_name)[option] == text


def test_there_is_no_system_object_without_need() -> None:
    assert ids(converted(CLOSED), "system") == []


def test_the_user_of_from_is_looked_for_first() -> None:
    assert options(converted(CLOSED), "global", "global")["endpoint_identifier_order"] == "username,ip,anonymous"


def test_voicemail_is_called_by_its_old_name_unless_told_otherwise() -> None:
    assert options(converted(CLOSED), "global", "global")["default_voicemail_extension"] == "asterisk"
    made = converted(f"{CLOSED}vmexten = *97\n[p]\ntype = friend\n")
    assert "default_voicemail_extension" not in options(made, "global", "global")
    assert options(made, "endpoint")["voicemail_extension"] == "*97"


ALWAYS = ("alwaysauthreject", "srvlookup", "pedantic", "notifyhold", "notifycid", "auth_message_requests")


@pytest.mark.parametrize("name", ALWAYS)
def test_what_pjsip_always_does_cannot_be_switched_off(name: str) -> None:
    assert verdict(converted(f"{CLOSED}{name} = yes\n"), name) is Verdict.MAPPED
    assert verdict(converted(f"{CLOSED}{name} = no\n"), name) is Verdict.CHANGED


def test_a_word_that_says_neither_switches_nothing_off() -> None:
    assert verdict(converted(f"{CLOSED}notifycid = ignore-context\n"), "notifycid") is Verdict.MAPPED


def test_a_context_of_a_domain_is_lost() -> None:
    assert verdict(converted(f"{CLOSED}domain = example.com\n"), "domain") is Verdict.MAPPED
    assert verdict(converted(f"{CLOSED}domain = example.com,other\n"), "domain") is Verdict.LOST


def test_where_anybody_may_register_from_is_a_gate_of_its_own() -> None:
    made = converted(f"{CLOSED}contactdeny = 0.0.0.0/0\ncontactpermit = 10.0.0.0/8\n")
    assert options(made, "acl", "contacts") == {"contact_deny": "0.0.0.0/0", "contact_permit": "10.0.0.0/8"}


def test_a_default_is_told_where_no_line_says_otherwise() -> None:
    told = [
        [each.verdict for each in made.notes if each.option == "shrinkcallerid"]
        for made in (
            converted(CLOSED),
            converted(f"{CLOSED}shrinkcallerid = no\n"),
            converted(f"{CLOSED}shrinkcallerid = yes\n"),
        )
    ]
    assert told == [[Verdict.DEFAULT], [Verdict.MAPPED], [Verdict.LOST]]


@pytest.mark.parametrize("name", ["allowexternaldomains", "allowexternalinvites"])
def test_every_domain_is_served_which_matters_to_who_did_not(name: str) -> None:
    assert verdict(converted(f"{CLOSED}{name} = yes\n"), name) is Verdict.MAPPED
    assert verdict(converted(f"{CLOSED}{name} = no\n"), name) is Verdict.CHANGED


def test_defaults_that_differ_are_told() -> None:
    assert "100rel=no" in note(converted(CLOSED), "(PRACK)").why
