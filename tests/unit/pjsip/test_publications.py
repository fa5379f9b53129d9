"""Publications, resource lists, persisted subscriptions and phones to provision."""

from __future__ import annotations

from typing import Any

import pytest

from sorcery.errors import InvalidObject
from sorcery.findings import Finding
from sorcery.pjsip import (
    AriOutboundWebsocket,
    InboundPublication,
    OutboundPublish,
    Phoneprov,
    ResourceList,
    SubscriptionPersistence,
    WebsocketClient,
)
from sorcery.references import references


def test_the_last_object_of_a_package_counts() -> None:
    pairs = [("event_presence", "a"), ("event_asterisk-mwi", "m"), ("EVENT_presence", "b"), ("event_Presence", "c")]
    publication = InboundPublication.from_objectset("p", pairs)
    assert dict(publication.events) == {"presence": "b", "asterisk-mwi": "m", "Presence": "c"}


def test_an_inbound_publication_refers_to_what_handles_asterisks_packages() -> None:
    publication = InboundPublication("p", endpoint="e", events={"asterisk-mwi": "m", "presence": "x"})
    assert set(references(publication)) == {
        ("endpoint", "endpoint", "e"),
        ("event_*", "asterisk-publication", "m"),
    }


@pytest.mark.parametrize("pair", [("event_", "x"), ("event_presence", "")])
def test_a_package_and_its_object_have_names(pair: tuple[str, str]) -> None:
    with pytest.raises(InvalidObject) as caught:
        InboundPublication.from_objectset("p", [pair])
    assert caught.value.option == pair[0]


def test_a_publisher_of_many_users_is_checked_when_they_come() -> None:
    settings: dict[str, Any] = {"server_uri": "sip:", "event": "presence", "expiration": 0, "outbound_proxy": "x"}
    assert OutboundPublish("p", multi_user=True, **settings).expiration == 0
    for name, good in (("expiration", 60), ("server_uri", "sip:h"), ("outbound_proxy", "sip:h")):
        with pytest.raises(InvalidObject) as caught:
            OutboundPublish("p", **settings)
        assert caught.value.option == name
        settings[name] = good
    assert OutboundPublish("p", **settings)


def test_a_member_of_a_list_counts_once() -> None:
    findings: list[Finding] = []
    pairs = [("event", "presence"), ("list_item", "a,b"), ("list_item", "b, c")]
    resources = ResourceList.__sorcery__.build("l", pairs, findings=findings)
    assert resources == ResourceList("l", event="presence", list_item=["a", "b", "c", "a"])
    assert [each.option for each in findings] == ["list_item"]
    assert resources.evolve(list_item="d").settings() == [("event", "presence"), ("list_item", "d")]


def test_an_event_is_cut_where_asterisk_has_no_more_room() -> None:
    assert len(ResourceList.from_objectset("l", [("event", "e" * 40), ("list_item", "a")]).event) == 31
    with pytest.raises(InvalidObject):
        ResourceList("l", event="e" * 40, list_item="a")


def test_generator_data_is_compact_json_or_nothing() -> None:
    findings: list[Finding] = []
    build = SubscriptionPersistence.__sorcery__.build
    assert build("s", [("generator_data", '{ "a": [1, "é"] }')]).text("generator_data") == '{"a":[1,"é"]}'
    assert build("s", [("generator_data", "{")], findings=findings).text("generator_data") == ""
    assert [each.option for each in findings] == ["generator_data"]


def test_a_phone_keeps_variables_with_a_text_under_their_exact_names() -> None:
    phone = Phoneprov.from_objectset("p", [("MAC", "1"), ("mac", "2"), ("X", ""), ("endpoint", "e"), ("MAC", "3")])
    assert phone.variables == (("MAC", "1"), ("mac", "2"), ("endpoint", "e"), ("MAC", "3"))
    assert (phone.variable("MAC"), phone.variable("X")) == ("3", None)
    assert list(references(phone)) == [("*", "endpoint", "e")]
    assert "'1'" not in repr(phone)


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        ({"proxy_host": "proxy"}, "proxy_host"),
        ({"enable_tcp_keepalives": True, "tcp_keepalive_probes": 0}, "tcp_keepalive_probes"),
        ({"enable_pingpongs": True, "pingpong_interval": 0}, "pingpong_interval"),
    ],
)
def test_a_client_connection_that_cannot_work_is_refused(settings: dict[str, Any], option: str) -> None:
    with pytest.raises(InvalidObject) as caught:
        WebsocketClient("c", uri="ws://h", **settings)
    assert caught.value.option == option
    assert WebsocketClient("c", uri="ws://h", proxy_host="proxy:8080", pingpong_interval=0)


def test_applications_are_names_in_a_text() -> None:
    connection = AriOutboundWebsocket("w", websocket_client_id="c", apps=["a", "b"], local_ari_user="u")
    assert (tuple(connection.apps), connection.text("apps")) == (("a", "b"), "a,b")
    with pytest.raises(InvalidObject):
        connection.evolve(apps=["x" * 74])
