"""Kinds that one or two options have: groups, variables, preferences, mechanisms, names as written, numbers."""

from __future__ import annotations

import contextlib
import time

import pytest

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.kinds import Refused
from sorcery.pjsip import Aor, Contact, Endpoint, Global, Registration, System, Transport
from sorcery.pjsip.kinds.codecprefs import CodecPreference
from sorcery.pjsip.kinds.cscan import scan_integer, wrapped
from sorcery.pjsip.kinds.security import SecurityMechanism
from sorcery.pjsip.kinds.texts import cut_bytes
from sorcery.pjsip.kinds.uris import check_uri, parse_route


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1-3,5", (1, 2, 3, 5)),
        (",", (0,)),
        ("7,,3", (3, 7)),
        ("-5-2", (0, 1, 2)),
        ("3-1,x,64", ()),
        ("0x5", (0,)),
        ("9 - 11", (9,)),
    ],
)
def test_call_groups_are_numbers_and_ranges(text: str, numbers: tuple[int, ...]) -> None:
    assert Endpoint.from_objectset("e", [("call_group", text)]).call_group == numbers


def test_call_groups_are_taken_from_ints() -> None:
    assert Endpoint("e", call_group=(3, 1, 3)).call_group == (1, 3)
    for bad in ((64,), (-1,), ("1",), (True,)):
        with pytest.raises(InvalidObject):
            Endpoint("e", call_group=bad)


def test_named_groups_keep_their_order_once_each() -> None:
    assert Endpoint("e", named_call_group="b,A,b,a").named_call_group == ("b", "A", "a")
    assert Endpoint("e", named_call_group=["b", "b"]).named_call_group == ("b",)


def test_variables_are_a_mapping_printed_under_their_own_names() -> None:
    endpoint = Endpoint("e", set_var={"A": "1,2", "B": ""})
    assert dict(endpoint.set_var) == {"A": "1,2", "B": ""}
    assert repr(endpoint.set_var) == "Variables({'A': '1,2', 'B': ''})"
    assert endpoint.text("set_var") == "1,2"
    assert endpoint.settings() == [("set_var", "A=1,2"), ("set_var", "B=")]
    assert ("A", "1,2") in endpoint.objectset()
    with pytest.raises(InvalidObject):
        Endpoint("e", set_var={"A=": "1"})
    with pytest.raises(InvalidObject):
        Endpoint("e", set_var=5)  # type: ignore[arg-type]


def test_codec_preferences_are_four_words() -> None:
    assert Endpoint("e").codec_prefs_outgoing_offer == CodecPreference(operation="union")
    endpoint = Endpoint("e", codec_prefs_incoming_offer=CodecPreference(keep="first"))
    assert endpoint.settings() == [
        ("codec_prefs_incoming_offer", "prefer:pending, operation:intersect, keep:first, transcode:allow")
    ]
    with pytest.raises(InvalidObject, match="union"):
        Endpoint("e", codec_prefs_incoming_offer=CodecPreference(operation="union"))


def test_security_mechanisms_keep_the_preference_that_they_do_not_print() -> None:
    endpoint = Endpoint("e", security_mechanisms="DTLS-SRTP;q=0.5;x, msrp-tls")
    assert endpoint.security_mechanisms == (
        SecurityMechanism("dtls-srtp", ("x",), "0.5"),
        SecurityMechanism("msrp-tls"),
    )
    assert endpoint.text("security_mechanisms") == "dtls-srtp;x, msrp-tls"
    assert endpoint.settings() == [("security_mechanisms", "dtls-srtp;x;q=0.5,msrp-tls")]
    assert Endpoint("e").text("security_mechanisms") is None
    taken = Endpoint("e", security_mechanisms=[endpoint.security_mechanisms[0], "msrp-tls"])  # type: ignore[list-item]
    assert taken.security_mechanisms == endpoint.security_mechanisms
    for bad in ([5], ["sdes-srtp;q=9"], ["bogus"]):
        with pytest.raises(InvalidObject):
            Endpoint("e", security_mechanisms=bad)  # type: ignore[arg-type]


def test_a_list_as_written_iterates_as_names() -> None:
    aors = Endpoint("e", aors=" x ,, y ").aors
    assert (list(aors), len(aors), "y" in aors, str(aors)) == (["x", "y"], 2, True, " x ,, y ")
    assert str(Endpoint("e", aors=["x", "y"]).aors) == "x,y"
    assert Endpoint("e", aors=aors).aors == aors
    assert not Endpoint("e").aors


