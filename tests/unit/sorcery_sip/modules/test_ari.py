"""The REST interface follows its configuration."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from sorcery import Sorcery, Unavailable
from sorcery_sip.modules import ari
from sorcery_sip.modules.access import AccessLists
from sorcery_sip.modules.ari import AriInterface
from sorcery_sip.pbx.channels import Channels
from sorcery_sip.pbx.dialplan import Dialplan
from sorcery_sip.pbx.pbx import Pbx
from sorcery_sip.pbx.stasis import StasisApplications
from tests.unit.sorcery_sip.pbx.fakes import FakeSounds, run

HTTP = "[general]\nenabled=yes\nbindport=0\n"
ARI = "[general]\n[alice]\ntype=user\npassword=secret\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "pjsip.conf").write_text("[bob]\ntype=endpoint\n")
    (tmp_path / "http.conf").write_text(HTTP)
    (tmp_path / "ari.conf").write_text(ARI)
    return tmp_path


async def started(sorcery: Sorcery) -> AriInterface:
    pbx = Pbx(Dialplan, {}, {}, channels=Channels())
    interface = AriInterface(sorcery, AccessLists(None), pbx, StasisApplications(), FakeSounds())
    await interface.follow()
    return interface


def test_a_store_that_does_not_answer_is_no_fault_of_ours(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        interface = await started(sorcery)
        monkeypatch.setattr(ari, "endpoint_states", is_down)
        assert await ask(interface, "/endpoints") == 503
        await interface.stop()

    def is_down(sorcery: Sorcery, now: float) -> None:
        raise Unavailable("realtime", "the database is down")

    with Sorcery.open(directory) as sorcery:
        run(scenario(sorcery))
    assert "broke down" not in caplog.text


async def ask(interface: AriInterface, path: str, password: str = "secret", prefix: str = "") -> Any:
    """Return the JSON of an answer, its status where it is refused."""
    assert interface.address is not None
    host, port = interface.address
    url = f"http://{host}:{port}{prefix}/ari{path}?api_key=alice:{password}"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.json() if response.ok else response.status


def test_it_is_served_as_the_configuration_says(directory: Path) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        interface = await started(sorcery)
        info = await ask(interface, "/asterisk/info")
        assert set(info["status"]) == {"startup_time", "last_reload_time"}
        assert len(info["system"]["entity_id"]) == 17
        endpoints = [{"technology": "PJSIP", "resource": "bob", "state": "offline", "channel_ids": []}]
        assert await ask(interface, "/endpoints") == endpoints
        await interface.stop()
        assert interface.address is None
        await interface.stop()

    with Sorcery.open(directory) as sorcery:
        run(scenario(sorcery))


def test_a_reload_changes_users_in_place_and_moves_where_it_must(directory: Path) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        interface = await started(sorcery)
        address = interface.address
        (directory / "ari.conf").write_text(ARI.replace("secret", "other"))
        sorcery.reload()
        await interface.follow()
        assert interface.address == address
        assert await ask(interface, "/channels") == 401
        assert await ask(interface, "/channels", "other") == []
        (directory / "http.conf").write_text(HTTP + "prefix=pre\n")
        await interface.follow()
        assert await ask(interface, "/channels", "other", prefix="/pre") == []
        (directory / "http.conf").write_text("")
        await interface.follow()
        assert interface.address is None

    with Sorcery.open(directory) as sorcery:
        run(scenario(sorcery))


def test_without_its_files_nothing_is_served(tmp_path: Path) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        interface = await started(sorcery)
        assert interface.address is None

    (tmp_path / "pjsip.conf").write_text("")
    with Sorcery.open(tmp_path) as sorcery:
        run(scenario(sorcery))


@pytest.mark.parametrize("address", ["a..b", "ä" * 70])
def test_an_address_that_is_none_is_named(directory: Path, address: str, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        assert (await started(sorcery)).address is None

    (directory / "http.conf").write_text(f"{HTTP}bindaddr={address}\n")
    with Sorcery.open(directory) as sorcery:
        run(scenario(sorcery))
    assert f"http.conf: the REST interface cannot listen on {address}:0" in caplog.text


def test_an_address_that_is_taken_is_named(directory: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(sorcery: Sorcery) -> None:
        first = await started(sorcery)
        assert first.address is not None
        port = first.address[1]
        (directory / "http.conf").write_text(HTTP.replace("bindport=0", f"bindport={port}"))
        second = await started(sorcery)
        assert second.address is None
        assert f"http.conf: the REST interface cannot listen on 127.0.0.1:{port}" in caplog.text
        await first.stop()
        await second.follow()
        assert second.address == ("127.0.0.1", port)
        await second.stop()

    with Sorcery.open(directory) as sorcery:
        run(scenario(sorcery))


def test_without_aiohttp_the_log_says_what_to_install(
    directory: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **more: Any) -> Any:
        if name == "aiohttp":
            raise ImportError(name)
        return real(name, *args, **more)

    for name in list(sys.modules):
        if name in ("sorcery_sip.ari.server", "sorcery_sip.ari.connection") or name.startswith("aiohttp"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", without)
    with Sorcery.open(directory) as sorcery:
        run(started(sorcery))
    assert "needs aiohttp: pip install 'pysorcery[ari]'" in caplog.text
