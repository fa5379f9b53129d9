"""What `sorcery import` makes of configurations of chan_sip, given to a running Asterisk.

It loads every object, understands each as we do, and has nothing to complain about.
"""

import re
import socket
import time
from pathlib import Path

import psycopg
import pytest

from sorcery import Sorcery
from sorcery.chan_sip import Conversion, convert, convert_rows, pjsip_conf
from sorcery.conf import read_conf
from sorcery_cli.sippeers import Table, read_rows
from sorcery_migrations import upgrade
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import asked, comparable, known_there, printed
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.postgresql import Database
from tests.interop.test_checks_asterisk import md5, register, status

pytestmark = pytest.mark.interop

DATA = Path(__file__).parents[1] / "data"
CASES = sorted(path.parent for path in (DATA / "chan_sip").glob("*/sip.conf"))
ACL = "[lan]\npermit = 192.168.0.0/16\n[office]\npermit = 10.0.0.0/8\n"
COMPLAINT = re.compile(r"^\[[^]]*\] (?:WARNING|ERROR)\[\d+\](?:\[C-\w+\])?:? (.*)$", re.MULTILINE)
BIND = re.compile(r"^bind = .*:\d+$", re.MULTILINE)
NOWHERE = {
    "203.0.113.": "127.0.113.",
    "192.0.2.": "127.0.2.",
    "192.168.7.8": "127.0.7.8",
    "sip.example.com": LOOPBACK,
    "outer.example.com": LOOPBACK,
}
"""Addresses of examples, and those of this machine that stand for them."""
FILES = {"dtls_cert_file", "cert_file", "priv_key_file"}


def put(case: Path, folder: Path) -> Conversion:
    """Copy a configuration into a folder, with addresses and certificates that there are; convert it."""
    for name in ("long.pem", "long.key"):
        (folder / name).write_bytes((DATA / "certificates" / name).read_bytes())
    for path in case.glob("*.conf"):
        text = path.read_text(encoding="utf-8")
        for example, real in NOWHERE.items():
            text = text.replace(example, real)
        text = text.replace("/nonexistent/asterisk.pem", str(folder / "long.pem"))
        (folder / path.name).write_text(text.replace("/nonexistent/asterisk.key", str(folder / "long.key")))
    return convert(read_conf(folder / "sip.conf"))


def written(made: Conversion, root: Path) -> str:
    """Return the file with ports that are free, and with paths as a server in this root sees them."""
    text = BIND.sub(lambda _: f"bind = {LOOPBACK}:{free_port()}", pjsip_conf(made))
    return text.replace(str(root), "")


def inside(asterisk: Asterisk, root: Path, name: str) -> str:
    """Return the path of a file of the configuration as the server sees it."""
    return str(asterisk.configuration / name).removeprefix(str(root))


def understood(attributes: Attributes) -> Attributes:
    return {name: value for name, value in comparable(attributes).items() if name not in FILES}


def complaints(asterisk: Asterisk) -> set[str]:
    """Return the warnings and errors in the log, whatever folder the server has, and however busy it is."""
    found = COMPLAINT.findall(asterisk.logs())
    return {re.sub(r"/tmp/pysorcery-\w+", "", each) for each in found if not each.startswith("taskprocessor.c")}


@pytest.fixture(scope="module")
def usual(asterisk_root: Path) -> set[str]:
    """Return what the server complains of when it has no objects at all."""
    with Asterisk(asterisk_root, {"acl.conf": ACL}) as asterisk:
        asterisk.stop()  # its log is written aside, and whole only then
        return complaints(asterisk)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_asterisk_takes_what_was_made_without_a_word(asterisk_root: Path, usual: set[str], case: Path) -> None:
    asterisk = Asterisk(asterisk_root, {"acl.conf": ACL})
    made = put(case, asterisk.configuration)
    asterisk.write("pjsip.conf", written(made, asterisk_root))
    with asterisk:
        for obj in made.objects():
            own = obj.__sorcery__
            said = asked(asterisk, own, obj.id)
            assert said is not None, f"{own.name} {obj.id}"
            if own.name != "transport":  # whose ports are others here
                assert understood(said) == understood(known_there(obj, printed(obj)))
        assert complaints(asterisk) - usual == set()


BILLING = "2"
"""What a server prints of the AMA flag of that name."""
CALL = """\
INVITE sip:100@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {host}:{own};rport;branch=z9hG4bKvariables
Max-Forwards: 70
From: <sip:stranger@{host}>;tag=1
To: <sip:100@{host}>
Call-ID: variables
CSeq: 1 INVITE
Contact: <sip:stranger@{host}:{own}>
Content-Length: 0

"""


