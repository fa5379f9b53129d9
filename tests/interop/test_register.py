"""Many phones register with Asterisk through sipp, as they will with our stack."""

from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.sipp import User, injection_file, run_register

pytestmark = pytest.mark.interop

USERS = [User(f"user{number}", f"secret{number}") for number in range(50)]
USER_CONF = """\
[{name}]
type=endpoint
aors={name}
auth={name}
allow=ulaw
[{name}]
type=aor
max_contacts=1
[{name}]
type=auth
auth_type=userpass
username={name}
password={password}
"""


def pjsip_conf(port: int) -> str:
    transport = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"
    return transport + "".join(USER_CONF.format(name=user.name, password=user.password) for user in USERS)


def test_every_user_with_its_password_registers(asterisk_root: Path, sipp: Path) -> None:
    port = free_port()
    with Asterisk(asterisk_root, {"pjsip.conf": pjsip_conf(port)}) as asterisk:
        stats = run_register(sipp, (LOOPBACK, port), USERS, rate=100)
        contacts = asterisk.cli("pjsip show contacts")
    assert (stats.registered, stats.failed) == (50, 0), stats.errors
    assert stats.mean_response < 10  # seconds; some milliseconds where nothing else runs
    assert "Objects found: 50" in contacts


def test_a_wrong_password_is_counted_and_explained(asterisk_root: Path, sipp: Path) -> None:
    port = free_port()
    with Asterisk(asterisk_root, {"pjsip.conf": pjsip_conf(port)}):
        stats = run_register(sipp, (LOOPBACK, port), [USERS[0], User("user1", "wrong")])
    assert (stats.registered, stats.failed) == (1, 1)
    assert "401" in stats.errors


def test_a_password_the_injection_file_cannot_carry_is_refused() -> None:
    with pytest.raises(ValueError, match=r"user alice: .* carry \[';'\]"):
        injection_file([User("alice", "a;b")])
