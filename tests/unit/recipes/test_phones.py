"""Devices that register, and what is so of each kind of them."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery import InvalidObject, Secret
from sorcery.pjsip import Aor, Auth, Endpoint, Transport
from sorcery.recipes import Bundle, ata, phone, softphone, webrtc
from tests.unit.recipes.systems import CERTIFICATE, KEY, findings, system_with

DEVICES = [phone, softphone, webrtc, ata]
PASSWORD = Secret("hunter2hunter2")


def parts(bundle: Bundle) -> tuple[Endpoint, Auth, Aor]:
    (endpoint,), (auth,), (aor,) = bundle.of(Endpoint), bundle.of(Auth), bundle.of(Aor)
    return endpoint, auth, aor


@pytest.mark.parametrize("recipe", DEVICES)
def test_a_device_registers_as_its_id_and_is_known_by_its_name_alone(recipe: Any) -> None:
    endpoint, auth, aor = parts(recipe("100", secret=PASSWORD))
    assert (endpoint.id, auth.id, aor.id) == ("100", "100", "100")
    assert (endpoint.auth, endpoint.aors.names) == (("100",), ("100",))
    assert (auth.username, auth.password) == ("100", PASSWORD)
    assert endpoint.identify_by == ("username",)
    assert not endpoint.direct_media


@pytest.mark.parametrize("recipe", DEVICES)
def test_an_unknown_algorithm_is_named_as_it_was_written(recipe: Any) -> None:
    with pytest.raises(InvalidObject, match=r"supported_algorithms_uas='MD5,MD6': 'MD6' is no digest algorithm"):
        recipe("100", algorithms=("MD5", "MD6"))


@pytest.mark.parametrize("recipe", DEVICES)
def test_a_device_that_comes_back_from_elsewhere_is_let_in_and_one_that_is_gone_is_noticed(recipe: Any) -> None:
    _, _, aor = parts(recipe("100"))
    assert aor.max_contacts >= 1
    assert aor.remove_existing
    assert aor.qualify_frequency == 60


@pytest.mark.parametrize("recipe", DEVICES)
def test_no_check_finds_fault_with_it(recipe: Any) -> None:
    with system_with(recipe("100")) as system:
        assert findings(system) == []


def test_a_check_would_find_fault() -> None:
    with system_with(phone("100").evolve(Aor, remove_existing=False)) as system:
        assert [finding.rule for finding in findings(system)] == ["locked-out"]


def test_a_password_is_made_for_each_unless_given() -> None:
    (_, one, _), (_, other, _) = parts(phone("100")), parts(phone("100"))
    assert len(one.password.reveal()) == 24
    assert one.password != other.password


def test_an_empty_password_is_refused_and_not_replaced() -> None:
    with pytest.raises(InvalidObject, match="neither a password nor a digest"):
        phone("100", secret=Secret(""))


def test_behind_nat_answers_go_where_requests_and_media_came_from() -> None:
    behind, _, _ = parts(phone("100"))
    assert behind.rewrite_contact
    assert behind.rtp_symmetric
    assert behind.force_rport
    plain, _, _ = parts(phone("100", nat=False))
    assert not plain.rewrite_contact
    assert not plain.rtp_symmetric


def test_who_somebody_is_told() -> None:
    endpoint, _, _ = parts(phone("100", name='Alice "A"', mailbox="100", group="sales"))
    assert (endpoint.callerid.name, endpoint.callerid.number) == ('Alice "A"', "100")
    assert endpoint.mailboxes.names == ("100@default",)
    assert endpoint.named_call_group == endpoint.named_pickup_group == ("sales",)


def test_a_name_that_is_no_number_is_shown_as_none() -> None:
    endpoint, auth, _ = parts(phone("alice@example.com", name="Alice"))
    assert (endpoint.callerid.name, endpoint.callerid.number) == ("Alice", "")
    assert auth.username == "alice"
    numbered, _, _ = parts(phone("alice", number="100", mailbox="1@office"))
    assert numbered.callerid.number == "100"
    assert numbered.mailboxes.names == ("1@office",)
    assert parts(phone("100", mailbox="1, 2@office"))[0].mailboxes.names == ("1@default", "2@office")


def test_of_several_devices_those_that_are_gone_make_room_first() -> None:
    _, _, aor = parts(phone("100", max_contacts=3))
    assert (aor.max_contacts, aor.remove_unavailable) == (3, True)
    _, _, unasked = parts(phone("100", max_contacts=3, qualify=0))
    assert not unasked.remove_unavailable


def test_a_phone_that_nobody_could_register_with_is_refused() -> None:
    with pytest.raises(InvalidObject, match="no device could register"):
        phone("100", max_contacts=0)


def test_a_codec_that_is_none_is_named() -> None:
    with pytest.raises(InvalidObject, match="option allow='ulaw,bogus': 'bogus' is no codec"):
        phone("100", codecs=("ulaw", "bogus"))


def test_other_digests_are_asked_for_only_if_told() -> None:
    _, auth, _ = parts(phone("100"))
    assert ("supported_algorithms_uas", "MD5") not in auth.settings()  # which older releases do not know
    _, better, _ = parts(phone("100", algorithms=("SHA-256", "MD5")))
    assert tuple(better.supported_algorithms_uas) == ("SHA-256", "MD5")


def test_a_softphone_needs_tls_and_encrypts() -> None:
    bundle = softphone("100")
    endpoint, _, _ = parts(bundle)
    assert bundle.protocols == ("tls",)
    assert endpoint.media_encryption == "sdes"
    assert endpoint.rewrite_contact  # its connection is the way back


def test_a_softphone_brings_its_transport_with_the_files_of_one() -> None:
    (made,) = softphone("100", certificate=CERTIFICATE, key=KEY).of(Transport)
    assert (made.id, made.protocol, made.method) == ("tls", "tls", "tlsv1_2")
    (named,) = softphone("100", transport="outside", certificate=CERTIFICATE, key=KEY).of(Transport)
    assert named.id == "outside"


@pytest.mark.parametrize("files", [{"certificate": CERTIFICATE}, {"key": KEY}])
def test_half_a_certificate_is_refused(files: dict[str, Any]) -> None:
    with pytest.raises(InvalidObject, match="a certificate and its key"):
        softphone("100", **files)


def test_a_browser_has_what_webrtc_needs() -> None:
    bundle = webrtc("100")
    endpoint, _, aor = parts(bundle)
    assert endpoint.webrtc
    assert endpoint.dtls_auto_generate_cert
    assert (endpoint.media_encryption, aor.max_contacts) == ("dtls", 5)
    assert bundle.protocols == ("wss", "ws")


def test_a_browser_may_be_shown_a_certificate() -> None:
    endpoint, _, _ = parts(webrtc("100", certificate=CERTIFICATE, key=KEY))
    assert (endpoint.dtls_cert_file, endpoint.dtls_private_key) == (CERTIFICATE, KEY)
    assert not endpoint.dtls_auto_generate_cert
    with pytest.raises(InvalidObject, match="there is a key and no certificate"):
        webrtc("100", key=KEY)


def test_an_adapter_speaks_what_fax_survives() -> None:
    endpoint, _, _ = parts(ata("100"))
    assert endpoint.allow.names == ("alaw", "ulaw")
    assert (endpoint.t38_udptl, endpoint.t38_udptl_ec, endpoint.t38_udptl_nat) == (True, "redundancy", True)
    spoken, _, _ = parts(ata("100", fax=False))
    assert not spoken.t38_udptl
