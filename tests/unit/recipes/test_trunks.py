"""Trunks: who is taken for them, who they are told to be, and when they give up."""

from __future__ import annotations

import pytest

from sorcery import InvalidObject, Secret
from sorcery.pjsip import Aor, Auth, Endpoint, Identify, Registration
from sorcery.recipes import registered_trunk, trunk
from tests.unit.recipes.systems import findings, system_with

PASSWORD = Secret("hunter2hunter2")


def test_a_trunk_is_known_by_its_address_and_by_nothing_else() -> None:
    bundle = trunk("carrier", hosts=("192.0.2.1:5070", "192.0.2.2"), match=("198.51.100.0/24",))
    ((endpoint,), (aor,), (identify,)) = bundle.of(Endpoint), bundle.of(Aor), bundle.of(Identify)
    assert endpoint.identify_by == ("ip",)
    assert identify.endpoint == "carrier"
    assert identify.match.items == ("192.0.2.1", "192.0.2.2", "198.51.100.0/24")
    assert aor.contact == ("sip:192.0.2.1:5070", "sip:192.0.2.2")
    assert aor.max_contacts == 0  # nobody registers there
    assert bundle.of(Auth) == ()


def test_a_trunk_answers_challenges_with_one_password_and_challenges_with_another() -> None:
    bundle = trunk("pbx", hosts=("192.0.2.1",), username="us", secret=PASSWORD, inbound_secret=Secret("another-one-1"))
    (endpoint,), auths = bundle.of(Endpoint), {auth.id: auth for auth in bundle.of(Auth)}
    assert (endpoint.outbound_auth, endpoint.auth) == (("pbx-oauth",), ("pbx-iauth",))
    assert (auths["pbx-oauth"].username, auths["pbx-oauth"].password) == ("us", PASSWORD)
    assert (auths["pbx-iauth"].username, auths["pbx-iauth"].password.reveal()) == ("pbx", "another-one-1")


def test_a_user_name_without_a_password_is_refused() -> None:
    with pytest.raises(InvalidObject, match="no password"):
        trunk("pbx", hosts=("192.0.2.1",), username="us")


@pytest.mark.parametrize("name", ["secret", "inbound_secret"])
def test_an_empty_password_is_refused_and_opens_no_trunk_to_everybody(name: str) -> None:
    with pytest.raises(InvalidObject, match="neither a password nor a digest"):
        trunk("pbx", hosts=("192.0.2.1",), **{name: Secret("")})  # type: ignore[arg-type]


def test_numbers_are_believed_and_told_where_the_trunk_is_trusted() -> None:
    options = ("trust_id_inbound", "trust_id_outbound", "send_pai")
    (trusted,) = trunk("a", hosts=("192.0.2.1",)).of(Endpoint)
    assert [getattr(trusted, name) for name in options] == [True, True, True]
    (stranger,) = trunk("a", hosts=("192.0.2.1",), trusted=False).of(Endpoint)
    assert [getattr(stranger, name) for name in options] == [False, False, False]


def test_over_tls_media_is_encrypted_too() -> None:
    bundle = trunk("a", hosts=("192.0.2.1",), protocol="tls")
    ((endpoint,), (aor,)) = bundle.of(Endpoint), bundle.of(Aor)
    assert aor.contact == ("sip:192.0.2.1;transport=tls",)
    assert endpoint.media_encryption == "sdes"
    assert bundle.protocols == ("tls",)


def test_everything_goes_through_the_proxy() -> None:
    bundle = registered_trunk(
        "a", server="192.0.2.1", username="us", secret=PASSWORD, proxy="192.0.2.9:5080", protocol="tcp"
    )
    route = "sip:192.0.2.9:5080;transport=tcp;lr"
    ((endpoint,), (aor,)) = bundle.of(Endpoint), bundle.of(Aor)
    (registration,) = bundle.of(Registration)
    assert endpoint.outbound_proxy == aor.outbound_proxy == registration.outbound_proxy == route
    (written,) = trunk("a", hosts=("192.0.2.1",), proxy="sip:p.example;lr").of(Endpoint)
    assert written.outbound_proxy == "sip:p.example;lr"


def test_a_registration_comes_back_when_its_carrier_does() -> None:
    (made,) = registered_trunk("a", server="sip.example.com", username="us", secret=PASSWORD).of(Registration)
    assert (made.server_uri, made.client_uri) == ("sip:sip.example.com", "sip:us@sip.example.com")
    assert (made.contact_user, made.outbound_auth) == ("us", ("a-oauth",))
    assert made.max_retries * made.retry_interval >= 6 * 86400
    assert made.forbidden_retry_interval
    assert made.fatal_retry_interval
    assert not made.auth_rejection_permanent


def test_calls_of_a_registered_trunk_are_known_by_the_line_and_if_told_by_address() -> None:
    bundle = registered_trunk("a", server="sip.example.com", username="us", secret=PASSWORD)
    ((registration,), (endpoint,)) = bundle.of(Registration), bundle.of(Endpoint)
    assert (registration.line, registration.endpoint) == (True, "a")
    assert bundle.of(Identify) == ()
    assert (endpoint.from_user, endpoint.from_domain) == ("us", "sip.example.com")
    more = registered_trunk("a", server="sip.example.com", username="us", secret=PASSWORD, match=("192.0.2.0/24",))
    assert [each.endpoint for each in more.of(Identify)] == ["a"]


def test_a_carrier_may_call_things_by_other_names() -> None:
    bundle = registered_trunk(
        "a",
        server="192.0.2.1",
        username="us",
        secret=PASSWORD,
        auth_username="login",
        domain="carrier.example",
        contact_user="100",
    )
    ((registration,), (endpoint,), (auth,)) = bundle.of(Registration), bundle.of(Endpoint), bundle.of(Auth)
    assert registration.client_uri == "sip:us@carrier.example"
    assert (registration.contact_user, endpoint.from_domain, auth.username) == ("100", "carrier.example", "login")


def test_no_check_finds_fault_with_trunks() -> None:
    with system_with(
        trunk("a", hosts=("192.0.2.1",), secret=PASSWORD),
        trunk("b", hosts=("192.0.2.2", "2001:db8::1"), inbound_secret=PASSWORD, protocol="tls"),
        registered_trunk("c", server="192.0.2.3", username="us", secret=PASSWORD),
    ) as system:
        assert findings(system) == []
