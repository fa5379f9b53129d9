"""What dial strings mean."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from sorcery import Object, Sorcery, Unavailable
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Aor, Contact, Endpoint, Global, Transport
from sorcery_sip import Address
from sorcery_sip.modules.dns import SystemNames
from sorcery_sip.modules.network import Listening, Network
from sorcery_sip.modules.resolver import Resolver
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.targets import Target, Targets, permanent_id
from sorcery_sip.pbx.causes import Cause
from sorcery_sip.pbx.technology import CannotCall

NOW = 1_700_000_000.0
T = TypeVar("T")


class NoNames(SystemNames):
    async def addresses(self, host: str) -> tuple[str, ...]:
        return ("192.0.2.80", "192.0.2.81") if host == "phones.example" else ()


def ask(sorcery: Sorcery, question: Callable[[Targets], Awaitable[T]]) -> T:
    """Put a question to targets over two sockets, `udp` and `other`."""
    sockets = {
        name: Listening(Address("127.0.0.1", port, name), Transport.from_objectset(name, [("bind", "127.0.0.1")]))
        for name, port in (("udp", 5060), ("other", 5062))
    }

    async def main() -> T:
        settings = Settings(sorcery)
        settings.current  # noqa: B018 - read, as a server has when calls begin
        network = Network(lambda: sockets, Resolver(NoNames()))
        return await question(Targets(AsyncSorcery(sorcery), settings, network, lambda: NOW))

    return asyncio.run(main())


def find(sorcery: Sorcery, resource: str) -> Target:
    return ask(sorcery, lambda targets: targets.find(resource))


def dial_contacts(sorcery: Sorcery, *arguments: str) -> str:
    return ask(sorcery, lambda targets: targets.dial_contacts(*arguments))


def refusal(sorcery: Sorcery, resource: str) -> tuple[int, str]:
    with pytest.raises(CannotCall) as raised:
        find(sorcery, resource)
    return raised.value.cause, raised.value.reason


def store(sorcery: Sorcery, *objects: Object) -> None:
    for obj in objects:
        sorcery.create(obj)


def contact(name: str, uri: str = "sip:bob@192.0.2.7:5070", *, expires: int = 60, **options: Any) -> Contact:
    return Contact(id=name, uri=uri, expiration_time=int(NOW) + expires, **options)


@pytest.fixture
def bob(sorcery: Sorcery) -> Sorcery:
    """A system where bob is registered at one place."""
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob"), contact("bob;@1"))
    return sorcery


# -- whom


def test_an_endpoint_is_called_at_its_contact(bob: Sorcery) -> None:
    target = find(bob, "bob")
    assert (target.endpoint.id, str(target.uri)) == ("bob", "sip:bob@192.0.2.7:5070")
    assert target.destinations == (Address("192.0.2.7", 5070, "udp"),)
    assert (target.aor and target.aor.id, target.contact and target.contact.id) == ("bob", "bob;@1")


def test_the_first_aor_that_has_a_contact_is_called(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["gone", "empty", "desk"]), Aor(id="empty"), Aor(id="desk"))
    store(sorcery, contact("desk;@1", "sip:desk@192.0.2.8"))
    assert str(find(sorcery, "bob").uri) == "sip:desk@192.0.2.8"


def test_an_expired_contact_is_not_called(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob"))
    store(sorcery, contact("bob;@1", "sip:old@192.0.2.7", expires=0), contact("bob;@2", "sip:new@192.0.2.8"))
    assert find(sorcery, "bob").uri.user == "new"


def test_registered_contacts_come_before_permanent_ones(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob", contact=["sip:fixed@192.0.2.9"]))
    found = find(sorcery, "bob")
    assert (str(found.uri), found.contact and found.contact.id) == (
        "sip:fixed@192.0.2.9",
        permanent_id("bob", "sip:fixed@192.0.2.9"),
    )
    store(sorcery, contact("bob;@1"))
    assert find(sorcery, "bob").uri.user == "bob"


def test_contacts_of_an_aor_whose_name_begins_alike_are_others(bob: Sorcery) -> None:
    store(bob, Endpoint(id="bo", aors=["bo"]), Aor(id="bo"))
    assert refusal(bob, "bo")[0] == Cause.NO_ROUTE_DESTINATION


def test_an_aor_may_be_named(bob: Sorcery) -> None:
    store(bob, Aor(id="desk"), contact("desk;@1", "sip:desk@192.0.2.8"))
    assert find(bob, "bob/desk").uri.user == "desk"
    assert find(bob, "bob/nobody,desk").uri.user == "desk"


def test_a_uri_may_be_named(bob: Sorcery) -> None:
    target = find(bob, "bob/sip:elsewhere@192.0.2.50;x=1")
    assert (str(target.uri), target.contact) == ("sip:elsewhere@192.0.2.50;x=1", None)


def test_a_uri_that_is_a_contact_of_the_endpoint_is_called_as_that_contact(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob", support_path=True))
    store(sorcery, contact("bob;@1", path="<sip:192.0.2.60;lr>"))
    target = find(sorcery, "bob/sip:bob@192.0.2.7:5070")
    assert target.contact is not None
    assert target.destinations == (Address("192.0.2.60", 5060, "udp"),)


def test_a_user_before_the_endpoint_is_called_at_its_contact(bob: Sorcery) -> None:
    assert str(find(bob, "4711@bob").uri) == "sip:4711@192.0.2.7:5070"
    assert str(find(bob, "a b@bob").uri) == "sip:a%20b@192.0.2.7:5070"


def test_an_endpoint_may_have_an_at_sign_in_its_name(bob: Sorcery) -> None:
    store(bob, Endpoint(id="bob@example.com", aors=["bob"]))
    assert find(bob, "bob@example.com").endpoint.id == "bob@example.com"
    assert find(bob, "1@bob@example.com").endpoint.id == "bob@example.com"


def test_disable_multi_domain_takes_what_precedes_the_at_sign_for_a_user(bob: Sorcery) -> None:
    store(bob, Endpoint(id="bob@bob", aors=[]), Global(id="global", disable_multi_domain=True))
    assert find(bob, "bob@bob").endpoint.id == "bob"


def test_the_to_has_neither_port_nor_transport(bob: Sorcery) -> None:
    target = find(bob, "bob/sip:b@192.0.2.7:5070;transport=udp;lr;user=phone")
    assert str(target.to) == "<sip:b@192.0.2.7;user=phone>"


# -- nobody


@pytest.mark.parametrize("resource", ["", "1@", "/sip:a@h"])
def test_without_an_endpoint_the_channel_is_unacceptable(bob: Sorcery, resource: str) -> None:
    assert refusal(bob, resource)[0] == Cause.CHANNEL_UNACCEPTABLE


@pytest.mark.parametrize(
    ("resource", "reason"),
    [
        ("carol", "endpoint 'carol' does not exist"),
        ("bob/nowhere", "nowhere"),
        ("bob/tel:123", "no sip: or sips: URI"),
        ("bob/sips:bob@192.0.2.1", "nothing leads to sips:bob@192.0.2.1 by any UDP transport"),
        ("bob/sip:bob@nobody.example", "nothing leads to sip:bob@nobody.example"),
        ("bob/sip:bob@192.0.2.1;transport=tcp", "nothing leads"),
    ],
)
def test_what_cannot_be_reached_is_no_route(bob: Sorcery, resource: str, reason: str) -> None:
    cause, text = refusal(bob, resource)
    assert (cause, reason in text) == (Cause.NO_ROUTE_DESTINATION, True), text


def test_without_contact_or_aors_the_reason_names_the_option(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob"), Endpoint(id="none"))
    assert refusal(sorcery, "bob") == (3, "endpoint 'bob' has no contact of its aors (bob)")
    assert refusal(sorcery, "none") == (3, "endpoint 'none' has no aors, and no URI was dialed")


def test_a_store_that_is_silent_is_a_temporary_failure(bob: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(self: AsyncSorcery, *_: object) -> None:
        raise Unavailable("the database", "no answer")

    monkeypatch.setattr(AsyncSorcery, "retrieve_by_id", silent)
    assert refusal(bob, "bob")[0] == Cause.NORMAL_TEMPORARY_FAILURE


# -- by which way


def test_the_mark_of_a_symmetric_transport_names_the_socket_and_stays_here(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], transport="udp"), Aor(id="bob"))
    marked = "sip:bob@192.0.2.7;x-ast-txp=other;x-ast-orig-host=10.0.0.1:5060;ob"
    store(sorcery, contact("bob;@1", marked))
    target = find(sorcery, "bob")
    assert str(target.uri) == "sip:bob@192.0.2.7;ob"
    assert target.destinations == (Address("192.0.2.7", 5060, "other"),)


def test_transport_of_the_endpoint_names_the_socket(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], transport="other"), Aor(id="bob"), contact("bob;@1"))
    assert find(sorcery, "bob").destinations == (Address("192.0.2.7", 5070, "other"),)


def test_a_transport_that_is_not_open_is_no_route(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], transport="tcp"), Aor(id="bob"), contact("bob;@1"))
    assert "by transport 'tcp'" in refusal(sorcery, "bob")[1]


def test_the_first_route_is_where_the_call_is_sent(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], outbound_proxy="sip:192.0.2.66;lr"))
    store(sorcery, Aor(id="bob", support_path=True), contact("bob;@1", path="<sip:192.0.2.60;lr>"))
    target = find(sorcery, "bob")
    assert [str(route) for route in target.routes] == ["<sip:192.0.2.66;lr>", "<sip:192.0.2.60;lr>"]
    assert target.destinations == (Address("192.0.2.66", 5060, "udp"),)


def test_a_proxy_that_is_no_uri_is_no_route(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], outbound_proxy="proxy"), Aor(id="bob"), contact("bob;@1"))
    assert refusal(sorcery, "bob")[0] == Cause.NO_ROUTE_DESTINATION


def test_a_name_gives_every_address_to_try(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"]), Aor(id="bob", contact=["sip:bob@phones.example:5066"]))
    found = find(sorcery, "bob").destinations
    assert found == (Address("192.0.2.80", 5066, "udp"), Address("192.0.2.81", 5066, "udp"))


def test_headers_and_method_of_a_contact_stay_out_of_the_request_uri(bob: Sorcery) -> None:
    target = find(bob, "bob/sip:b@192.0.2.7;method=INVITE?Subject=x")
    assert str(target.uri) == "sip:b@192.0.2.7"


def test_user_eq_phone_marks_the_request_uri(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob"], user_eq_phone=True), Aor(id="bob"), contact("bob;@1"))
    assert str(find(sorcery, "4711@bob").uri) == "sip:4711@192.0.2.7:5070;user=phone"


# -- PJSIP_DIAL_CONTACTS


def test_dial_contacts_calls_every_contact(sorcery: Sorcery) -> None:
    store(sorcery, Endpoint(id="bob", aors=["bob", "desk"]), Aor(id="bob"), Aor(id="desk", contact=["sip:d@192.0.2.9"]))
    store(sorcery, contact("bob;@1"), contact("bob;@2", "sip:bob@192.0.2.8"), contact("bob;@3", expires=-1))
    both = "PJSIP/bob/sip:bob@192.0.2.7:5070&PJSIP/bob/sip:bob@192.0.2.8"
    assert dial_contacts(sorcery, "bob") == f"{both}&PJSIP/bob/sip:d@192.0.2.9"
    assert dial_contacts(sorcery, "bob", "bob") == both
    assert dial_contacts(sorcery, "bob", "desk", "9") == "PJSIP/9@bob/sip:d@192.0.2.9"


def test_dial_contacts_of_nobody_are_none(bob: Sorcery) -> None:
    assert dial_contacts(bob, "carol") == ""
    assert dial_contacts(bob, "bob", "nothing") == ""
