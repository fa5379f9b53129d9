"""Phones log in as before whose passwords were sealed, with Asterisk and with our stack, or lie elsewhere."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import sorcery_migrations
from sorcery import Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_cli import main
from sorcery_sip import client
from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.side_by_side import through_both
from tests.interop.stack import SipStack
from tests.interop.test_realtime_asterisk import EXTCONFIG_CONF, SORCERY_CONF

pytestmark = pytest.mark.interop

ALGORITHMS = {"both": "md5,sha-256", "turned": "sha-256,md5", "strong": "sha-256", "old": "md5"}
"""What each phone is sealed with, by its id."""
PASSWORD = "open;sesame"
PHONE = """\
[{id}]
type=endpoint
aors={id}
auth={id}
[{id}]
type=aor
max_contacts=2
[{id}]
type=auth
username={id}
password=open\\;sesame
"""


def seal(*target: str) -> None:
    for id, algorithms in ALGORITHMS.items():
        assert main([*target, "auth", "seal", "--realm", "pbx", "--algorithm", algorithms, id]) == 0


def registered(port: int) -> Mapping[tuple[str, str], int]:
    """Return how each phone is answered that has the right password, and the wrong one."""
    return {
        (id, password): client.register((LOOPBACK, port), f"sip:{id}@{LOOPBACK}", username=id, password=password).status
        for id in ALGORITHMS
        for password in (PASSWORD, "wrong")
    }


EXPECTED = {(id, password): status for id in ALGORITHMS for password, status in ((PASSWORD, 200), ("wrong", 401))}


def test_phones_of_a_sealed_file_register_at_both(asterisk_root: Path, tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("".join(PHONE.format(id=id) for id in ALGORITHMS))
    (tmp_path / "sorcery.conf").write_text("[writes]\npjsip.conf=yes\n")
    seal("-C", str(tmp_path))
    sealed = (tmp_path / "pjsip.conf").read_text()
    assert "sesame" not in sealed

    def configuration(port: int) -> Mapping[str, str]:
        return {"pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n{sealed}"}

    (tmp_path / "stack").mkdir()
    theirs, ours = through_both(asterisk_root, tmp_path / "stack", configuration, registered)
    assert theirs == EXPECTED
    assert ours == EXPECTED


def test_a_phone_whose_password_lies_elsewhere_registers_at_our_stack(tmp_path: Path) -> None:
    port, folder, secrets = free_port(), tmp_path / "etc", tmp_path / "secrets"
    folder.mkdir()
    secrets.mkdir(0o700)
    (secrets / "phone").write_text(f"{PASSWORD}\n")
    (folder / "sorcery.conf").write_text(f"[secrets]\nfile={secrets}\n")
    transport = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"
    phones = "".join(PHONE.format(id=id) for id in ALGORITHMS).replace("open\\;sesame", f"file:{secrets}/phone")
    (folder / "pjsip.conf").write_text(transport + phones)
    with SipStack(folder) as stack:
        assert registered(port) == EXPECTED
        (secrets / "phone").write_text("rotated\n")
        stack.reload()
        answer = client.register((LOOPBACK, port), f"sip:both@{LOOPBACK}", username="both", password="rotated")
        assert answer.status == 200
    assert "sesame" not in stack.log()


def test_phones_of_sealed_rows_register_at_asterisk(asterisk_root: Path) -> None:
    port, asterisk = free_port(), Asterisk(asterisk_root)
    database = asterisk.astdb.with_name("pbx.db")
    url = f"sqlite:///{database}"
    for name, text in {
        "sorcery.conf": f"{SORCERY_CONF}\n[secrets]\nenv=yes\n",  # which Asterisk passes over
        "extconfig.conf": EXTCONFIG_CONF.replace("pgsql", "sqlite3"),
        "res_config_sqlite3.conf": f"[pbx]\ndbfile => /{database.relative_to(asterisk_root)}\nbatch=0\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n",
    }.items():
        asterisk.write(name, text)
    sorcery_migrations.upgrade(url)
    with Sorcery.open(url) as s, s.transaction() as transaction:
        for id in ALGORITHMS:
            transaction.create(Aor(id=id, max_contacts=1))
            transaction.create(Auth(id=id, username=id, password=PASSWORD))
            transaction.create(Endpoint(id=id, aors=[id], auth=[id]))
    seal("--db", url)
    with Sorcery.open(url) as s:
        sealed = {each.id: each for each in s.retrieve_all(Auth)}
    assert not any(each.password for each in sealed.values())
    with asterisk:
        assert registered(port) == EXPECTED, asterisk.logs()
        said = asterisk.ari_get("auth", "both")
    assert said is not None
    assert said["password_digest"] == dict(sealed["both"].objectset())["password_digest"]
