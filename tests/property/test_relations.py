"""Removing and renaming in systems that nobody thought of: no reference is lost, none is left behind."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery import Object, Sorcery, StillReferred
from sorcery.pjsip import Aor, Auth, Contact, Endpoint, Identify, ResourceList

IDS = st.sampled_from("abcd")
LISTS = st.lists(IDS, max_size=3).map(tuple)
EVENTS = st.sampled_from(("presence", "dialog"))
TYPES = ("aor", "auth", "contact", "endpoint", "identify", "resource_list")
OBJECTS: st.SearchStrategy[Object] = st.one_of(
    st.builds(Aor, IDS),
    st.builds(Auth, IDS, username=IDS, password=st.just("p")),
    st.builds(lambda aor, number, endpoint: Contact(f"{aor};@{number}", uri="sip:x", endpoint=endpoint), IDS, IDS, IDS),
    st.builds(Endpoint, IDS, auth=LISTS, outbound_auth=LISTS, aors=LISTS),
    st.builds(Identify, IDS, endpoint=IDS, match=st.just("192.0.2.1")),
    st.builds(ResourceList, IDS, event=EVENTS, list_item=st.lists(IDS, min_size=1, max_size=3)),
)
SYSTEMS = st.lists(OBJECTS, max_size=20, unique_by=lambda obj: (type(obj), obj.id))


def opened(objects: Sequence[Object]) -> Sorcery:
    system = Sorcery.open("memory:")
    with system.transaction() as transaction:
        for obj in objects:
            transaction.create(obj)
    return system


def content(system: Sorcery) -> list[Object]:
    return [obj for name in TYPES for obj in system.retrieve_all(name)]


def dangling(system: Sorcery) -> set[tuple[str, str, str, str]]:
    return {(each.type_name, each.id, each.option, each.value) for each in system.dangling()}


def pairs(system: Sorcery, *, from_referrers: bool) -> list[tuple[str, str, str, str]]:
    keys = [(obj.__sorcery__.name, obj.id) for obj in content(system)]
    ask = system.referrers if from_referrers else system.references
    links = [link for key in keys for link in ask(*key) if link.target is not None]
    return sorted((str(link.referrer), link.option, link.type_name, link.id) for link in links)


@settings(deadline=None)
@given(SYSTEMS)
def test_references_and_referrers_are_the_same_links(objects: list[Object]) -> None:
    with opened(objects) as system:
        assert pairs(system, from_referrers=True) == pairs(system, from_referrers=False)


@given(SYSTEMS.filter(bool), st.data())
@settings(deadline=None, max_examples=200)
def test_a_removal_leaves_no_new_reference_to_nothing(objects: list[Object], data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(objects))
    cascade = data.draw(st.booleans())
    with opened(objects) as system:
        before, all_before = dangling(system), content(system)
        try:
            system.plan_removal(type(chosen), chosen.id, cascade=cascade).apply()
        except StillReferred:
            assert content(system) == all_before
            return
        assert dangling(system) <= before
        gone = {obj for obj in all_before if system.retrieve_by_id(type(obj), obj.id) is None}
        assert chosen in gone
        assert cascade or gone == {chosen}
        orphans = [each for each in system.retrieve_all(Contact) if Aor(each.id[0]) in gone]
        assert orphans == []


@given(SYSTEMS, st.data())
@settings(deadline=None, max_examples=200)
def test_a_renaming_keeps_every_reference_and_back_again_is_the_same(
    objects: list[Object], data: st.DataObject
) -> None:
    chosen = data.draw(st.sampled_from([Aor("a"), *(obj for obj in objects if not isinstance(obj, Contact))]))
    objects = [chosen, *(obj for obj in objects if (type(obj), obj.id) != (type(chosen), chosen.id))]
    with opened(objects) as system:
        before, links = content(system), len(pairs(system, from_referrers=False))
        system.plan_rename(type(chosen), chosen.id, "new").apply()
        assert system.retrieve_by_id(type(chosen), chosen.id) is None
        assert len(pairs(system, from_referrers=False)) == links
        system.plan_rename(type(chosen), "new", chosen.id).apply()
        assert content(system) == before