def test_identifier_names_are_not_trimmed() -> None:
    assert list(Global("g", endpoint_identifier_order="ip, username").endpoint_identifier_order) == ["ip", " username"]


def test_a_contact_user_that_was_never_set_prints_nothing() -> None:
    assert (Endpoint("e").contact_user, Endpoint("e").text("contact_user")) == (None, None)
    assert Endpoint("e", contact_user="").settings() == [("contact_user", "")]
    assert Endpoint("e", contact_user="x").evolve(contact_user=None) == Endpoint("e")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("192.0.2.5:1000", "192.0.2.5"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("a:b", "a:b"),
        ("h:5", "h:5"),
    ],
)
def test_a_media_address_is_normalised_where_it_is_one(text: str, kept: str) -> None:
    assert Endpoint("e", media_address=text).media_address == kept


def test_a_cipher_that_begins_with_a_number_is_that_one_and_told() -> None:
    findings: list[Finding] = []
    pairs = [("bind", "127.0.0.1"), ("cipher", "0x1301-a,4866")]
    transport = Transport.__sorcery__.build("t", pairs, findings=findings)
    assert transport.text("cipher") == "TLS_AES_128_GCM_SHA256, TLS_AES_256_GCM_SHA384"
    assert ["0x1301-a" in finding.message for finding in findings] == [True]
    with pytest.raises(InvalidObject, match="no cipher"):
        Transport("t", bind="127.0.0.1", cipher="0b1")


def test_ciphers_are_taken_by_name_or_number_once_each() -> None:
    names = ["ECDHE-RSA-AES256-GCM-SHA384", "0xC030", "49200"]
    assert Transport("t", bind="127.0.0.1", cipher=names).cipher == ("ECDHE-RSA-AES256-GCM-SHA384",)
    for bad in (["bogus"], ",".join(str(number) for number in range(70_000, 70_070))):
        with pytest.raises(InvalidObject):
            Transport("t", bind="127.0.0.1", cipher=bad)


def test_a_transport_shows_an_address_or_a_host_name() -> None:
    shown = Transport("t", bind="127.0.0.1", external_signaling_hostname="sip.example")
    with pytest.raises(InvalidObject) as caught:
        shown.evolve(external_signaling_address="192.0.2.1")
    assert caught.value.option == "external_signaling_hostname"


def test_an_option_without_effect_takes_one_value_from_a_caller() -> None:
    assert Transport("t", bind="127.0.0.1", async_operations=1).async_operations == 1
    with pytest.raises(InvalidObject, match="has no effect"):
        Transport("t", bind="127.0.0.1", async_operations=5)


def test_types_of_service_are_bytes() -> None:
    assert (Endpoint("e", tos_audio=184).tos_audio, Endpoint.from_objectset("e", [("tos_audio", "EF")]).tos_audio) == (
        184,
        184,
    )
    with pytest.raises(InvalidObject):
        Endpoint("e", tos_audio=256)
    with pytest.raises(InvalidObject, match="multiple of 4"):
        Transport("t", bind="127.0.0.1", tos=185)


def test_contacts_are_uris_without_repeats_printed_in_the_order_of_their_ids() -> None:
    aor = Aor("a", contact=["sip:z@127.0.0.1", "sip:w@127.0.0.1", "sip:z@127.0.0.1"])
    assert aor.contact == ("sip:z@127.0.0.1", "sip:w@127.0.0.1")
    assert [text for name, text in aor.objectset() if name == "contact"] == ["sip:w@127.0.0.1", "sip:z@127.0.0.1"]
    assert aor.settings() == [("contact", "sip:z@127.0.0.1,sip:w@127.0.0.1")]
    for bad in (["sip:a,b@h"], [" sip:a@h"], ["tel:1"], [5]):
        with pytest.raises(InvalidObject):
            Aor("a", contact=bad)  # type: ignore[arg-type]


def test_uris_have_limits() -> None:
    check_uri("sip:u@" + "h" * 245)
    check_uri("sip:u@" + "h" * 255 + ":5060")
    for bad in ("sip:u@" + "h" * 246, "sip:u@" + "h" * 256 + ":5060", "sip:" + "u" * 600 + "@h", "sip:u@[::1"):
        with pytest.raises(ValueError):
            check_uri(bad)


