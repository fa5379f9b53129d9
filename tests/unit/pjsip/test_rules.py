"""What the rules of types set: databases are asked for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from sorcery import Draft, Object
from sorcery.pjsip import TYPES, Auth, Endpoint, Identify, Registration, System, Transport
from tests.unit.pjsip.bases import BASES


class Watched(Draft):
    """A draft that notes what rules set."""

    __slots__ = ("told",)
    told: set[str]

    def __setitem__(self, attribute: str, value: Any) -> None:
        self.told.add(attribute)
        super().__setitem__(attribute, value)


def told_by_rules(cls: type[Object], lines: Mapping[str, str]) -> set[str]:
    own = cls.__sorcery__
    draft = Watched(own, "x", own.prototype, {}, {}, [])
    draft.told = set[str]()
    for name, text in {**BASES.get(own.name, {}), **lines}.items():
        draft.apply(name, text)
    draft.check()
    return draft.told


@pytest.mark.parametrize(
    ("cls", "lines", "least"),
    [
        (Endpoint, {}, set()),
        (Endpoint, {"webrtc": "yes", "dtls_rekey": "5"}, {"bundle", "dtls_rekey", "dtls_auto_generate_cert"}),
        (Endpoint, {"bundle": "yes", "preferred_codec_only": "yes"}, {"rtcp_mux", "incoming_call_offer_pref"}),
        (Auth, {"password": "x"}, set()),
        (Identify, {"endpoint": "a", "match": "127.0.0.1"}, {"match"}),
        (Registration, {"server_uri": "sip:a@b", "client_uri": "sip:c@d"}, set()),
        (System, {"timer_t1": "10", "timer_b": "1"}, {"timer_t1", "timer_b"}),
        (Transport, {"bind": "0.0.0.0"}, {"bind"}),
    ],
)
def test_rules_set_what_they_say_and_nothing_else(cls: type[Object], lines: Mapping[str, str], least: set[str]) -> None:
    told = told_by_rules(cls, lines)
    assert least <= told <= (cls.__sorcery__.mended or set())


def test_the_rules_of_types_that_have_tables_say_what_they_set() -> None:
    with_tables = [cls.__sorcery__ for cls in TYPES if cls.__sorcery__.family]
    assert {own.name for own in with_tables if own.rules and own.mended is None} <= {"stir_shaken/tn"}
    assert all(own.mended == frozenset() for own in with_tables if not own.rules)
