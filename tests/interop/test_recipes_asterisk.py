"""What recipes make, in a running Asterisk: every object is taken without a word, and what it is for works."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

import sorcery_migrations
from sorcery import Object, Secret, Sorcery, recipes
from sorcery.pjsip import Registration
from sorcery.recipes import Bundle
from sorcery_sip import client
from sorcery_sip.message.messages import Request
from tests.interop.asterisk import Asterisk
from tests.interop.connected import Browser, Connected
from tests.interop.objects import comparable, known_there, printed
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

CERTIFICATES = Path(__file__).parents[1] / "data/certificates"
PASSWORD = "hunter2hunter2"
SECRET = Secret(PASSWORD)
NOBODY = "127.0.0.77:5999"
EXTENSIONS = (
    "[internal]\nexten = 100,1,Answer()\n same = n,Echo()\n[from-trunk]\nexten = _X!,1,Answer()\n same = n,Wait(20)\n"
)
FILES = {"sorcery.conf": "[writes]\npjsip.conf = yes\n", "extensions.conf": EXTENSIONS}
ALL_TYPES = """\
[res_pjsip]
endpoint = realtime,ps_endpoints
auth = realtime,ps_auths
aor = realtime,ps_aors
[res_pjsip_endpoint_identifier_ip]
identify = realtime,ps_endpoint_id_ips
[res_pjsip_outbound_registration]
registration = realtime,ps_registrations
"""
FAMILIES = "".join(
    f"{family} => sqlite3,pbx\n"
    for family in ("ps_endpoints", "ps_auths", "ps_aors", "ps_endpoint_id_ips", "ps_registrations")
)


def everything() -> list[Bundle]:
    """Return one of each, and of each what it may have."""
    return [
        recipes.phone("100", secret=SECRET, name='Älice; "A"', mailbox="100", group="sales", max_contacts=3),
        recipes.phone("101", secret=SECRET, nat=False, algorithms=("SHA-256", "MD5"), qualify=0),
        recipes.softphone("102", secret=SECRET),
        recipes.webrtc("103", secret=SECRET),
        recipes.ata("104", secret=SECRET),
        recipes.trunk("near", hosts=(NOBODY, "127.0.0.78"), match=("127.0.1.0/24",), secret=SECRET, username="us"),
        recipes.trunk("pbx", hosts=("127.0.0.79",), inbound_secret=SECRET, trusted=False, from_user="us"),
        recipes.trunk("safe", hosts=("127.0.0.80",), protocol="tls", proxy=NOBODY),
        recipes.registered_trunk("far", server=NOBODY, username="us", secret=SECRET, match=("127.0.0.81",)),
    ]


def certificate_in(folder: Path) -> dict[str, Any]:
    """Put a certificate and its key into a folder, and return their paths as recipes want them."""
    for name in ("long.pem", "long.key"):
        shutil.copy(CERTIFICATES / name, folder / name)
    return {"certificate": str(folder / "long.pem"), "key": str(folder / "long.key")}


def sockets(folder: Path, port: int, tls: int) -> list[Bundle]:
    """Return transports with a certificate in a folder of Asterisk's, which sees it elsewhere."""
    return [
        recipes.transport("udp", bind=f"{LOOPBACK}:{port}"),
        recipes.transport("tls", protocol="tls", bind=f"{LOOPBACK}:{tls}", **certificate_in(folder)),
        recipes.transport("wss", protocol="wss"),
    ]


def seen_inside(folder: Path, root: Path) -> None:
    """Let the paths in `pjsip.conf` be those that a server in the folder `root` sees."""
    file = folder / "pjsip.conf"
    file.write_text(file.read_text("utf-8").replace(str(root), ""), "utf-8")


