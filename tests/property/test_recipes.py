"""Whatever sense a recipe is told: its objects are ones that no check finds fault with."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sorcery import Secret
from sorcery.recipes import RECIPES
from tests.unit.recipes.systems import findings, system_with

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.+*~-]{0,11}(@[a-z]{1,8}\.example)?", fullmatch=True)
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=8)
NAMES = st.one_of(st.just(""), st.text(st.characters(exclude_categories=["C"], max_codepoint=0x2FF), max_size=30))
SECRETS = (
    st.text(string.ascii_letters + ";,=[]\\ü ", min_size=14, max_size=40)
    .map(str.strip)
    .filter(lambda text: len(text) > 8 and len(set(text)) > 1)
)
HOSTS = st.one_of(
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(str),
    st.builds("{}:{}".format, st.ip_addresses(v=4), st.integers(1, 65535)),
)
DEVICE: dict[str, st.SearchStrategy[Any]] = {
    "secret": SECRETS.map(Secret),
    "context": WORDS,
    "name": NAMES,
    "number": st.sampled_from(["", "100", "+4930123", "reception"]),
    "codecs": st.lists(st.sampled_from(["ulaw", "alaw", "g722", "opus", "gsm"]), min_size=1).map(tuple),
    "max_contacts": st.integers(1, 9),
    "mailbox": st.sampled_from(["", "100", "100@office"]),
    "group": st.sampled_from(["", "sales"]),
    "nat": st.booleans(),
    "fax": st.booleans(),
    "qualify": st.sampled_from([0, 30, 60, 3600]),
    "algorithms": st.sampled_from([(), ("MD5",), ("SHA-256", "MD5"), ("SHA-512-256",)]),
}
TRUNK: dict[str, st.SearchStrategy[Any]] = {
    "hosts": st.lists(HOSTS, min_size=1, max_size=3).map(tuple),
    "server": HOSTS,
    "match": st.sampled_from([(), ("198.51.100.0/24",)]),
    "username": WORDS,
    "secret": SECRETS.map(Secret),
    "inbound_secret": SECRETS.map(Secret),
    "auth_username": WORDS,
    "domain": st.sampled_from(["", "carrier.example"]),
    "from_user": WORDS,
    "from_domain": WORDS,
    "codecs": DEVICE["codecs"],
    "protocol": st.sampled_from(["udp", "tcp", "tls"]),
    "trusted": st.booleans(),
    "qualify": DEVICE["qualify"],
    "proxy": st.one_of(st.just(""), HOSTS, st.just("sip:proxy.example;lr")),
}
NEEDED = {"trunk": {"hosts", "secret"}, "registered-trunk": {"server", "username", "secret"}}


@st.composite
def orders(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    """Draw the name of a recipe, an id, and some of the arguments that it takes."""
    name = draw(st.sampled_from([name for name in RECIPES if name != "transport"]))
    code = RECIPES[name].__code__
    taken = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    table = TRUNK if "trunk" in name else DEVICE
    given_ones = {each: draw(table[each]) for each in taken if each in table and draw(st.booleans())}
    needed = {each: draw(table[each]) for each in NEEDED.get(name, ()) if each not in given_ones}
    return name, draw(IDS), given_ones | needed


@given(orders())
@settings(max_examples=150, deadline=None)
def test_no_check_finds_fault_with_what_a_recipe_makes(order: tuple[str, str, dict[str, Any]]) -> None:
    name, id, arguments = order
    bundle = RECIPES[name](id, **arguments)
    with system_with(bundle) as system:
        assert findings(system) == []
        for obj in bundle:
            assert type(obj).from_objectset(obj.id, obj.settings()) == obj
