"""Kamailio in front of our stack on one MariaDB: phones register at either, and each finds those of the other."""

import socket
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
from sqlalchemy import make_url

from sorcery import Sorcery
from sorcery.pjsip import Contact
from sorcery_cli import main
from sorcery_sip import client
from tests.interop.kamailio import Kamailio
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

PASSWORD = "a;long^password"
SECONDS = 30
FOUND = """\
	if (is_method("OPTIONS") && $rU != "") {
		if (lookup("location")) {
			append_to_reply("Found: $ru\\r\\n");
			sl_send_reply("200", "Found");
		} else {
			sl_send_reply("404", "Not Found");
		}
		exit;
	}
	if (is_method("REGISTER")) {
"""


@attrs.frozen
class System:
    """Where phones register, and the database below."""

    front: tuple[str, int]
    stack: tuple[str, int]
    url: str

    def register(self, at: tuple[str, int], user: str, password: str = PASSWORD, contact: str = "") -> int:
        """Register a phone, or with a contact take it away, and return the status of the answer."""
        uri, expires = f"sip:{user}@{LOOPBACK}", 0 if contact else 600
        answer = client.register(at, uri, username=user, password=password, expires=expires, contact=contact)
        return answer.status

    def contacts(self) -> dict[str, Contact]:
        """Return the contacts by endpoint."""
        with Sorcery.open(self.url) as s:
            return {contact.endpoint: contact for contact in s.retrieve_all(Contact)}

    def found(self, user: str) -> str:
        """Return what Kamailio answers who asks it where a phone is."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.bind((LOOPBACK, 0))
            asking.settimeout(SECONDS)
            lines = [
                f"OPTIONS sip:{user}@{LOOPBACK}:{self.front[1]} SIP/2.0",
                f"Via: SIP/2.0/UDP {LOOPBACK}:{asking.getsockname()[1]};branch=z9hG4bK{user}",
                f"From: <sip:asking@{LOOPBACK}>;tag=asking",
                f"To: <sip:{user}@{LOOPBACK}>",
                f"Call-ID: {user}",
                "CSeq: 1 OPTIONS",
                "Max-Forwards: 70",
                "Content-Length: 0",
            ]
            asking.sendto("\r\n".join([*lines, "", ""]).encode(), self.front)
            return asking.recv(65535).decode()


@pytest.fixture
def system(
    kamailio_with_mysql: None, mariadb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[System]:
    """Run what `init` lays out, with a Kamailio that looks into the database for phones that are asked for."""
    url = make_url(mariadb_url)
    monkeypatch.setenv("MYSQL_UNIX_PORT", str(url.query["unix_socket"]))  # where Kamailio looks for `localhost`
    monkeypatch.setenv("INTEROP_SECRET", PASSWORD)
    own, port, etc = free_port(), free_port(), tmp_path / "pbx"
    words = ["--also-for", "kamailio", "--bind", f"{LOOPBACK}:{own}", "--proxy", f"{LOOPBACK}:{port}"]
    assert main(["-C", str(etc), "init", "--backend", mariadb_url, *words]) == 0
    assert main(["db", "kamailio", "on", mariadb_url]) == 0
    for user in ("1001", "1002"):
        words = ["phone", user, "--secret-from", "env:INTEROP_SECRET", "--no-nat", "aor/support_path=yes"]
        assert main(["-C", str(etc), "new", *words]) == 0
    file = etc / "kamailio.cfg"
    text = file.read_text(encoding="utf-8")
    for old, new in (('"db_mode", 1', '"db_mode", 3'), ('\tif (is_method("REGISTER")) {\n', FOUND)):
        assert text.count(old) == 1
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")
    front = Kamailio(file, port)
    front.check()
    with SipStack(etc), front:
        yield System((LOOPBACK, port), (LOOPBACK, own), mariadb_url)


def test_phones_register_at_either_and_each_finds_those_of_the_other(system: System) -> None:
    assert [system.register(system.front, *words) for words in (("1001", "another"), ("1001",))] == [401, 200]
    assert system.register(system.stack, "1002") == 200
    found = system.contacts()
    assert {user: contact.reg_server for user, contact in found.items()} == {"1001": "kamailio", "1002": ""}
    assert found["1001"].path.startswith(f"<sip:{LOOPBACK}:{system.front[1]};transport=udp;lr;received=sip:")
    for user, contact in found.items():
        assert f"Found: {contact.uri}\r\n" in system.found(user)
    assert system.register(system.front, "1001", contact=found["1001"].uri) == 200
    assert system.contacts().keys() == {"1002"}
    assert system.register(system.stack, "1002", contact=found["1002"].uri) == 200
    assert system.contacts() == {}
    assert [system.found(user)[:11] for user in found] == ["SIP/2.0 404"] * 2
    words = ("new", "phone", "1003", "--secret-from", "env:INTEROP_SECRET", "--seal", "asterisk")
    assert main(["--db", system.url, *words]) == 0
    uri = f"sip:1003@{LOOPBACK}"
    for username, password, status in (("1003", "", 401), ("1003@asterisk", "", 401), ("1003", PASSWORD, 200)):
        assert client.register(system.front, uri, username=username, password=password).status == status