def test_what_became_a_variable_is_a_setting_of_the_channel(asterisk_root: Path) -> None:
    """The settings of channels that chan_sip had options for are set by `set_var`."""
    lines = "context = in\nparkinglot = lobby\nmohinterpret = jazz\n[stranger]\ntype = friend\namaflags = billing\n"
    asterisk = Asterisk(asterisk_root)
    asterisk.write("sip.conf", f"[general]\nbindport = {(port := free_port())}\n{lines}")
    asterisk.write("pjsip.conf", pjsip_conf(convert(read_conf(asterisk.configuration / "sip.conf"))))
    shown = " ".join(f"${{CHANNEL({name})}}" for name in ("parkinglot", "amaflags", "musicclass"))
    asterisk.write(
        "extensions.conf", f"[in]\nexten = 100,1,System(echo {shown} > {inside(asterisk, asterisk_root, 'heard')})\n"
    )
    with asterisk, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((LOOPBACK, 0))
        text = CALL.format(host=LOOPBACK, port=port, own=phone.getsockname()[1])
        phone.sendto(text.replace("\n", "\r\n").encode(), (LOOPBACK, port))
        heard = asterisk.configuration / "heard"
        deadline = time.monotonic() + 60
        while not (heard.exists() and heard.read_text()) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert heard.read_text().split() == ["lobby", BILLING, "jazz"]


PHONES = """\
[general]
allowguest = no
realm = pbx.example.com
maxexpiry = 200
bindport = {port}
[plain]
type = friend
host = dynamic
secret = {secret}
[sealed]
type = friend
host = dynamic
md5secret = {digest}
insecure = port,invite
[nobody]
type = friend
host = dynamic
secret = another
permit = 127.0.0.2
deny = 127.0.0.1
"""


def test_phones_register_as_before(asterisk_root: Path) -> None:
    """By secret and by digest, for no longer than they may, from where they may; strangers are told nothing."""
    asterisk, port, secret = Asterisk(asterisk_root), free_port(), "w3Kd9-xQ"
    digest = md5(f"sealed:pbx.example.com:{secret}")
    asterisk.write("sip.conf", PHONES.format(port=port, secret=secret, digest=digest))
    asterisk.write("pjsip.conf", pjsip_conf(convert(read_conf(asterisk.configuration / "sip.conf"))))
    with asterisk:
        for user in ("plain", "sealed"):
            response = register(port, {"user": user, "password": secret})
            assert status(response) == 200
            assert re.search("expires=(200|199)", response)
            assert status(register(port, {"user": user, "password": "wrong"})) == 401
        assert status(register(port, {"user": "stranger", "password": secret})) == 401
        assert status(register(port, {"user": "nobody", "password": "another"})) == 401


SUBSCRIBE = """\
SUBSCRIBE sip:101@{host}:{port} SIP/2.0
Via: SIP/2.0/UDP {host}:{own};rport;branch=z9hG4bKmail
Max-Forwards: 70
From: <sip:101@{host}>;tag=1
To: <sip:101@{host}>
Call-ID: mail
CSeq: 1 SUBSCRIBE
Contact: <sip:101@{host}:{own}>
Event: message-summary
Accept: application/simple-message-summary
Expires: 60
Content-Length: 0

"""


@pytest.mark.parametrize("asks", ["no", "yes"])
def test_a_phone_may_subscribe_to_its_mailbox_as_before(asterisk_root: Path, asks: str) -> None:
    asterisk, port = Asterisk(asterisk_root), free_port()
    lines = f"type = friend\nhost = dynamic\nmailbox = 101@default\nsubscribemwi = {asks}\n"
    asterisk.write("sip.conf", f"[general]\nallowguest = no\nbindport = {port}\n[101]\n{lines}")
    asterisk.write("pjsip.conf", pjsip_conf(convert(read_conf(asterisk.configuration / "sip.conf"))))
    with asterisk, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((LOOPBACK, 0))
        phone.settimeout(20)
        text = SUBSCRIBE.format(host=LOOPBACK, port=port, own=phone.getsockname()[1])
        phone.sendto(text.replace("\n", "\r\n").encode(), (LOOPBACK, port))
        assert status(phone.recv(4096).decode()) == 200


KEPT = ("endpoint", "aor", "auth", "registration")
"""The types whose tables are asked; an identify would look the names of examples up."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_database_takes_what_was_made(postgresql: Database, case: Path) -> None:
    objects = convert(read_conf(case / "sip.conf")).only(KEPT).objects()
    upgrade(postgresql.url)
    with Sorcery.open(postgresql.url) as system:
        with system.transaction() as transaction:
            for obj in objects:
                transaction.create(obj)
        assert [system.retrieve_by_id(obj.__sorcery__.name, obj.id) for obj in objects] == objects


def test_peers_of_postgresql_are_read(postgresql: Database) -> None:
    columns = 'name text, type text, host text, secret text, "call-limit" int, regseconds bigint, context text'
    with psycopg.connect(postgresql.dsn, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE sippeers ({columns})")
        connection.execute("INSERT INTO sippeers VALUES ('b', 'friend', 'dynamic', 'x', 2, 0, NULL)")
        connection.execute("INSERT INTO sippeers VALUES ('a', 'friend', 'dynamic', 'y', NULL, 17, '')")
    made = convert_rows(read_rows(Table(postgresql.url, "sippeers")))
    assert [(part.type_name, part.id) for part in made.parts] == [
        (name, id) for id in ("a", "b") for name in ("endpoint", "aor", "auth")
    ]
    assert [note.value for note in made.notes if note.option == "call-limit"] == ["2"]
