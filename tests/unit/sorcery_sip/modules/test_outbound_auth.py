"""Challenges to calls of ours."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, cast

import pytest

from sorcery import Sorcery, Unavailable
from sorcery.aio import AsyncSorcery
from sorcery.pjsip import Auth, Endpoint, Global
from sorcery_sip import Headers, Request, Response
from sorcery_sip.auth import Algorithm, ha1, make_challenge, verify
from sorcery_sip.message.authorization import Credentials
from sorcery_sip.message.uri import SipUri
from sorcery_sip.modules.outbound_auth import OutboundAuth
from sorcery_sip.modules.session import CallSession
from sorcery_sip.modules.settings import Settings
from sorcery_sip.session.events import Challenged


def call(*auths: str) -> CallSession:
    return CallSession(
        endpoint=Endpoint(id="trunk", outbound_auth=auths),
        settings=cast(Any, None),
        media=cast(Any, None),
        transport=None,
    )


def auth(name: str, realm: str = "", password: str = "secret", **options: str) -> Auth:
    pairs = [("username", name), ("realm", realm), *options.items()]
    return Auth.from_objectset(name, [*pairs, ("password", password)] if password else pairs)


def asked(realm: str, nonce: str = "n1", *, algorithm: Algorithm = Algorithm.MD5, stale: bool = False) -> str:
    return str(make_challenge(realm, nonce, algorithm=algorithm, stale=stale))


def request(*fields: tuple[str, str]) -> Request:
    return Request("INVITE", SipUri("pbx", "200"), Headers([("CSeq", "1 INVITE"), *fields]))


def answer(
    sorcery: Sorcery, session: CallSession, *challenges: str, status: int = 401, sent: Request | None = None
) -> tuple[tuple[str, str], ...]:
    header = "WWW-Authenticate" if status == 401 else "Proxy-Authenticate"
    response = Response(status, "x", Headers([("CSeq", "1 INVITE"), *((header, text) for text in challenges)]))

    async def main() -> tuple[tuple[str, str], ...]:
        settings = Settings(sorcery)
        settings.current  # noqa: B018 - read, as a server has when calls begin
        outbound = OutboundAuth(AsyncSorcery(sorcery), settings, lambda: "cnonce")
        return await outbound.answer(session, Challenged(cast(Any, None), response, sent or request()))

    return asyncio.run(main())


def proves(field: tuple[str, str], password: str = "secret") -> bool:
    given = Credentials.parse(field[1])
    algorithm = Algorithm.named(given.algorithm)
    assert algorithm is not None
    return verify(given, "INVITE", ha1(algorithm, given.username, given.realm, password))


def test_a_401_is_answered_in_authorization(sorcery: Sorcery) -> None:
    sorcery.create(auth("a", "pbx"))
    (field,) = answer(sorcery, call("a"), asked("pbx"))
    given = Credentials.parse(field[1])
    assert (field[0], given.username, given.realm, given.uri) == ("Authorization", "a", "pbx", "sip:200@pbx")
    assert (given.get("nc"), given.get("cnonce"), given.get("qop")) == ("00000001", "cnonce", "auth")
    assert proves(field)


def test_a_407_is_answered_in_proxy_authorization(sorcery: Sorcery) -> None:
    sorcery.create(auth("a", "pbx"))
    (field,) = answer(sorcery, call("a"), asked("pbx"), status=407)
    assert field[0] == "Proxy-Authorization"
    assert proves(field)


def test_the_auth_of_the_realm_is_taken_then_one_for_any(sorcery: Sorcery) -> None:
    for each in (auth("other", "elsewhere"), auth("any", "*"), auth("none"), auth("exact", "pbx")):
        sorcery.create(each)
    for names, user in (
        (("other", "any", "exact"), "exact"),
        (("other", "any", "none"), "any"),
        (("none", "any"), "none"),
    ):
        (field,) = answer(sorcery, call(*names), asked("pbx"))
        assert Credentials.parse(field[1]).username == user
    assert answer(sorcery, call("other"), asked("pbx")) == ()


def test_every_realm_that_there_are_credentials_for_is_answered(sorcery: Sorcery) -> None:
    sorcery.create(auth("one", "r1"))
    sorcery.create(auth("two", "r2"))
    fields = answer(sorcery, call("one", "two"), asked("r1"), asked("unknown"), asked("r2"))
    assert [Credentials.parse(text).realm for _, text in fields] == ["r1", "r2"]


def test_of_several_algorithms_the_first_that_the_auth_supports_is_taken(sorcery: Sorcery) -> None:
    sorcery.create(auth("md5", "pbx"))
    sorcery.create(auth("sha", "pbx", supported_algorithms_uac="SHA-256,SHA-512-256"))
    offered = [
        asked("pbx", algorithm=algorithm) for algorithm in (Algorithm.SHA_512_256, Algorithm.SHA_256, Algorithm.MD5)
    ]
    for name, algorithm in (("md5", "MD5"), ("sha", "SHA-512-256")):
        (field,) = answer(sorcery, call(name), *offered)
        assert Credentials.parse(field[1]).algorithm == algorithm
        assert proves(field)


def test_algorithms_of_an_auth_that_names_none_are_the_global_ones(sorcery: Sorcery) -> None:
    sorcery.create(auth("a", "pbx"))
    assert answer(sorcery, call("a"), asked("pbx", algorithm=Algorithm.SHA_256)) == ()
    sorcery.create(Global.from_objectset("global", [("default_auth_algorithms_uac", "SHA-256")]))
    assert len(answer(sorcery, call("a"), asked("pbx", algorithm=Algorithm.SHA_256))) == 1


def test_a_stored_digest_answers_without_a_password(sorcery: Sorcery) -> None:
    digest = ha1(Algorithm.MD5, "a", "pbx", "secret")
    sorcery.create(auth("a", "pbx", password="", auth_type="md5", md5_cred=digest))
    (field,) = answer(sorcery, call("a"), asked("pbx"))
    assert proves(field)


def test_a_digest_of_another_algorithm_than_the_global_one_answers_nothing(sorcery: Sorcery) -> None:
    digest = ha1(Algorithm.MD5, "a", "pbx", "secret")
    sorcery.create(auth("a", "pbx", password="", auth_type="md5", md5_cred=digest))
    sorcery.create(Global.from_objectset("global", [("default_auth_algorithms_uac", "SHA-256")]))
    assert answer(sorcery, call("a"), asked("pbx", algorithm=Algorithm.SHA_256)) == ()


def test_the_same_nonce_again_is_final_unless_it_was_stale(sorcery: Sorcery) -> None:
    sorcery.create(auth("a", "pbx"))
    session = call("a")
    again = request(*answer(sorcery, session, asked("pbx", "n1")))
    assert answer(sorcery, session, asked("pbx", "n1"), sent=again) == ()
    assert len(answer(sorcery, session, asked("pbx", "n1", stale=True), sent=again)) == 1
    assert len(answer(sorcery, session, asked("pbx", "n2"), sent=again)) == 1


def test_a_peer_may_challenge_every_request_of_a_call(sorcery: Sorcery) -> None:
    sorcery.create(auth("a", "pbx"))
    session = call("a")
    assert all(answer(sorcery, session, asked("pbx", f"n{number}")) for number in range(20))


def test_a_refusal_is_logged_and_says_why(sorcery: Sorcery, caplog: pytest.LogCaptureFixture) -> None:
    sorcery.create(auth("a", "elsewhere"))
    caplog.set_level(logging.WARNING)
    for session, text in ((call(), asked("pbx")), (call("a", "gone"), asked("p\tx")), (call("a"), "Digest realm")):
        assert answer(sorcery, session, text) == ()
    assert [record.getMessage().partition(": ")[2] for record in caplog.records] == [
        "it has no outbound_auth",
        "auth 'gone' of outbound_auth does not exist",
        "no auth of outbound_auth fits the realms asked for (p\\tx)",
        "WWW-Authenticate 'Digest …': no name=value at character 0 of the parameters",
    ]


def test_a_silent_store_is_a_refusal_too(sorcery: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(self: AsyncSorcery, *_: object) -> None:
        raise Unavailable("the database", "no answer")

    monkeypatch.setattr(AsyncSorcery, "retrieve_by_id", silent)
    assert answer(sorcery, call("a"), asked("pbx")) == ()
