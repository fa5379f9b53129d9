"""Stored objects, as the dialplan reads them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Aor, Contact, Endpoint
from sorcery_sip.modules.object_functions import object_functions
from sorcery_sip.modules.settings import Settings
from sorcery_sip.modules.targets import Targets
from sorcery_sip.pbx.dialplan.scope import Scope, World

NOW = 1_700_000_000.0


def ask(sorcery: Sorcery, name: str, arguments: str) -> str:
    async def main() -> str:
        store = AsyncSorcery(sorcery)
        targets = Targets(store, Settings(sorcery), cast(Any, None), lambda: NOW)
        return await Scope(World(object_functions(store, targets))).ask(name, arguments)

    return asyncio.run(main())


@pytest.fixture
def bob(sorcery: Sorcery) -> Sorcery:
    sorcery.create(Endpoint(id="bob", aors=["bob", "desk"], callerid_tag="sales"))
    sorcery.create(Aor(id="bob", max_contacts=3, contact=["sip:a@192.0.2.1", "sip:b@192.0.2.2"]))
    sorcery.create(Aor(id="desk", contact=["sip:d@192.0.2.3"]))
    sorcery.create(Contact(id="bob;@1", uri="sip:bob@192.0.2.7", expiration_time=int(NOW) + 60, user_agent="phone"))
    return sorcery


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ("bob,desk", "PJSIP/bob/sip:d@192.0.2.3"),
        ("bob,desk,9", "PJSIP/9@bob/sip:d@192.0.2.3"),
        ("nobody", ""),
    ],
)
def test_dial_contacts_are_a_dial_string(bob: Sorcery, arguments: str, found: str) -> None:
    assert ask(bob, "PJSIP_DIAL_CONTACTS", arguments) == found


def test_dial_contacts_of_several_aors(bob: Sorcery) -> None:
    assert ask(bob, "PJSIP_DIAL_CONTACTS", "bob").count("PJSIP/bob/sip:") == 4


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("PJSIP_ENDPOINT", "bob,callerid_tag", "sales"),
        ("PJSIP_ENDPOINT", "bob,100rel", "yes"),
        ("PJSIP_AOR", "bob,max_contacts", "3"),
        ("PJSIP_CONTACT", "bob;@1,user_agent", "phone"),
    ],
)
def test_an_option_of_an_object_is_read(bob: Sorcery, name: str, arguments: str, value: str) -> None:
    assert ask(bob, name, arguments) == value


def test_an_option_of_several_lines_is_read_with_commas(bob: Sorcery) -> None:
    assert set(ask(bob, "PJSIP_AOR", "bob,contact").split(",")) == {"sip:a@192.0.2.1", "sip:b@192.0.2.2"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ("bob", "write the id of an object and the name of an option"),
        ("nobody,context", "'nobody' does not exist"),
        ("bob,colour", "'colour' is no option of it"),
    ],
)
def test_what_is_not_there_is_a_line_in_the_log(
    bob: Sorcery, caplog: pytest.LogCaptureFixture, arguments: str, reason: str
) -> None:
    assert ask(bob, "PJSIP_ENDPOINT", arguments) == ""
    assert reason in caplog.records[-1].getMessage()


@pytest.mark.parametrize("name", ["PJSIP_ENDPOINT", "PJSIP_DIAL_CONTACTS"])
def test_a_store_that_is_silent_says_nothing(
    bob: Sorcery, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    async def silent(self: AsyncSorcery, *_: object) -> None:
        raise Unavailable("the database", "no answer")

    monkeypatch.setattr(AsyncSorcery, "retrieve_by_id", silent)
    assert ask(bob, name, "bob,context") == ""
    assert "the database" in caplog.records[-1].getMessage()
