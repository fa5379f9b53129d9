"""The program itself: a process on loopback, phones, signals."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery import Report, Sorcery
from sorcery.pjsip import Aor, Auth, Contact
from sorcery.running.control import ask
from sorcery_migrations import notices
from sorcery_sip import Response
from sorcery_sip.client import register
from sorcery_sip.main import main
from tests.interop.ports import LOOPBACK as HOST
from tests.interop.ports import free_port
from tests.interop.stack import SipStack

CONF = """\
[udp]
type=transport
protocol=udp
bind=127.0.0.1:{port}
[alice]
type=endpoint
aors=alice
auth=alice
[alice]
type=auth
username=alice
password={password}
[alice]
type=aor
max_contacts=1
remove_existing=yes
"""


class Program(SipStack):
    """A running `sorcery-sip` whose configuration can be written anew."""

    def __init__(self, folder: Path, conf: str) -> None:
        super().__init__(folder)
        self.folder, self.conf, self.port = folder, conf, free_port()
        self.write()

    def write(self, password: str = "secret", *, extra: str = "") -> None:
        (self.folder / "pjsip.conf").write_text(self.conf.format(port=self.port, password=password) + extra)

    def register(self, password: str = "secret", *, user: str = "alice", expires: int = 3600) -> Response:
        aor = f"sip:{user}@{HOST}"
        return register((HOST, self.port), aor, username=user, password=password, expires=expires)


@contextlib.contextmanager
def running(folder: Path, conf: str = CONF) -> Iterator[Program]:
    with Program(folder, conf) as program:
        assert program.ready == f"sorcery-sip ready on udp {HOST}:{program.port}\n", program.log()
        yield program


def test_a_phone_registers_and_its_contact_is_in_the_astdb(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        response = program.register()
        assert response.status == 200
        with Sorcery.open(tmp_path) as sorcery:
            (contact,) = sorcery.retrieve_all(Contact)
        assert response.headers.get("Contact") == f"<{contact.uri}>;expires=3600"
        assert program.register(expires=0).status == 200
        assert program.stop() == 0


def test_a_wrong_password_and_a_stranger_look_alike_outside_and_not_in_the_log(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        wrong, stranger = program.register("wrong"), program.register("wrong", user="bob")
    log = program.log()
    assert wrong.status == stranger.status == 401
    assert [name for name, _ in wrong.headers] == [name for name, _ in stranger.headers]
    assert "wrong password for auth 'alice'" in log
    assert "no endpoint for From 'sip:bob@127.0.0.1'" in log
    assert "secret" not in log


def test_sighup_takes_up_a_changed_password(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        assert program.register().status == 200
        program.write("changed")
        program.reload()
        assert program.register().status == 401
        assert program.register("changed").status == 200
    assert "updated auth: alice" in program.log()


def test_a_password_that_is_changed_in_the_database_counts_at_once_though_it_is_cached(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    sorcery_migrations.upgrade(url)
    notices.install(url)
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\nauth/cache = memory_cache,full_backend_cache=yes\nauth = realtime,ps_auths\n"
    )
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_auths => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    with Sorcery.open(url) as sorcery:
        sorcery.create(Auth(id="alice", username="alice", password="secret"))
    with running(tmp_path) as program:
        assert program.register().status == 200
        with sqlite3.connect(tmp_path / "pbx.db") as somebody_else:
            somebody_else.execute("UPDATE ps_auths SET password = 'changed'")
        deadline = time.monotonic() + 60
        while program.register("changed").status != 200:
            assert time.monotonic() < deadline, program.log()
        assert program.register().status == 401


def test_the_control_socket_reloads_as_sighup_does_and_tells_what_came_of_it(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        program.write("changed", extra="[bob]\ntype=auth\nusername=bob\nauth_type=magic\n")
        report = Report.from_data(ask(tmp_path / "sorcery.ctl", "reload"))
        assert report.updated == {"auth": ("alice",)}
        assert [finding.option for finding in report.errors] == ["auth_type"]
        assert program.register("changed").status == 200
    assert "reloaded" in program.log()
    assert not (tmp_path / "sorcery.ctl").exists()


def test_without_a_control_socket_it_serves_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "asterisk.conf").write_text(
        f"[directories]\nastdbdir => {tmp_path}\nastrundir => {tmp_path}/no-such-folder\n"
    )
    with running(tmp_path) as program:
        assert program.register().status == 200
    assert re.search(r"WARNING .*no-such-folder/sorcery\.ctl: no control socket can be made", program.log())


def test_the_contacts_of_an_aor_that_vanished_at_sighup_go_with_it(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        assert program.register().status == 200
        text = (tmp_path / "pjsip.conf").read_text()
        (tmp_path / "pjsip.conf").write_text(text.partition("[alice]\ntype=aor")[0])
        program.reload()
        assert program.register().status == 404
        with Sorcery.open(tmp_path) as sorcery:
            assert sorcery.retrieve_all(Contact) == []


def test_the_contacts_of_an_aor_that_is_pruned_go_with_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    sorcery_migrations.upgrade(url)
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => sqlite3,pbx\n")
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor/cache = memory_cache\naor = realtime,ps_aors\n")
    with Sorcery.open(url) as database, running(tmp_path) as program:
        database.create(Aor(id="alice", max_contacts=1))
        assert program.register().status == 200
        database.delete(Aor(id="alice"))
        report = Report.from_data(ask(tmp_path / "sorcery.ctl", "prune", type="aor", id="alice"))
        assert report.deleted in ({"aor": ("alice",)}, {})  # the stack follows the file, and may have been quicker
        program.wait_for("contact 'alice;@.* removed: it belonged to a deleted aor")
        with Sorcery.open(tmp_path) as sorcery:
            assert sorcery.retrieve_all(Contact) == []


@pytest.mark.parametrize("broken", ["[oops\n", "[alice]\ntype=auth\nusername=alice\n"])
def test_a_broken_file_at_sighup_is_reported_and_the_old_objects_serve_on(tmp_path: Path, broken: str) -> None:
    with running(tmp_path) as program:
        program.write("changed", extra=broken)
        program.reload()
        log = program.log()
        assert re.search(r"ERROR .*pjsip\.conf:\d+", log)
        assert 200 in (program.register().status, program.register("changed").status)
        program.write("third")
        program.reload()
        assert program.register("third").status == 200


def test_malformed_datagrams_do_no_harm(tmp_path: Path) -> None:
    with running(tmp_path) as program, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect((HOST, program.port))
        via = b"Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx\r\n"
        for data in (
            b"",
            b"\0" * 100,
            b"\r\n\r\n",
            os.urandom(1000),
            b"REGISTER sip:x SIP/2.0\r\n\r\n",
            b"REGISTER sip:x SIP/2.0\r\n" + via + b"From: <\r\nTo: >\r\nCall-ID: 1\r\nCSeq: x\r\n\r\n",
            b"SIP/2.0 200 OK\r\n" + via + b"\r\n",
            b"A" * 60000,
        ):
            peer.send(data)
        assert program.register().status == 200
        assert program.process.poll() is None
    assert "Traceback" not in program.log()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with running(tmp_path) as program:
        assert program.stop(number) == 0
        assert program.process.stdout is not None
        assert program.process.stdout.read() == ""
    assert "Traceback" not in program.log()


def test_contacts_survive_a_restart(tmp_path: Path) -> None:
    with running(tmp_path) as program:
        first = program.register().headers.get("Contact")
        assert program.stop() == 0
    with running(tmp_path) as program:
        contact = f"{first}".partition("<")[2].partition(">")[0]
        again = register(
            (HOST, program.port), "sip:alice@127.0.0.1", username="alice", password="secret", contact=contact
        )
        assert again.headers.get_all("Contact") == (f"<{contact}>;expires=3600",)


def test_expired_contacts_are_swept(tmp_path: Path) -> None:
    quick = "[global]\ntype=global\ncontact_expiration_check_interval=1\n"
    conf = CONF.replace("max_contacts=1\n", "max_contacts=1\nminimum_expiration=1\n") + quick
    with running(tmp_path, conf) as program:
        assert program.register(expires=1).status == 200
        with Sorcery.open(tmp_path) as sorcery:
            assert len(sorcery.retrieve_all(Contact)) == 1
            program.wait_for(r"contact 'alice;@[0-9a-f]+' removed: it expired")
            assert sorcery.retrieve_all(Contact) == []


def test_a_database_that_is_down_at_the_start_is_warned_of_and_phones_get_503(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint=realtime,ps_endpoints\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_endpoints => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/no-such-folder/pbx.db\n")
    with running(tmp_path) as program:
        program.wait_for(r"WARNING .*ps_endpoints.*; until it answers, requests that need it get 503")
        assert program.register().status == 503


def test_a_port_in_use_is_an_error_that_names_the_section(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((HOST, 0))
        port = other.getsockname()[1]
        (tmp_path / "pjsip.conf").write_text(CONF.format(port=port, password="x"))
        assert main(["--config-dir", str(tmp_path)]) == 1
    assert f"transport 'udp': cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1\n"])
def test_without_a_transport_it_says_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    (tmp_path / "pjsip.conf").write_text(text)
    assert main(["--config-dir", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert "write a section with type=transport" in captured.err
    assert captured.out == ""


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config-dir", str(tmp_path / "nowhere")]) == 1
    assert "no such directory" in capsys.readouterr().err
