"""A Kamailio on our tables, told by the feed: what it dispatches to, and whom it remembers, is what the tables say."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest

from sorcery import Sorcery
from sorcery.pjsip import Contact
from sorcery_cli import main
from sorcery_feed import RpcAddress
from sorcery_feed.kamailio.rpc import RpcClient, RpcRefused
from sorcery_migrations import notices
from sorcery_sip import client
from tests.interop.feed import RunningFeed
from tests.interop.kamailio import Kamailio
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database

pytestmark = pytest.mark.interop

PASSWORD = "a;long^password"
SECONDS = 60
MODULES = 'loadmodule "kex.so"\nloadmodule "xhttp.so"\nloadmodule "jsonrpcs.so"\n'
WAYS = ("udp", "unix", "http")
HTTP_ROUTE = '\nevent_route[xhttp:request] {\n\tif ($hu =~ "^/RPC") {\n\t\tjsonrpc_dispatch();\n\t}\n}\n'


class Proxy(NamedTuple):
    """A running Kamailio, and what lies below it."""

    port: int
    address: str
    database: Database
    folder: Path

    def call(self, method: str, *parameters: str) -> object:
        """Ask it something; None where it says that there is no such thing."""
        asking = RpcClient(RpcAddress.parse(self.address), 30)
        try:
            return asking.call(method, *parameters)
        except RpcRefused:
            return None
        finally:
            asking.close()

    def feed(self) -> RunningFeed:
        words = ["--to", self.address, "--state", str(self.folder / "feed.json")]
        return RunningFeed(["--db", self.database.dsn], words, os.environ)


@pytest.fixture(params=WAYS)
def proxy(
    request: pytest.FixtureRequest,
    kamailio: None,
    tmp_path: Path,
    postgresql: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Proxy]:
    """Run a Kamailio that is told by datagrams to a port, to a file, or by HTTP."""
    monkeypatch.setenv("INTEROP_SECRET", PASSWORD)
    etc, port, rpc = tmp_path / "pbx", free_port(), free_port()
    words = ["--also-for", "kamailio", "--bind", f"{LOOPBACK}:{free_port()}", "--proxy", f"{LOOPBACK}:{port}"]
    assert main(["-C", str(etc), "init", "--backend", postgresql.dsn.replace("@", ":unused@"), *words]) == 0
    assert main(["-C", str(etc), "new", "phone", "1001", "--secret-from", "env:INTEROP_SECRET", "--no-nat"]) == 0
    notices.install(postgresql.url)
    file = etc / "kamailio.cfg"
    listen = f"listen=udp:{LOOPBACK}:{port}\n"
    socket = {"udp": f"udp:{LOOPBACK}:{rpc}", "unix": str(tmp_path / "rpc.sock"), "http": ""}[request.param]
    settings = f'modparam("jsonrpcs", "dgram_socket", "{socket}")\n' if socket else ""
    settings += f'modparam("jsonrpcs", "transport", {4 if socket else 1})\n\nrequest_route'
    text = "\n".join(line for line in file.read_text().splitlines() if "jsonrpcs" not in line) + "\n"
    text = text.replace(listen, f"{listen}listen=tcp:{LOOPBACK}:{rpc}\ntcp_accept_no_cl=yes\n", 1)
    text = text.replace('loadmodule "tm.so"\n', f'{MODULES}loadmodule "tm.so"\n', 1)
    file.write_text(text.replace("request_route", settings, 1) + HTTP_ROUTE)
    address = {
        "udp": f"kamailio-rpc://{LOOPBACK}:{rpc}",
        "unix": f"kamailio-rpc+unix://{socket}",
        "http": f"kamailio-rpc+http://{LOOPBACK}:{rpc}/RPC",
    }[request.param]
    front = Kamailio(file, port)
    front.check()
    with front:
        yield Proxy(port, address, postgresql, tmp_path)


def eventually(holds: Callable[[], bool], said: Callable[[], str]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, said()
        time.sleep(0.05)


def test_it_dispatches_and_remembers_as_the_tables_say(proxy: Proxy) -> None:
    with proxy.feed() as feed:
        answer = client.register((LOOPBACK, proxy.port), f"sip:1001@{LOOPBACK}", username="1001", password=PASSWORD)
        assert answer.status == 200
        assert proxy.call("ul.lookup", "location", "1001") is not None
        with Sorcery.open(proxy.database.dsn) as s:
            (contact,) = s.retrieve_all(Contact)
            s.delete(contact)
        eventually(lambda: proxy.call("ul.lookup", "location", "1001") is None, feed.said)
        with psycopg.connect(proxy.database.dsn, autocommit=True) as connection:
            connection.execute("UPDATE dispatcher SET destination = 'sip:127.0.0.1:7777'")
        eventually(lambda: "7777" in str(proxy.call("dispatcher.list")), feed.said)
        assert feed.figure("sorcery_feed_refused_total") == 0