@pytest.mark.parametrize(
    "change",
    [
        {"server_uri": "sip:h:99999"},
        {"server_uri": "sip:h;transport=bogus"},
        {"server_uri": "sip:h:"},
        {"client_uri": "tel:1"},
        {"outbound_proxy": "notauri"},
        {"contact_user": "a\\b"},
        {"contact_header_params": "a|b"},
        {"expiration": 0},
        {"line": True},
        {"endpoint": "e"},
    ],
)
def test_a_registration_must_be_able_to_run(change: dict[str, str]) -> None:
    good = Registration(
        "r", server_uri="sip:h:5060;transport=tcp", client_uri="sips:u@[::1]", outbound_proxy='"P" <sip:p;lr>'
    )
    assert good.evolve(line=True, endpoint="e")
    with pytest.raises(InvalidObject) as caught:
        good.evolve(**change)
    assert caught.value.option in change


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("sip:p;lr", True),
        ("<sip:p;lr>", True),
        ("P <sip:p>", True),
        (' "P \\" <" <sip:p> ;x=y', True),
        ('"P <sip:p>', False),
        ("P <sip:p> x", False),
        ("P <tel:1>", True),
        ("P <tel:x>", False),
        ("sip:p,<sip:q>", True),
        ("sip:p,q", False),
    ],
)
def test_a_proxy_is_a_uri_with_or_without_a_name(text: str, good: bool) -> None:
    with contextlib.nullcontext() if good else pytest.raises(Refused):
        parse_route(text)


def test_a_proxy_of_many_blanks_is_refused_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(Refused):
        parse_route(" " * 20_000 + "p")
    assert time.monotonic() - started < 10


def test_a_registration_prints_one_authentication_after_the_other() -> None:
    registration = Registration("r", server_uri="sip:h", client_uri="sip:u@h", outbound_auth=["a", "b"])
    assert [text for name, text in registration.objectset() if name == "outbound_auth"] == ["a", "b"]


def test_both_names_of_a_task_pool_option_write_one_value() -> None:
    system = System("s", taskpool_max_size=5, threadpool_max_size="7")  # type: ignore[arg-type]
    assert system.taskpool_max_size == 7
    assert [pair for pair in system.objectset() if pair[0].endswith("max_size")] == [
        ("taskpool_max_size", "7"),
        ("threadpool_max_size", "7"),
    ]
    assert system.settings() == [("taskpool_max_size", "7")]


def test_a_contact_expires_at_a_whole_second() -> None:
    assert (
        Contact.from_objectset("c", [("uri", "sip:a@h"), ("expiration_time", "1700000000.75")]).expiration_time
        == 1700000000
    )
    with pytest.raises(InvalidObject):
        Contact("c", uri="sip:a@h", expiration_time="soon")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("x" * 80, "x" * 79),
        ("\u00e9" * 40, "\u00e9" * 39),
        ("\udce9" * 80, "\udce9" * 79),
        ("\udce9" * 79, "\udce9" * 79),
        ("\ud800" * 27, "\ud800" * 26),
    ],
)
def test_a_text_is_cut_between_characters_and_a_stray_byte_counts_as_one(text: str, kept: str) -> None:
    assert cut_bytes(text, 79) == kept
    assert Endpoint.from_objectset("e", [("subscribe_context", text)]).subscribe_context == kept


def test_numbers_are_scanned_as_c_does() -> None:
    assert (scan_integer(" -12abc"), scan_integer("0x1f"), scan_integer("x"), scan_integer("")) == (-12, 0, None, None)
    assert (scan_integer("0x1fg", any_base=True), scan_integer("-017", any_base=True)) == (31, -15)
    assert (scan_integer("+184"), scan_integer("+184", any_base=True)) == (184, 184)
    assert (scan_integer("0b11x", any_base=True), scan_integer("-0B1", any_base=True)) == (3, -1)
    assert [scan_integer(text, any_base=True) for text in ("0x", "0xg", "0b2", "-0b", "00x1")] == [None] * 4 + [0]
    assert scan_integer("9" * 40) == 2**63 - 1
    assert (wrapped(-1), wrapped(257, 8)) == (2**32 - 1, 1)
