"""What the declarations say as a whole."""

from __future__ import annotations

import pytest

from sorcery.kinds import Refused
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.pjsip import TYPES, Contact, Global, System

EACH_TYPE = pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__sorcery__.name)
OPTIONS = [
    pytest.param(option, id=f"{cls.__sorcery__.name}-{option.name}")
    for cls in TYPES
    for option in cls.__sorcery__.options.values()
]
COUNTS = {
    "transport": 29,
    "auth": 12,
    "aor": 15,
    "endpoint": 145,
    "identify": 5,
    "registration": 21,
    "contact": 15,
    "domain_alias": 1,
    "acl": 6,
    "global": 28,
    "system": 16,
}


def test_every_type_has_all_its_options() -> None:
    assert {cls.__sorcery__.name: len(cls.__sorcery__.options) for cls in TYPES} == COUNTS


@EACH_TYPE
def test_a_type_is_described_and_mapped(cls: type[Object]) -> None:
    own = cls.__sorcery__
    assert own.doc.endswith(".")
    assert own.section in {"acl", "res_pjsip", "res_pjsip_endpoint_identifier_ip", "res_pjsip_outbound_registration"}
    assert (own.family or "").startswith("ps_") or own.name == "acl"
    assert own.conf == "pjsip.conf" or cls is Contact


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_described_and_says_what_it_expects(option: Option) -> None:
    assert option.doc
    assert option.kind.expects()


@pytest.mark.parametrize("option", OPTIONS)
def test_an_object_that_means_nothing_to_an_option_is_refused(option: Option) -> None:
    with pytest.raises(Refused) as caught:
        option.kind.convert(object())
    assert "object" in caught.value.reason or option.name == "stir_shaken"


def test_single_objects_are_found_by_name_and_contacts_in_the_astdb() -> None:
    assert [cls for cls in TYPES if cls.__sorcery__.single] == [Global, System]
    assert [cls.__sorcery__.explicit_name for cls in (Global, System)] == ["global", "system"]
    assert not System.__sorcery__.follows_reload
    assert (Contact.__sorcery__.default_mapping, Contact.__sorcery__.conf) == ("astdb,registrar", None)


def test_secrets_are_marked() -> None:
    found = {(cls.__sorcery__.name, o.name) for cls in TYPES for o in cls.__sorcery__.options.values() if o.secret}
    assert found == {
        *(("auth", name) for name in ("password", "md5_cred", "password_digest", "refresh_token", "oauth_secret")),
        ("transport", "password"),
    }


def test_references_point_to_types() -> None:
    found = {o.refers_to for cls in TYPES for o in cls.__sorcery__.options.values() if o.refers_to}
    assert found >= {"aor", "auth", "endpoint", "transport"}
    assert found - {cls.__sorcery__.name for cls in TYPES} == {"geolocation/profile", "stir_shaken/profile"}
