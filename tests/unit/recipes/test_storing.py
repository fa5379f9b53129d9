"""Bundles in a system: all of it or nothing, with a transport where one is needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sorcery import AlreadyExists, InvalidObject, Secret, Sorcery
from sorcery.pjsip import Aor, Endpoint, Registration
from sorcery.recipes import ata, create, phone, prepare, registered_trunk, softphone, transport, trunk, webrtc
from tests.unit.recipes.systems import CERTIFICATE, KEY

TLS: dict[str, Any] = {"protocol": "tls", "certificate": CERTIFICATE, "key": KEY}


@pytest.fixture
def s() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as made:
        yield made


def everything(s: Sorcery) -> set[tuple[str, str]]:
    return {(name, obj.id) for name in s.types for obj in s.retrieve_all(name)}


def transport_of(s: Sorcery, id: str, type: type[Endpoint | Registration] = Endpoint) -> str:
    found = s.retrieve_by_id(type, id)
    assert found is not None
    return found.transport


def test_what_is_created_is_returned_as_it_is_stored(s: Sorcery) -> None:
    objects = create(s, phone("100"))
    assert everything(s) == {("endpoint", "100"), ("auth", "100"), ("aor", "100")}
    assert all(s.retrieve_by_id(type(obj), obj.id) == obj for obj in objects)


def test_all_ids_that_are_taken_are_named_and_nothing_is_stored(s: Sorcery) -> None:
    s.create(Aor("100"))
    s.create(Endpoint("101"))
    before = everything(s)
    with pytest.raises(AlreadyExists, match="aor '100' exists already") as caught:
        create(s, phone("100"), phone("101"), phone("102"))
    assert caught.value.__notes__ == ["endpoint '101' exists already too"]
    assert everything(s) == before


def test_of_very_many_ids_that_are_taken_some_are_named_and_the_rest_counted(s: Sorcery) -> None:
    create(s, *(phone(str(number)) for number in range(100, 120)))
    with pytest.raises(AlreadyExists) as caught:
        create(s, *(phone(str(number)) for number in range(100, 120)))
    assert len(caught.value.__notes__) == 21
    assert caught.value.__notes__[-1] == "and 39 more"


@pytest.mark.parametrize("char", ["\n", "\r", "\0", "\x1b", "\x7f"])
def test_a_control_character_is_refused_wherever_it_stands_and_shows_no_password(s: Sorcery, char: str) -> None:
    for bad in (
        phone("100", name=f"Alice{char}[x]"),
        phone("100", context=f"a{char}b"),
        phone("100").evolve(Aor, mailboxes=f"1{char}2"),
    ):
        with pytest.raises(InvalidObject, match=r"control character .* write it in one line"):
            create(s, bad)
    with pytest.raises(InvalidObject, match=r"auth '100', option password='\*{8}': a control") as caught:
        create(s, phone("100", secret=Secret(f"hunter2{char}hunter2")))
    assert "hunter2" not in str(caught.value)
    assert everything(s) == set()


def test_a_secret_that_lies_elsewhere_comes_back_as_it_is_stored() -> None:
    class Vault:
        def resolve(self, reference: str) -> str:
            return f"what {reference} stands for"

    with Sorcery.open("memory:", secrets={"vault": Vault()}) as s:
        objects = create(s, phone("100", secret=Secret("vault:a")))
        assert all(s.retrieve_by_id(type(obj), obj.id) == obj for obj in objects)


def test_transports_are_read_once_for_all_that_name_one(s: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    create(s, transport("secure", **TLS))
    read, asked = Sorcery.retrieve_all, []

    def counted(self: Sorcery, type: Any) -> list[Any]:
        asked.append(type)
        return read(self, type)

    monkeypatch.setattr(Sorcery, "retrieve_all", counted)
    create(s, *(softphone(str(number), transport="secure") for number in range(100, 110)))
    assert asked == ["transport"]


def test_two_bundles_of_one_id_are_refused(s: Sorcery) -> None:
    with pytest.raises(AlreadyExists):
        create(s, phone("100"), phone("100"))
    assert everything(s) == set()


def test_what_needs_a_transport_gets_the_only_one_of_its_protocol(s: Sorcery) -> None:
    create(s, transport("udp"), transport("secure", **TLS))
    create(
        s,
        softphone("100"),
        registered_trunk("c", server="192.0.2.1", username="u", secret=Secret("x-y-z-0-1"), protocol="tls"),
    )
    assert transport_of(s, "100") == "secure"
    assert transport_of(s, "c") == "secure"
    assert transport_of(s, "c", Registration) == "secure"


def test_what_any_socket_does_for_names_none(s: Sorcery) -> None:
    create(s, transport("udp"), phone("100"), trunk("t", hosts=("192.0.2.1",)))
    assert transport_of(s, "100") == transport_of(s, "t") == ""


def test_the_transport_may_come_along(s: Sorcery) -> None:
    create(s, softphone("100", certificate=CERTIFICATE, key=KEY), softphone("101"))
    assert transport_of(s, "101") == "tls"


def test_of_two_protocols_the_better_one_is_taken(s: Sorcery) -> None:
    create(s, transport("plain", protocol="ws"))
    create(s, webrtc("100"))
    create(s, transport("secure", protocol="wss"))
    create(s, webrtc("101"))
    assert [each.transport for each in s.retrieve_all(Endpoint)] == ["plain", "secure"]


def test_without_a_transport_of_the_protocol_nothing_is_stored(s: Sorcery) -> None:
    create(s, transport("udp"))
    with pytest.raises(InvalidObject, match="no transport that speaks tls"):
        create(s, phone("100"), softphone("101"))
    assert everything(s) == {("transport", "udp")}


def test_of_several_transports_one_has_to_be_named(s: Sorcery) -> None:
    create(s, transport("inside", bind="0.0.0.0:5062", **TLS), transport("outside", **TLS))
    with pytest.raises(InvalidObject, match="inside, outside all speak tls"):
        create(s, softphone("100"))
    create(s, softphone("100", transport="outside"))
    assert transport_of(s, "100") == "outside"


def test_a_transport_of_another_protocol_is_refused(s: Sorcery) -> None:
    create(s, transport("udp"))
    with pytest.raises(InvalidObject, match="it speaks udp, and tls is needed"):
        create(s, softphone("100", transport="udp"))


def test_what_is_referred_to_has_to_exist_unless_it_lies_elsewhere(s: Sorcery) -> None:
    with pytest.raises(InvalidObject, match="no such transport exists"):
        create(s, softphone("100", transport="outside"))
    assert everything(s) == set()
    create(s, softphone("100", transport="outside"), allow_dangling=True)
    assert transport_of(s, "100") == "outside"


def test_every_recipe_is_one_that_the_oldest_release_knows() -> None:
    certificate: dict[str, Any] = {"certificate": CERTIFICATE, "key": KEY}
    secret = Secret("hunter2hunter2")
    with Sorcery.open("memory:", target="asterisk:20.0.0") as old:
        create(old, transport("udp"), transport("wss", protocol="wss"), softphone("101", **certificate))
        create(old, phone("100", max_contacts=2, group="sales", mailbox="1"), webrtc("102"), ata("103"))
        create(old, trunk("a", hosts=("192.0.2.1",), secret=secret, inbound_secret=secret, protocol="tls"))
        create(old, registered_trunk("b", server="192.0.2.2", username="us", secret=secret))
        with pytest.raises(InvalidObject, match="supported_algorithms_uas"):
            create(old, phone("104", algorithms=("SHA-256", "MD5")))


def test_preparing_stores_nothing(s: Sorcery) -> None:
    assert [obj.id for obj in prepare(s, phone("100"))] == ["100", "100", "100"]
    assert everything(s) == set()
