"""Who refers to whom."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sorcery import InvalidObject, NotFound, Object, Place, Sorcery, Unavailable, UnknownType
from sorcery.pjsip import (
    Aor,
    AriOutboundWebsocket,
    AriUser,
    AsteriskPublication,
    Auth,
    Contact,
    DomainAlias,
    Endpoint,
    GeolocationLocation,
    GeolocationProfile,
    Identify,
    InboundPublication,
    MwiExternalMailboxes,
    OutboundPublish,
    Phoneprov,
    Registration,
    ResourceList,
    StirShakenProfile,
    SubscriptionPersistence,
    Transport,
    WebsocketClient,
)
from sorcery.relations.links import Link, State
from tests.unit.relations.systems import store


@pytest.fixture
def system() -> Iterator[Sorcery]:
    with Sorcery.open("memory:") as system:
        yield system


def told(links: list[Link]) -> list[tuple[str, str, str, str, str, State]]:
    return [(*_key(each.referrer), each.option, each.type_name, each.id, each.state) for each in links]


def _key(obj: Object) -> tuple[str, str]:
    return obj.__sorcery__.name, obj.id


FOUND, DANGLING, OUTSIDE, UNREADABLE = State.FOUND, State.DANGLING, State.OUTSIDE, State.UNREADABLE

ENDPOINT, AOR, AUTH = Endpoint("t"), Aor("t"), Auth("t", username="u", password="p")
LIST = ResourceList("t", event="presence", list_item="y")
LINE = Registration("r", server_uri="sip:x", client_uri="sip:y", endpoint="t", line=True, outbound_auth="t")
PUBLISH = OutboundPublish("t", server_uri="sip:x", event="e")
PLACE = GeolocationLocation("t", format="URI", location_info='URI="x"')

PAIRS: list[tuple[Object, str, Object]] = [
    (Endpoint("r", transport="t"), "transport", Transport("t", bind="0.0.0.0")),
    (Endpoint("r", auth="x,t"), "auth", AUTH),
    (Endpoint("r", outbound_auth="t,x"), "outbound_auth", AUTH),
    (Endpoint("r", aors=" x , t "), "aors", AOR),
    (Endpoint("r", mailboxes="1@a, t"), "mailboxes", MwiExternalMailboxes("t")),
    (Endpoint("r", stir_shaken_profile="t"), "stir_shaken_profile", StirShakenProfile("t")),
    (Endpoint("r", geoloc_incoming_call_profile="t"), "geoloc_incoming_call_profile", GeolocationProfile("t")),
    (Aor("r", mailboxes="t"), "mailboxes", MwiExternalMailboxes("t")),
    (Contact("r;@1", uri="sip:x", endpoint="t"), "endpoint", ENDPOINT),
    (Contact("t;@1", uri="sip:x"), "id", AOR),
    (Identify("r", endpoint="t", match="192.0.2.1"), "endpoint", ENDPOINT),
    (LINE, "outbound_auth", AUTH),
    (LINE, "endpoint", ENDPOINT),
    (DomainAlias("r", domain="example.com"), "domain", Endpoint("t@example.com")),
    (ResourceList("r", event="presence", list_item="x,t"), "list_item", LIST),
    (Phoneprov("r", variables={"MAC": "t", "endpoint": "t"}), "endpoint", ENDPOINT),
    (SubscriptionPersistence("r", endpoint="t"), "endpoint", ENDPOINT),
    (InboundPublication("r", endpoint="t"), "endpoint", ENDPOINT),
    (InboundPublication("r", events={"x": "t", "asterisk-mwi": "t"}), "event_asterisk-mwi", AsteriskPublication("t")),
    (AsteriskPublication("r", devicestate_publish="t"), "devicestate_publish", PUBLISH),
    (GeolocationProfile("r", location_reference="t"), "location_reference", PLACE),
]


@pytest.mark.parametrize(("referrer", "option", "target"), PAIRS, ids=lambda each: getattr(each, "id", each))
def test_a_reference_is_found_from_either_end(system: Sorcery, referrer: Object, option: str, target: Object) -> None:
    store(system, referrer, target)
    expected = (*_key(referrer), option, *_key(target), FOUND)
    assert expected in told(system.references(*_key(referrer)))
    assert told(system.referrers(*_key(target))) == [expected]
    (link,) = system.referrers(*_key(target))
    assert (link.referrer, link.target) == (referrer, target)


def test_both_ends_of_an_outbound_websocket_are_known(system: Sorcery) -> None:
    socket = AriOutboundWebsocket("s", websocket_client_id="c", local_ari_user="u", apps="a")
    store(system, socket, AriUser("u", password="p"), WebsocketClient("c", uri="ws://x", protocols="ari"))
    links = system.references("ari/outbound_websocket", "s")
    assert [(each.type_name, each.state) for each in links] == [("websocket_client", FOUND), ("ari/user", FOUND)]


def test_what_does_not_exist_is_dangling_and_still_has_its_referrers(system: Sorcery) -> None:
    store(system, Endpoint("e", auth="gone", aors="gone"), Contact("gone;@1", uri="sip:x"))
    assert told(system.references(Endpoint, "e")) == [
        ("endpoint", "e", "auth", "auth", "gone", DANGLING),
        ("endpoint", "e", "aors", "aor", "gone", DANGLING),
    ]
    assert told(system.referrers(Aor, "gone")) == [
        ("endpoint", "e", "aors", "aor", "gone", DANGLING),
        ("contact", "gone;@1", "id", "aor", "gone", DANGLING),
    ]


def test_a_named_access_list_lies_outside(system: Sorcery) -> None:
    store(system, Endpoint("e", acl="office,home"))
    assert told(system.references(Endpoint, "e")) == [
        ("endpoint", "e", "acl", "acl.conf", "office", OUTSIDE),
        ("endpoint", "e", "acl", "acl.conf", "home", OUTSIDE),
    ]


def test_what_need_not_be_an_id_refers_to_nothing_but_what_exists(system: Sorcery) -> None:
    other = ResourceList("bob", event="message-summary", list_item="x")
    items = ResourceList("all", event="presence", list_item="alice,bob")
    store(system, items, other, Endpoint("e", mailboxes="100@default"))
    assert system.references(ResourceList, "all") == []  # the list of another event is not meant
    assert system.referrers(ResourceList, "bob") == []
    assert system.references(Endpoint, "e") == []


def test_a_default_refers_to_nothing(system: Sorcery) -> None:
    default = system.types["global"]("global")
    store(system, default, Endpoint("default_outbound_endpoint"))
    assert system.references("global", "global") == []
    assert system.referrers(Endpoint, "default_outbound_endpoint") == []


def test_an_id_that_begins_alike_belongs_to_its_own_owner(system: Sorcery) -> None:
    store(system, Aor("a"), Aor("a;@b"), Contact("a;@b;@1", uri="sip:x"), Contact("ab;@1", uri="sip:x"))
    assert system.referrers(Aor, "a") == []
    assert [each.referrer.id for each in system.referrers(Aor, "a;@b")] == ["a;@b;@1"]


def test_a_domain_is_that_of_the_ids_that_end_with_it(system: Sorcery) -> None:
    domains = [DomainAlias(each, domain=each) for each in ("a.example", "b%", "a.example@b")]
    store(
        system, *domains, *map(Endpoint, ("u@a.example", "u@x@a.example", "a.example", "u@b.example", "u@a.example@b"))
    )
    links = {domain.id: [each.id for each in system.references(DomainAlias, domain.id)] for domain in domains}
    assert links == {"a.example": ["u@a.example", "u@x@a.example"], "b%": [], "a.example@b": []}


def test_an_object_that_refers_twice_is_named_twice(system: Sorcery) -> None:
    store(system, Endpoint("e", auth="a,a", outbound_auth="a"), Auth("a", username="u", password="p"))
    assert [each.option for each in system.referrers(Auth, "a")] == ["auth", "outbound_auth"]
    assert [each.option for each in system.references(Endpoint, "e")] == ["auth", "outbound_auth"]


def test_a_reference_has_its_place(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[e]\ntype=endpoint\naors=gone\n[gone]\ntype=aor\nmax_contacts=many\n")
    with Sorcery.open(tmp_path) as system:
        (link,) = system.referrers(Aor, "gone")
        assert link.place == Place(str(tmp_path / "pjsip.conf"), 3)
        assert str(link) == f"endpoint 'e', option aors ({tmp_path / 'pjsip.conf'}:3)"


def test_a_member_of_a_family_has_its_place(tmp_path: Path) -> None:
    text = "[p]\ntype=phoneprov\nMAC=x\nendpoint=x\n[i]\ntype=inbound-publication\nevent_asterisk-mwi=x\n"
    (tmp_path / "pjsip.conf").write_text(text)
    with Sorcery.open(tmp_path) as system:
        links = [*system.referrers("endpoint", "x"), *system.referrers("asterisk-publication", "x")]
        assert [each.place for each in links] == [Place(str(tmp_path / "pjsip.conf"), line) for line in (4, 7)]


def test_a_row_that_holds_no_object_is_there_all_the_same(database: str, sql: Any) -> None:
    sql(database, "INSERT INTO ps_endpoints (id, aors) VALUES ('e', 'bad')")
    sql(database, "INSERT INTO ps_aors (id, max_contacts) VALUES ('bad', -1)")
    with Sorcery.open(database) as system:
        assert told(system.references("endpoint", "e")) == [("endpoint", "e", "aors", "aor", "bad", UNREADABLE)]
        assert [(each.id, each.state) for each in system.graph().nodes] == [("e", FOUND), ("bad", UNREADABLE)]
        with pytest.raises(InvalidObject):
            system.references("aor", "bad")


def test_what_memory_alone_holds_is_not_missed_by_what_is_stored(database: str, sql: Any) -> None:
    sql(database, "INSERT INTO ps_endpoints (id, stir_shaken_profile) VALUES ('e', 'p')")
    with Sorcery.open(database) as system:
        assert [each.state for each in system.references("endpoint", "e")] == [OUTSIDE]


def test_who_cannot_be_asked_is_not_answered_for(system: Sorcery) -> None:
    with pytest.raises(NotFound):
        system.references(Endpoint, "nobody")
    assert system.referrers(Endpoint, "nobody") == []
    with pytest.raises(UnknownType):
        system.referrers("nonsense", "x")
    system.close()
    with pytest.raises(Unavailable):
        system.referrers(Endpoint, "nobody")