def wait_until(holds: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def complaints(asterisk: Asterisk) -> set[str]:
    """Return what a server warned of, without when and in which thread.

    In which order its own modules begin is a race, of which it sometimes warns.
    """
    lines = re.findall(r"\] (?:WARNING|ERROR)\[\d+\](?:\[[^]]*\])? (.*)", asterisk.logs())
    ours = [line for line in lines if "registered during operation" not in line]
    return {line.replace(str(asterisk.configuration.parent.name), "") for line in ours}


@pytest.fixture(scope="module")
def usual(asterisk_root: Path) -> set[str]:
    """Return what Asterisk complains of when there is nothing of ours."""
    with Asterisk(asterisk_root, FILES) as asterisk:
        return complaints(asterisk)


def assert_alike(asterisk: Asterisk, objects: list[Object]) -> None:
    for obj in objects:
        name = obj.__sorcery__.name
        theirs = asterisk.ari_get(name, obj.id)
        assert theirs is not None, (name, obj.id)
        assert comparable(theirs) == comparable(known_there(obj, printed(obj))), (name, obj.id)


def test_asterisk_takes_every_recipe_from_a_file_without_a_word(asterisk_root: Path, usual: set[str]) -> None:
    asterisk = Asterisk(asterisk_root, FILES)
    folder = asterisk.configuration
    with Sorcery.open(folder) as s:
        recipes.create(s, *sockets(folder, free_port(), free_port()))
        made = recipes.create(s, *everything())
    seen_inside(folder, asterisk_root)
    with asterisk:
        assert_alike(asterisk, list(made))
        assert complaints(asterisk) - usual == set()


def test_asterisk_takes_every_recipe_from_a_database_without_a_word(asterisk_root: Path, usual: set[str]) -> None:
    asterisk = Asterisk(asterisk_root, FILES | {"pjsip.conf": ""})
    folder, database = asterisk.configuration, asterisk.astdb.with_name("pbx.db")
    with Sorcery.open(folder) as s:
        recipes.create(s, *sockets(folder, free_port(), free_port()))
    sorcery_migrations.upgrade(f"sqlite:///{database}")
    for name, text in {
        "sorcery.conf": ALL_TYPES,
        "extconfig.conf": f"[settings]\n{FAMILIES}",
        "res_config_sqlite3.conf": f"[pbx]\ndbfile => /{database.relative_to(asterisk_root)}\n",
        "databases.conf": f"[pbx]\nurl = sqlite:///{database}\n",
    }.items():
        asterisk.write(name, text)
    with Sorcery.open(folder) as s:
        made = recipes.create(s, *everything())
    seen_inside(folder, asterisk_root)
    with asterisk:
        assert_alike(asterisk, list(made))
        # Where the driver reads many rows it takes NULL for an empty text, and nobody may write that column.
        found = {line for line in complaints(asterisk) - usual if "Option 'stir_shaken' is no longer" not in line}
        assert found == set()


def test_a_phone_of_the_command_line_registers_at_both_servers(asterisk_root: Path, tmp_path: Path) -> None:
    def new(folder: Path, *words: str) -> None:
        code = "import sys; from sorcery_cli import main; sys.exit(main())"
        command = [sys.executable, "-c", code, "-C", str(folder), "new", *words]
        subprocess.run(command, check=True, capture_output=True, input=f"{PASSWORD}\n", text=True, timeout=60)

    def logs_in(port: int) -> None:
        for password, status in ((PASSWORD, 200), ("wrong", 401)):
            answer = client.register((LOOPBACK, port), f"sip:100@{LOOPBACK}", username="100", password=password)
            assert answer.status == status

    asterisk, port, ours = Asterisk(asterisk_root, FILES), free_port(), free_port()
    (tmp_path / "sorcery.conf").write_text(FILES["sorcery.conf"])
    for folder, at in ((asterisk.configuration, port), (tmp_path, ours)):
        new(folder, "transport", "udp", "--bind", f"{LOOPBACK}:{at}")
        new(folder, "phone", "100", "--secret-from", "-", "--name", "Alice", "--algorithms", "SHA-256,MD5")
    new(asterisk.configuration, "phone", "bob@sales.example", "--secret-from", "-")
    with asterisk:
        logs_in(port)
        bob = client.register((LOOPBACK, port), "sip:bob@sales.example", username="bob", password=PASSWORD)
        assert bob.status == 200
    with SipStack(tmp_path):
        logs_in(ours)


@contextmanager
def encrypted(root: Path, tls: int, https: int) -> Iterator[Asterisk]:
    """Run an Asterisk with a softphone and a browser, and the sockets that they come in by."""
    asterisk = Asterisk(root, FILES)
    folder = asterisk.configuration
    with Sorcery.open(folder) as s:
        recipes.create(s, *sockets(folder, free_port(), tls))
        recipes.create(s, recipes.softphone("102", secret=SECRET), recipes.webrtc("103", secret=SECRET))
    seen_inside(folder, root)
    files = {"tlscertfile": folder / "long.pem", "tlsprivatekey": folder / "long.key"}
    with (folder / "http.conf").open("a") as conf:
        conf.write(f"tlsenable=yes\ntlsbindaddr={LOOPBACK}:{https}\n")
        conf.writelines(f"{name}=/{path.relative_to(root)}\n" for name, path in files.items())
    with asterisk:
        yield asterisk


def test_a_softphone_and_a_browser_register_and_are_called_over_the_connection_they_came_by(
    asterisk_root: Path,
) -> None:
    tls, https = free_port(), free_port()
    with encrypted(asterisk_root, tls, https) as asterisk:
        for id, port, phone_type, media in (
            ("102", tls, Connected, b"RTP/SAVP"),
            ("103", https, Browser, b"UDP/TLS/RTP/SAVPF"),
        ):
            with phone_type(port) as phone:
                assert phone.register(id, "wrong").status == 401
                assert phone.register(id, PASSWORD).status == 200
                asterisk.cli(f"channel originate PJSIP/{id} application Wait 5")
                call = phone.receive()
                assert isinstance(call, Request)
                assert call.method == "INVITE"
                assert re.search(rb"^m=audio \d+ " + media + rb" ", call.body, re.MULTILINE)


def test_a_trunk_registers_and_is_called_by_its_line(asterisk_root: Path) -> None:
    carrier, branch, port = Asterisk(asterisk_root, FILES), Asterisk(asterisk_root, FILES), free_port()
    with Sorcery.open(carrier.configuration) as s:
        recipes.create(s, recipes.transport("udp", bind=f"{LOOPBACK}:{port}"), recipes.phone("4930", secret=SECRET))
    far = recipes.registered_trunk("far", server=f"{LOOPBACK}:{port}", username="4930", secret=SECRET)
    with Sorcery.open(branch.configuration) as s:
        recipes.create(s, recipes.transport("udp", bind=f"{LOOPBACK}:{free_port()}"))
        recipes.create(s, far.evolve(Registration, max_random_initial_delay=0))
    with carrier, branch:
        wait_until(lambda: "Registered" in branch.cli("pjsip show registrations"))
        carrier.cli("channel originate PJSIP/4930 application Wait 20")
        wait_until(lambda: "from-trunk" in branch.cli("core show channels verbose"))
        assert re.search(r"^PJSIP/far-\S+ +from-trunk +4930 ", branch.cli("core show channels verbose"), re.MULTILINE)


def test_a_trunk_registers_at_our_stack(asterisk_root: Path, tmp_path: Path) -> None:
    branch, port = Asterisk(asterisk_root, FILES), free_port()
    (tmp_path / "sorcery.conf").write_text(FILES["sorcery.conf"])
    with Sorcery.open(tmp_path) as s:
        recipes.create(s, recipes.transport("udp", bind=f"{LOOPBACK}:{port}"), recipes.phone("4930", secret=SECRET))
    far = recipes.registered_trunk("far", server=f"{LOOPBACK}:{port}", username="4930", secret=SECRET)
    with Sorcery.open(branch.configuration) as s:
        recipes.create(s, recipes.transport("udp", bind=f"{LOOPBACK}:{free_port()}"))
        recipes.create(s, far.evolve(Registration, max_random_initial_delay=0))
    with SipStack(tmp_path), branch:
        wait_until(lambda: "Registered" in branch.cli("pjsip show registrations"))


@pytest.mark.parametrize("protocol", ["udp", "tls"])
def test_calls_come_from_a_trunk_known_by_its_address(asterisk_root: Path, protocol: Literal["udp", "tls"]) -> None:
    one, other = Asterisk(asterisk_root, FILES), Asterisk(asterisk_root, FILES)
    at = {one: ("127.0.0.2", free_port()), other: ("127.0.0.3", free_port())}
    for asterisk, peer in ((one, other), (other, one)):
        folder, (host, port), (there, that) = asterisk.configuration, at[asterisk], at[peer]
        files = certificate_in(folder) if protocol == "tls" else {}
        with Sorcery.open(folder) as s:
            recipes.create(s, recipes.transport(protocol, protocol=protocol, bind=f"{host}:{port}", **files))
            # Each asks the other for the password of the user `peer`, which is what both call the trunk.
            peer_of = recipes.trunk(
                "peer", hosts=(f"{there}:{that}",), secret=SECRET, inbound_secret=SECRET, protocol=protocol
            )
            recipes.create(s, peer_of)
        seen_inside(folder, asterisk_root)
    with one, other:
        one.cli("channel originate PJSIP/555@peer application Wait 20")
        wait_until(lambda: "from-trunk" in other.cli("core show channels verbose"))
        assert re.search(r"^PJSIP/peer-\S+ +from-trunk +555 ", other.cli("core show channels verbose"), re.MULTILINE)


def test_nobody_is_taken_for_a_trunk_by_its_name(asterisk_root: Path) -> None:
    asterisk, port = Asterisk(asterisk_root, FILES), free_port()
    with Sorcery.open(asterisk.configuration) as s:
        recipes.create(s, recipes.transport("udp", bind=f"{LOOPBACK}:{port}"))
        recipes.create(s, recipes.trunk("peer", hosts=(NOBODY,), inbound_secret=SECRET))
    with asterisk:
        stranger = client.register((LOOPBACK, port), f"sip:peer@{LOOPBACK}", username="peer", password=PASSWORD)
        assert stranger.status == 401
