"""The declarations against a table of all types and options, taken from Asterisk's registrations.

`tests/data/pjsip-objects.json` holds, per type, what Asterisk registers: names, kinds, defaults, choices, ranges, what
reads back of an option that was not set, and the first version of each branch that documents the option.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sorcery.errors import InvalidObject
from sorcery.kinds import (
    Boolean,
    Choice,
    Flags,
    Integer,
    Kind,
    NamedLines,
    Names,
    Real,
    Refused,
    SecretText,
    Text,
)
from sorcery.kinds.base import refuse_repair
from sorcery.mapping import Mapping, default_mapping
from sorcery.objects import Object
from sorcery.options import Option
from sorcery.pjsip import TYPES, StirShakenProfile, System
from sorcery.pjsip.kinds.access import AccessNames, AccessRules
from sorcery.pjsip.kinds.callerid import CallerIdText
from sorcery.pjsip.kinds.choices import OptionalChoice
from sorcery.pjsip.kinds.codecprefs import CodecPreferences
from sorcery.pjsip.kinds.codecs import CodecList
from sorcery.pjsip.kinds.digests import MD5Digest, PasswordDigests
from sorcery.pjsip.kinds.events import EventObjects
from sorcery.pjsip.kinds.expressions import Expression
from sorcery.pjsip.kinds.groups import GroupNames, GroupNumbers
from sorcery.pjsip.kinds.implied import Alias
from sorcery.pjsip.kinds.items import NameValueList
from sorcery.pjsip.kinds.json_text import JsonText
from sorcery.pjsip.kinds.matches import HeaderMatchText, UriMatchText
from sorcery.pjsip.kinds.media import MediaAddress
from sorcery.pjsip.kinds.moments import Moment
from sorcery.pjsip.kinds.namelists import WrittenNames
from sorcery.pjsip.kinds.numbers import Timestamp
from sorcery.pjsip.kinds.security import SecurityMechanisms
from sorcery.pjsip.kinds.sockaddr import BindAddress
from sorcery.pjsip.kinds.texts import Dashed, OptionalText, Patterned
from sorcery.pjsip.kinds.tos import TypeOfService
from sorcery.pjsip.kinds.uris import ContactUris
from sorcery.pjsip.kinds.variables import VariableLines
from tests.unit.pjsip.bases import BASES

TABLE: dict[str, Any] = json.loads((Path(__file__).parents[2] / "data/pjsip-objects.json").read_text(encoding="utf-8"))
BY_NAME = {cls.__sorcery__.name: cls for cls in TYPES}
EACH_TYPE = pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__sorcery__.name)
OPTIONS = [
    pytest.param(cls, option, id=f"{cls.__sorcery__.name}-{option.name}")
    for cls in TYPES
    for option in cls.__sorcery__.options.values()
]
EACH_OPTION = pytest.mark.parametrize(("cls", "option"), OPTIONS)
KINDS: dict[str, type[Kind[Any]] | tuple[type[Kind[Any]], ...]] = {
    "string": (Text, OptionalText, SecretText, Dashed),
    "bool": Boolean,
    "int": Integer,
    "uint": Integer,
    "float": Real,
    "enum": (Choice, OptionalChoice),
    "flags": Flags,
    "codecs": CodecList,
    "acl": (AccessNames, AccessRules),
    "sockaddr": BindAddress,
    "string_list": (Names, WrittenNames),
    "timestamp": (Timestamp, Moment),
    "custom:callerid": CallerIdText,
    "custom:codec_prefs": CodecPreferences,
    "custom:contact_uris": ContactUris,
    "custom:event_map": EventObjects,
    "custom:group_set": GroupNumbers,
    "custom:header_match": HeaderMatchText,
    "custom:json": JsonText,
    "custom:media_address": MediaAddress,
    "custom:name_value_list": NameValueList,
    "custom:named_groups": GroupNames,
    "custom:passthrough": NamedLines,
    "custom:password_digest": (MD5Digest, PasswordDigests),
    "custom:regex": Expression,
    "custom:security_mechanisms": SecurityMechanisms,
    "custom:tos": TypeOfService,
    "custom:uri_match": UriMatchText,
    "custom:uri_user": Patterned,
    "custom:variable": (VariableLines, NamedLines),
}
OF_THEIR_OWN = {
    ("endpoint", "follow_redirect_methods"): Flags,
    ("endpoint", "callerid_privacy"): Kind,  # a name or a number
    ("transport", "local_net"): Kind,
    ("aor", "contact"): Kind,  # URIs, each of which may hold anything but a comma
    ("identify", "match"): Kind,
    ("auth", "supported_algorithms_uac"): Kind,
    ("auth", "supported_algorithms_uas"): Kind,
    ("global", "default_auth_algorithms_uac"): Kind,
    ("global", "default_auth_algorithms_uas"): Kind,
    ("endpoint", "dtls_rekey"): Integer,
}


def row(cls: type[Object], option: Option) -> dict[str, Any]:
    """Return what the table says of an option; families stand there as patterns."""
    spelled = {"event_*": "^event_", "*": "^"}.get(option.name, option.name)
    return next(each for each in TABLE[cls.__sorcery__.name]["options"] if each["name"] == spelled)


def test_there_are_36_types_in_the_order_of_the_table() -> None:
    assert [cls.__sorcery__.name for cls in TYPES] == list(TABLE)
    assert len(TYPES) == 36


def test_there_are_554_options_counting_the_one_that_selects_the_type() -> None:
    selectors = sum(told["selector"] for told in TABLE.values())
    assert sum(len(cls.__sorcery__.options) for cls in TYPES) + selectors == 554


@EACH_TYPE
def test_a_type_has_the_options_of_the_table_in_its_order(cls: type[Object]) -> None:
    own = cls.__sorcery__
    names = [{"event_*": "^event_", "*": "^"}.get(option.name, option.name) for option in own.options.values()]
    assert names == [each["name"] for each in TABLE[own.name]["options"]]


@EACH_TYPE
def test_a_type_is_described_and_lies_where_asterisk_looks_for_it(cls: type[Object]) -> None:
    own, told = cls.__sorcery__, TABLE[cls.__sorcery__.name]
    assert own.doc
    assert own.doc.splitlines()[0].endswith((".", ":", ","))
    assert own.plain_name == (told["sorcery_type"] or "wizard")
    assert own.conf == told["conf"]
    assert own.family == told["realtime_family_and_table_by_convention"]
    assert own.section == next(iter(told["sorcery_conf_sections"]), "")
    assert (own.single, own.explicit_name) == (told["single_object"], told["explicit_name"])
    assert own.follows_reload == told["reloadable"]
    assert own.since == tuple(told["since"])


@EACH_TYPE
def test_a_type_that_nobody_maps_is_kept_where_asterisk_keeps_it(cls: type[Object]) -> None:
    own, backend = cls.__sorcery__, TABLE[cls.__sorcery__.name]["default_backend"]
    found = default_mapping(own)
    assert found.type_name == own.name
    if backend.startswith("astdb"):
        assert found == Mapping(own.name, "astdb", backend.partition("prefix ")[2])
    elif own.conf and own.name != "wizard":
        assert found.arguments.startswith(f"{own.conf},criteria=type={own.plain_name}")
    else:  # what only a running Asterisk holds
        assert (found.wizard, found.arguments) == ("memory", "")


@EACH_OPTION
def test_an_option_starts_with_asterisks_default(cls: type[Object], option: Option) -> None:
    told = row(cls, option)["default"] or ""
    if told.startswith("<astdatadir>"):
        told = ""  # which directory that is, only an installation knows
    if option.is_alias and option.is_printed:  # it prints what the other one starts with
        option = next(
            each for each in cls.__sorcery__.options.values() if each.attribute == each.name == option.attribute
        )
    assert (option.default or "") == told.removesuffix(" <version>")


@EACH_OPTION
def test_an_option_is_of_the_kind_that_asterisk_reads(cls: type[Object], option: Option) -> None:
    told = row(cls, option)
    kind = option.kind.kind if isinstance(option.kind, Alias) else option.kind
    assert isinstance(kind, OF_THEIR_OWN.get((cls.__sorcery__.name, option.name)) or KINDS[told["kind"]])
    if isinstance(kind, Integer) and told["kind"] in ("int", "uint") and "max" in told:
        assert kind.most == told["max"]
    choice = kind.choice if isinstance(kind, OptionalChoice) else kind
    if isinstance(choice, Choice) and "choices" in told:
        assert set(choice.words) ^ set(told["choices"]) <= {"default"}  # another word for tlsv1


@EACH_OPTION
def test_an_option_is_known_since_the_versions_that_document_it(cls: type[Object], option: Option) -> None:
    told = tuple(row(cls, option).get("since", ()))
    if TABLE[cls.__sorcery__.name]["internal"]:
        assert not told
    else:
        assert option.since == told


@EACH_OPTION
def test_an_option_is_printed_secret_deprecated_or_an_alias_as_the_table_says(
    cls: type[Object], option: Option
) -> None:
    told = row(cls, option)
    assert option.is_printed == told.get("printed", False)
    assert option.secret == told.get("secret", False)
    if told.get("deprecated"):
        assert option.successor is not None
    if "alias_of" in told:
        assert option.is_alias
        assert option.attribute == told["alias_of"].partition(" ")[0]


@EACH_OPTION
def test_an_option_refers_to_what_the_table_says(cls: type[Object], option: Option) -> None:
    told = row(cls, option).get("reference_to", "").partition(" (")[0]
    if option.is_family and cls.__sorcery__.name in ("phoneprov", "wizard"):
        assert option.refers_to == ("endpoint" if cls.__sorcery__.name == "phoneprov" else "")
    elif told in BY_NAME:
        assert option.refers_to == told
    else:
        assert not option.refers_to


def test_what_else_the_table_calls_a_reference_may_refer_to_it() -> None:
    named = {"acl.conf section": "acl.conf", "mailbox": "mwi_external/mailboxes"}
    for cls in TYPES:
        for option in cls.__sorcery__.options.values():
            told = row(cls, option).get("reference_to", "")
            if (cls.__sorcery__.name, option.name) == ("resource_list", "list_item"):
                assert (option.may_refer_to, option.alike) == ("resource_list", "event")
            else:
                assert option.may_refer_to == named.get(told, "")


def test_every_option_that_refers_to_objects_of_a_type_can_be_given_their_new_names() -> None:
    seen = set()
    for cls in TYPES:
        for option in cls.__sorcery__.relating:
            target = option.refers_to or option.may_refer_to
            written = {"phoneprov": "endpoint=old", "inbound-publication": "asterisk-mwi=old"}.get(
                cls.__sorcery__.name if option.is_family else "", "old"
            )
            value = option.kind.parse(written, option.kind.zero, refuse_repair)
            assert option.kind.names(value) == ("old",)
            if target in BY_NAME:
                seen.add((cls.__sorcery__.name, option.name))
                assert option.kind.names(option.kind.renamed(value, "old", "new")) == ("new",)
                assert option.kind.renamed(value, "old", None) == option.kind.zero
                assert option.kind.renamed(value, "other", "new") == value
    assert len(seen) == 28


@EACH_OPTION
def test_an_option_that_was_not_set_prints_as_in_asterisk(cls: type[Object], option: Option) -> None:
    own = cls.__sorcery__
    told = row(cls, option).get("prints_when_unset")
    obj = cls.from_objectset("x", BASES.get(own.name, {}).items())
    if told is None or option.name in BASES.get(own.name, {}) or own.name == "stir_shaken/eprofile":
        return
    texts = [text for name, text in obj.objectset(compat=True) if name == option.name]
    if (own.name, option.name) == ("global", "user_agent"):
        assert texts == ["Asterisk PBX"]  # and behind it there the version
    elif option.attribute != "security_mechanisms":
        assert texts == [told]


def test_an_effective_profile_that_nothing_sets_prints_as_in_asterisk() -> None:
    printed = dict(StirShakenProfile("p").effective().objectset())
    table = TABLE["stir_shaken/eprofile"]["options"]
    told = {each["name"]: each["prints_when_unset"] for each in table if "prints_when_unset" in each}
    assert len(told) > 20
    assert {name: printed[name] for name in told} == told


@EACH_OPTION
def test_an_option_is_described_and_says_what_it_expects(cls: type[Object], option: Option) -> None:
    assert option.doc
    assert option.kind.expects()


@EACH_OPTION
def test_an_object_that_means_nothing_to_an_option_is_refused(cls: type[Object], option: Option) -> None:
    with pytest.raises(Refused) as caught:
        option.kind.convert(object())
    assert "object" in caught.value.reason or option.name == "stir_shaken"


@EACH_TYPE
def test_an_unknown_option_refuses_the_object_but_for_a_lenient_type(cls: type[Object]) -> None:
    own = cls.__sorcery__
    pairs = [*BASES.get(own.name, {}).items(), ("nosuchoption", "1")]
    if own.name in ("wizard", "phoneprov"):
        assert own.build("x", pairs)
    else:
        with pytest.raises(InvalidObject, match="unknown option"):
            own.build("x", pairs)


def test_references_point_to_types() -> None:
    found = {option.refers_to for cls in TYPES for option in cls.__sorcery__.options.values() if option.refers_to}
    assert found <= set(BY_NAME)


def test_only_system_keeps_its_values_over_a_reload() -> None:
    assert [cls for cls in TYPES if not cls.__sorcery__.follows_reload] == [System]
