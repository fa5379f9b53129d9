"""Who gets in, what is answered where nothing else is, and the WebSocket."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import aiohttp.web
import pytest

from sorcery_sip.ari.access import User
from sorcery_sip.ari.connection import Connection
from sorcery_sip.ari.server import AriServer
from sorcery_sip.ari.settings import AriSettings, HttpSettings
from sorcery_sip.ari.state import Ari
from sorcery_sip.pbx.events import DtmfEnd
from tests.unit.sorcery_sip.ari.board import USERS, Answer, board
from tests.unit.sorcery_sip.pbx.fakes import run, until


def answered(method: str, path: str, **more: Any) -> Answer:
    async def scenario() -> Answer:
        async with board() as made:
            return await made.ask(method, path, **more)

    return run(scenario())


@pytest.mark.parametrize(("user", "password"), [(None, ""), ("alice", "wrong"), ("nobody", "secret")])
def test_nobody_gets_in_without_a_password(user: str | None, password: str) -> None:
    answer = answered("GET", "/channels", user=user, password=password)
    assert (answer.status, answer.json) == (401, {"message": "Authentication required"})
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Asterisk REST Interface"'


def test_the_password_may_stand_in_the_query() -> None:
    assert answered("GET", "/channels?api_key=alice:secret", user=None)[:2] == (200, [])
    assert answered("GET", "/channels?api_key=alice:wrong", user=None).status == 401


def test_a_user_who_may_only_read() -> None:
    assert answered("GET", "/bridges", user="reader").status == 200
    assert answered("POST", "/bridges", user="reader")[:2] == (403, {"message": "Write access denied"})


def test_what_is_not_there() -> None:
    assert answered("GET", "/nothing")[:2] == (404, {"message": "Resource not found"})
    assert answered("GET", "/nothing", user=None).status == 401


def test_a_method_that_is_not_served() -> None:
    answer = answered("PUT", "/channels")
    assert (answer.status, answer.json) == (405, {"message": "Invalid method"})
    assert set(answer.headers["Allow"].split(",")) >= {"GET", "POST"}


def test_which_methods_are_served() -> None:
    assert answered("OPTIONS", "/channels", user=None).status == 401
    answer = answered("OPTIONS", "/channels", user="reader")
    assert (answer.status, answer.json) == (204, None)
    assert set(answer.headers["Allow"].split(",")) >= {"OPTIONS", "GET", "POST"}
    assert answered("OPTIONS", "/nothing").status == 404


def test_a_body_that_is_no_json() -> None:
    async def scenario() -> Answer:
        async with board() as made:
            headers = {
                "Content-Type": "application/json",
                "Authorization": aiohttp.encode_basic_auth("alice", "secret"),
            }
            async with made.session.post(f"{made.base}/bridges", data="{", headers=headers) as response:
                return Answer(response.status, await response.json(), None)

    assert run(scenario())[:2] == (400, {"message": "Request body is no JSON"})
    assert answered("POST", "/bridges", body=[1])[:2] == (400, {"message": "Request body is no JSON object"})


def test_parameters_may_stand_in_the_body_and_in_a_form() -> None:
    async def scenario() -> list[str]:
        async with board() as made:
            first = await made.done("POST", "/bridges", body={"name": "first"})
            headers = {"Authorization": aiohttp.encode_basic_auth("alice", "secret")}
            async with made.session.post(f"{made.base}/bridges", data={"name": "second"}, headers=headers) as response:
                second = await response.json()
            return [first["name"], second["name"]]

    assert run(scenario()) == ["first", "second"]


@pytest.mark.parametrize(
    ("content_type", "body", "message"),
    [
        ("application/json", b"[" * 100_000, "Request body is no JSON"),
        ("application/json", b"\xff", "Request body is no JSON"),
        ("application/json; charset=nothing", b"{}", "Request body is no JSON"),
        ("application/x-www-form-urlencoded", b"\xff\xfe", "Request body is no form"),
        ("application/x-www-form-urlencoded; charset=nothing", b"a=b", "Request body is no form"),
        ("multipart/form-data; boundary=x", b"--y--", "Request body is no form"),
        ("multipart/form-data; boundary=x", b"--x\r\nHeader\r\n\r\n", "Request body is no form"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(content_type: str, body: bytes, message: str) -> None:
    async def scenario() -> Answer:
        async with board() as made:
            headers = {"Content-Type": content_type, "Authorization": aiohttp.encode_basic_auth("alice", "secret")}
            async with made.session.post(f"{made.base}/bridges", data=body, headers=headers) as response:
                return Answer(response.status, await response.json(), None)

    assert run(scenario())[:2] == (400, {"message": message})


def test_a_file_in_a_form_is_no_parameter() -> None:
    async def scenario() -> Answer:
        async with board() as made:
            headers = {"Authorization": aiohttp.encode_basic_auth("alice", "secret")}
            form = aiohttp.FormData()
            form.add_field("name", b"x", filename="x.txt")
            async with made.session.post(f"{made.base}/bridges", data=form, headers=headers) as response:
                return Answer(response.status, (await response.json()).get("name"), None)

    assert run(scenario())[:2] == (200, "")


def test_what_is_no_http_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> bytes:
        async with board() as made:
            assert made.server.address is not None
            reader, writer = await asyncio.open_connection(*made.server.address)
            writer.write(b"GET /ari/channels/\xe9 HTTP/1.1\r\nContent-Length: x\r\n\r\n")
            answer = await reader.readline()
            writer.close()
            return answer

    caplog.set_level("INFO")
    assert b" 400 " in run(scenario())
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("INFO", None)]


def test_an_operation_that_breaks_down_is_an_internal_error(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise OSError("disk")

    monkeypatch.setattr(Ari, "channel", broken)
    assert answered("GET", "/channels/x")[:2] == (500, {"message": "Internal Server Error"})
    assert "GET '/ari/channels/x' broke down" in caplog.text


def test_the_users_may_be_exchanged() -> None:
    async def scenario() -> int:
        async with board() as made:
            made.server.follow(AriSettings(users={"bob": USERS["alice"]}))
            return (await made.ask("GET", "/channels")).status

    assert run(scenario()) == 401


def test_events_need_an_application_and_a_websocket() -> None:
    assert answered("GET", "/events")[:2] == (400, {"message": "Missing parameter app"})
    assert answered("GET", "/events?app=app")[:2] == (426, {"message": "Upgrade Required"})


def test_applications_are_there_while_they_are_connected() -> None:
    async def scenario() -> None:
        async with board() as made:
            events = await made.connect("one,two")
            assert [app["name"] for app in await made.done("GET", "/applications")] == ["one", "two"]
            await events.socket.close()
            await until(lambda: made.stasis.get("one") is None)
            assert await made.done("GET", "/applications") == []

    run(scenario())


def test_an_application_that_comes_back_hears_of_its_channels_and_of_their_bridges() -> None:
    async def scenario() -> None:
        async with board() as made:
            channel, before = await made.in_application()
            bridge = await made.done("POST", "/bridges")
            await made.done("POST", f"/bridges/{bridge['id']}/addChannel?channel={channel.id}")
            await before.socket.close()
            await until(lambda: made.stasis.get("app") is None)
            events = await made.connect()
            channel.post(DtmfEnd("5"))
            assert (await events.next())["digit"] == "5"
            (application,) = await made.done("GET", "/applications")
            assert (application["channel_ids"], application["bridge_ids"]) == ([channel.id], [bridge["id"]])
            await made.done("DELETE", f"/channels/{channel.id}")
            await events.next("StasisEnd")
            (application,) = await made.done("GET", "/applications")
            assert application["channel_ids"] == application["bridge_ids"] == []

    run(scenario())


def test_who_takes_the_place_of_an_application_is_not_hurt_by_its_end() -> None:
    async def scenario() -> None:
        async with board() as made:
            first = await made.connect()
            bridge = await made.done("POST", "/bridges")
            source = f"/applications/app/subscription?eventSource=bridge:{bridge['id']}"
            await made.done("POST", source)
            second = await made.connect()
            assert (await first.next())["type"] == "ApplicationReplaced"
            await first.socket.close()
            await made.done("DELETE", f"/bridges/{bridge['id']}")
            assert (await second.next())["type"] == "BridgeDestroyed"

    run(scenario())


def test_a_client_that_takes_no_events_is_disconnected(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sorcery_sip.ari.connection.MOST_WAITING", 10)

    async def scenario() -> None:
        async with board() as made:
            monkeypatch.setattr(Connection, "_write", lambda self: asyncio.sleep(60))
            await made.connect()
            while made.stasis.get("app") is not None:
                await made.ask("POST", "/events/user/x?application=app")

    run(scenario())
    assert "applications 'app' take no events" in caplog.text


def test_a_client_that_leaves_before_it_is_connected_is_no_fault(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def left(*_: object) -> None:
        raise ConnectionResetError

    async def scenario() -> None:
        async with board() as made:
            monkeypatch.setattr(aiohttp.web.WebSocketResponse, "prepare", left)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await made.connect()

    run(scenario())
    assert [record for record in caplog.records if record.exc_info] == []


def test_a_server_that_stops_disconnects_its_clients() -> None:
    async def scenario() -> None:
        async with board() as made:
            events = await made.connect()
            await made.server.stop()
            message = await events.socket.receive(timeout=60)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == 1001

    run(scenario())


def test_a_stop_waits_for_nobody_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery_sip.ari.connection.FAREWELL", 0.01)
    monkeypatch.setattr("sorcery_sip.ari.server.PATIENCE", 0.01)

    async def scenario() -> None:
        async with board() as made:
            events = await made.connect()
            for name in ("receive", "close"):  # the client says no more
                monkeypatch.setattr(events.socket, name, lambda *_: asyncio.sleep(0))
            made.fake.request = lambda *_, **__: asyncio.sleep(60)  # type: ignore[assignment, method-assign]
            asking = asyncio.ensure_future(made.ask("POST", "/channels?endpoint=Fake/bob&app=app"))
            await asyncio.sleep(0.05)
            async with asyncio.timeout(60):
                await made.server.stop()
            await asyncio.gather(asking, return_exceptions=True)

    run(scenario())


def test_an_address_that_is_taken_is_an_error() -> None:
    async def scenario() -> None:
        async with board() as made:
            assert made.server.address is not None
            other = AriServer(made.ari, AriSettings(), HttpSettings(port=made.server.address[1]))
            with pytest.raises(OSError, match="address already in use"):
                await other.start()

    run(scenario())


def with_settings(settings: AriSettings, path: str, **headers: str) -> Answer:
    async def scenario() -> Answer:
        async with board() as made:
            made.server.follow(settings)
            await made.call("200")
            headers["Authorization"] = aiohttp.encode_basic_auth("alice", "secret")
            async with made.session.get(f"{made.base}{path}", headers=headers) as response:
                return Answer(response.status, await response.text(), response.headers)

    return run(scenario())


def test_a_user_may_come_from_some_addresses_only() -> None:
    asked: list[str] = []

    def admits(address: str) -> bool:
        asked.append(address)
        return False

    answer = with_settings(AriSettings(users={"alice": User("alice", "secret", admits=admits)}), "/channels")
    assert answer[:2] == (403, '{"message":"Access denied by ACL"}')
    assert asked == ["127.0.0.1"]


def test_the_realm_has_a_name() -> None:
    answer = with_settings(AriSettings(realm="here"), "/channels")
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="here"'


@pytest.mark.parametrize(
    ("origins", "allowed"), [(("http://a", "http://b"), True), (("*",), True), (("http://b",), False), ((), False)]
)
def test_pages_of_some_servers_may_use_it(origins: tuple[str, ...], allowed: bool) -> None:
    answer = with_settings(AriSettings(users=USERS, origins=origins), "/channels", Origin="http://a")
    assert (answer.headers.get("Access-Control-Allow-Origin") == "http://a") is allowed
    assert ("Access-Control-Allow-Credentials" in answer.headers) is allowed
    assert "Access-Control-Allow-Origin" not in with_settings(AriSettings(users=USERS), "/channels").headers


def test_json_may_be_indented() -> None:
    assert with_settings(AriSettings(users=USERS, is_pretty=True), "/asterisk/info?only=x").json == "{}"
    assert with_settings(AriSettings(users=USERS, is_pretty=True), "/asterisk/ping").json.startswith('{\n  "ping"')


def test_variables_may_be_shown_with_channels() -> None:
    settings = AriSettings(users=USERS, channel_variables=("NONE", "CHANNEL(language)"))
    (channel,) = json.loads(with_settings(settings, "/channels").json)
    assert channel["channelvars"] == {"NONE": "", "CHANNEL(language)": "en"}
