"""Which objects a section comes to; that the real Asterisk makes the same is a test of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sorcery_pjsip_wizard.pieces import owner

if TYPE_CHECKING:
    from tests.unit.sorcery_pjsip_wizard.conftest import Folder

TRUNK = """[carrier]
type = wizard
remote_hosts = 192.0.2.1:5080, 192.0.2.2
sends_auth = yes
sends_registrations = yes
transport = udp
outbound_proxy = sip:192.0.2.9\\;lr
outbound_auth/username = acct77
outbound_auth/password = secret
endpoint/context = from-carrier
endpoint/allow = !all,alaw
aor/qualify_frequency = 30
identify/srv_lookups = no
registration/expiration = 600
"""
PHONE = """[desk]
type = wizard
accepts_registrations = yes
accepts_auth = yes
inbound_auth/username = desk
inbound_auth/password = secret
aor/max_contacts = 1
endpoint/context = phones
"""


def test_a_trunk(folder: Folder) -> None:
    folder.load(TRUNK)
    assert folder.told() == []
    assert folder.ids == {
        "auth": ["carrier-oauth"],
        "aor": ["carrier"],
        "endpoint": ["carrier"],
        "identify": ["carrier-identify"],
        "registration": ["carrier-reg-0", "carrier-reg-1"],
    }
    assert folder.settings("endpoint", "carrier") == {
        "context": "from-carrier",
        "transport": "udp",
        "outbound_proxy": "sip:192.0.2.9;lr",
        "outbound_auth": "carrier-oauth",
        "allow": "alaw",
        "aors": "carrier",
    }
    assert folder.settings("aor", "carrier") == {
        "contact": "sip:192.0.2.1:5080,sip:192.0.2.2",
        "qualify_frequency": "30",
        "outbound_proxy": "sip:192.0.2.9;lr",
    }
    assert folder.settings("auth", "carrier-oauth") == {"username": "acct77", "password": "secret"}
    identify = folder.settings("identify", "carrier-identify")
    assert (identify["endpoint"], identify["srv_lookups"]) == ("carrier", "no")
    assert identify["match"].split(",") == ["192.0.2.1:5080", "192.0.2.2"]
    assert folder.settings("registration", "carrier-reg-1") == {
        "server_uri": "sip:192.0.2.2",
        "client_uri": "sip:acct77@192.0.2.2",
        "transport": "udp",
        "outbound_proxy": "sip:192.0.2.9;lr",
        "outbound_auth": "carrier-oauth",
        "expiration": "600",
    }


def test_a_phone(folder: Folder) -> None:
    folder.load(PHONE)
    assert folder.told() == []
    assert folder.ids == {"auth": ["desk-iauth"], "aor": ["desk"], "endpoint": ["desk"]}
    assert folder.settings("endpoint", "desk") == {"context": "phones", "auth": "desk-iauth", "aors": "desk"}
    assert folder.settings("aor", "desk") == {"max_contacts": "1"}


def test_every_object_names_its_section(folder: Folder) -> None:
    folder.load(TRUNK + PHONE + "has_phoneprov = yes\nphoneprov/MAC = 001122334455\n")
    for name, ids in folder.ids.items():
        for id in ids:
            obj = folder.stores[name].retrieve(id)
            assert obj is not None
            section = obj.text("@pjsip_wizard")
            assert section in ("carrier", "desk")
            assert section == owner(name, id)


def test_the_suffix_of_another_type_is_part_of_a_name() -> None:
    assert owner("endpoint", "a-reg-0") == "a-reg-0"
    assert owner("auth", "a-oauth-iauth") == "a-oauth"
    assert owner("registration", "a-reg-1-reg-22") == "a-reg-1"


def test_a_line_leads_to_the_endpoint_in_the_place_of_an_identify(folder: Folder) -> None:
    folder.load(TRUNK + "sends_line_with_registrations = yes\n")
    assert "identify" not in folder.ids
    registration = folder.settings("registration", "carrier-reg-0")
    assert (registration["line"], registration["endpoint"]) == ("yes", "carrier")


@pytest.mark.parametrize("line", ["contact_pattern =", "aor/contact =", "accepts_registrations = yes\nremote_hosts ="])
def test_there_may_be_no_contacts(folder: Folder, line: str) -> None:
    folder.load(f"[a]\ntype = wizard\nremote_hosts = 192.0.2.1\n{line}\n")
    assert folder.settings("aor", "a") == {}


def test_what_is_passed_on_takes_the_place_of_hosts(folder: Folder) -> None:
    folder.load(TRUNK + "aor/contact = sip:x@192.0.2.7\nidentify/match = 192.0.2.8\n")
    assert folder.settings("aor", "carrier")["contact"] == "sip:x@192.0.2.7"
    assert folder.settings("identify", "carrier-identify")["match"] == "192.0.2.8"


def test_what_the_wizard_adds_overrules_what_is_passed_on(folder: Folder) -> None:
    folder.load(
        TRUNK + "endpoint/aors = x\nendpoint/outbound_auth = x\nendpoint/transport = x\nidentify/endpoint = x\n"
        "registration/server_uri = sip:x\nregistration/outbound_auth = x\nendpoint/@pjsip_wizard = x\n"
    )
    endpoint = folder.settings("endpoint", "carrier")
    assert (endpoint["aors"], endpoint["outbound_auth"], endpoint["transport"]) == ("carrier", "carrier-oauth", "udp")
    assert folder.settings("identify", "carrier-identify")["endpoint"] == "carrier"
    registration = folder.settings("registration", "carrier-reg-0")
    assert (registration["server_uri"], registration["outbound_auth"]) == ("sip:192.0.2.1:5080", "carrier-oauth")


def test_patterns(folder: Folder) -> None:
    folder.load(
        TRUNK + "server_uri_pattern = sip:r@${REMOTE_HOST}\nclient_uri_pattern = sip:${USERNAME}x@y\n"
        "contact_pattern = sip:c@${REMOTE_HOST}\n"
    )
    registration = folder.settings("registration", "carrier-reg-1")
    assert (registration["server_uri"], registration["client_uri"]) == ("sip:r@192.0.2.2", "sip:acct77x@y")
    assert folder.settings("aor", "carrier")["contact"] == "sip:c@192.0.2.1:5080,sip:c@192.0.2.2"


def test_without_authentication_the_section_registers_by_its_name(folder: Folder) -> None:
    folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.1\nsends_registrations = yes\noutbound_auth/username = x\n")
    assert folder.settings("registration", "a-reg-0")["client_uri"] == "sip:a@192.0.2.1"


@pytest.mark.parametrize(
    ("lines", "hint"),
    [
        ("has_hint = yes\nhint_exten = 10\nhint_context = h\n", ("h", "10")),
        ("hint_exten = 10\n", ("phones", "10")),
        ("hint_exten = 10\nhint_context = h\nhint_context =\n", ("phones", "10")),
        ("hint_exten = 10\nendpoint/context =\n", ("default", "10")),
        ("has_hint = yes\nhint_context = h\n", (None, None)),
        ("hint_exten = 10\nhint_exten =\n", (None, None)),
    ],
)
def test_an_endpoint_tells_where_its_hint_is(folder: Folder, lines: str, hint: tuple[str | None, str | None]) -> None:
    folder.load(PHONE + lines)
    endpoint = folder.settings("endpoint", "desk")
    assert (endpoint.get("@hint_context"), endpoint.get("@hint_exten")) == hint


def test_a_type_of_auth_is_kept(folder: Folder) -> None:
    digest = "0123456789abcdef0123456789abcdef"
    folder.load(PHONE + f"inbound_auth/auth_type = md5\ninbound_auth/md5_cred = {digest}\n")
    assert folder.settings("auth", "desk-iauth")["auth_type"] == "md5"


def test_the_last_line_of_an_option_counts_and_the_case_of_its_name_does_not(folder: Folder) -> None:
    folder.load(
        "[a]\ntype = wizard\nREMOTE_HOSTS = 192.0.2.1\nremote_hosts = 192.0.2.2\nSends_Auth = yes\n"
        "outbound_auth/Username = first\noutbound_auth/USERNAME = second\noutbound_auth/password = x\n"
        "sends_registrations = yes\n"
    )
    assert folder.settings("registration", "a-reg-0")["client_uri"] == "sip:second@192.0.2.2"
    assert folder.settings("auth", "a-oauth")["username"] == "second"


def test_the_case_of_a_prefix_counts(folder: Folder) -> None:
    folder.load("[a]\ntype = wizard\nremote_hosts = 192.0.2.1\nAOR/contact = sip:192.0.2.2\n")
    assert folder.settings("aor", "a") == {"contact": "sip:192.0.2.1"}
    assert folder.told() == [("warning", "unknown-option", 4)]
