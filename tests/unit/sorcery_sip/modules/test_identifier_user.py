"""Identification by the user of From, and by that of the credentials."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sorcery_migrations
from sorcery import Sorcery, Unavailable
from sorcery.pjsip import Aor, Auth, DomainAlias, Endpoint, Global, Transport
from sorcery_sip import Address
from sorcery_sip.modules.contract import Incoming
from sorcery_sip.modules.identifier_anonymous import AnonymousIdentifier
from sorcery_sip.modules.identifier_user import AuthUsernameIdentifier, UsernameIdentifier
from sorcery_sip.modules.names import Names
from sorcery_sip.modules.settings import Settings

FROM = "<sip:alice@pbx.example.com>;tag=1"


def identify(server: Any, fields: dict[str, str] | None = None, kind: Any = UsernameIdentifier) -> str | None:
    incoming = Incoming(server.request(fields=fields), Address("192.0.2.7", 5062, "udp"), 0.0)
    found = kind(Names(server.sorcery, Settings(server.sorcery))).identify(incoming)
    return None if found is None else str(found.id)


def test_the_most_telling_id_wins(server: Any) -> None:
    options = [("protocol", "udp"), ("bind", "127.0.0.1"), ("domain", "transport.example")]
    server.store(DomainAlias(id="pbx.example.com", domain="real.example"), Transport.from_objectset("udp", options))
    for id in ("alice", "alice@transport.example", "alice@real.example", "alice@pbx.example.com"):
        server.store(Endpoint(id=id))
        assert identify(server) == id
    server.store(Global(id="global", disable_multi_domain=True))
    assert identify(server) == "alice"


def test_an_endpoint_that_identify_by_keeps_from_username_is_not_found(server: Any) -> None:
    server.store(Endpoint(id="alice", identify_by="ip"))
    assert identify(server) is None


@pytest.mark.parametrize(
    ("sender", "found"), [("<sip:al%69ce@x>;tag=1", "alice"), ("<sip:pbx>;tag=1", None), ("<tel:100>;tag=1", "100")]
)
def test_who_the_sender_is(server: Any, sender: str, found: str | None) -> None:
    server.store(Endpoint(id="alice"), Endpoint(id="100"))
    assert identify(server, {"From": sender}) == found


@pytest.fixture
def cached(tmp_path: Path) -> Iterator[Sorcery]:
    """Alice and the endpoint for strangers are in the cache, and the table behind it has gone."""
    database = tmp_path / "pbx.db"
    sorcery_migrations.upgrade(f"sqlite:///{database}")
    with Sorcery.open(f"sqlite:///{database}") as s:
        for name in ("domain_alias", "transport", "global"):
            s.map(name, "memory")
        s.map("endpoint", "memory_cache", caching=True)
        s.map("endpoint", "realtime", "ps_endpoints")
        for id in ("alice", "anonymous"):
            s.create(Endpoint(id=id))
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("ALTER TABLE ps_endpoints RENAME TO elsewhere")
        yield s


def test_a_phone_that_a_cache_knows_is_found_while_the_store_is_silent(cached: Sorcery, server: Any) -> None:
    server.sorcery = cached
    assert identify(server) == "alice"
    with pytest.raises(Unavailable, match="ps_endpoints"):
        identify(server, {"From": "<sip:bob@pbx.example.com>;tag=1"})


def test_a_silent_store_is_not_taken_for_a_stranger_by_a_phone_that_may_not_be_found_so(
    cached: Sorcery, server: Any
) -> None:
    server.sorcery = cached
    with pytest.raises(Unavailable, match="ps_endpoints"):
        identify(server, credentials("alice"), AuthUsernameIdentifier)


def test_the_endpoint_for_strangers_is_found_in_a_cache_too(cached: Sorcery, server: Any) -> None:
    server.sorcery = cached
    assert identify(server, kind=AnonymousIdentifier) == "anonymous"


def credentials(user: str) -> dict[str, str]:
    return {"From": "<sip:phone@x>;tag=1", "Authorization": f'Digest username="{user}", realm="a.example"'}


@pytest.mark.parametrize("id", ["alice", "alice@a.example"])
def test_credentials_name_an_endpoint_that_identify_by_lets_them(server: Any, id: str) -> None:
    server.store(Endpoint(id=id, identify_by="auth_username"), Endpoint(id="bob"))
    assert identify(server, credentials("alice"), AuthUsernameIdentifier) == id
    assert identify(server, credentials("bob"), AuthUsernameIdentifier) is None
    assert identify(server, {"Authorization": "Basic x"}, AuthUsernameIdentifier) is None


def test_a_phone_that_hides_its_name_registers_by_its_credentials(server: Any) -> None:
    server.store(
        Endpoint(id="alice", aors=["alice"], auth=["alice"], identify_by="auth_username"),
        Aor(id="alice", max_contacts=1),
        Auth.from_objectset("alice", [("username", "alice"), ("password", "secret")]),
    )
    fields = {"From": "<sip:x@y>;tag=1", "To": "<sip:x@y>"}
    assert server.ask(fields=fields, password="secret").status == 200
    assert server.ask(fields=fields, password="wrong").status == 401
