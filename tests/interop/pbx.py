"""The configuration of a small PBX with two phones, which Asterisk and our stack read alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

PASSWORD = "secret"
MEDIA_PORTS = (22000, 26000)
"""Those of the stack; softphones take theirs from 10000 to 20000."""

_PJSIP = """\
[udp]
type=transport
protocol=udp
bind={host}:{port}
[phone](!)
type=endpoint
context=internal
allow=!all,ulaw,alaw
direct_media=no
{options}
[login](!)
type=auth
auth_type=userpass
password={password}
"""
_PHONE = """\
[{name}](phone)
auth={name}
aors={name}
[{name}](login)
username={name}
[{name}]
type=aor
max_contacts=1
remove_existing=yes
"""
EXTENSIONS = """\
[internal]
exten => _[a-z].,1,Dial(PJSIP/${EXTEN},20)
exten => 100,1,Answer()
 same => n,Echo()
exten => 480,1,Answer()
 same => n,Playtones(480)
 same => n,Wait(30)
"""


class Pbx(NamedTuple):
    """A running one."""

    folder: Path
    stack: SipStack
    server: tuple[str, int]


def pjsip_conf(port: int, *names: str, options: str = "", more: str = "", host: str = LOOPBACK) -> str:
    """Return a `pjsip.conf` with a transport on a port of loopback and an endpoint, auth and AOR per name.

    `options` are lines for each endpoint; of an option given twice the last counts. `more` are sections after these.
    """
    head = _PJSIP.format(host=host, port=port, options=options, password=PASSWORD)
    return "".join([head, *(_PHONE.format(name=name) for name in names), more])


def rtp_conf(first: int, last: int) -> str:
    """Return an `rtp.conf` with that range of ports."""
    return f"[general]\nrtpstart={first}\nrtpend={last}\n"


def write(
    folder: Path,
    port: int,
    *names: str,
    options: str = "",
    more: str = "",
    extensions: str = "",
    host: str = LOOPBACK,
) -> None:
    """Write what a PBX needs into a folder; `extensions` are more lines of the context `internal`."""
    (folder / "pjsip.conf").write_text(pjsip_conf(port, *names, options=options, more=more, host=host))
    (folder / "rtp.conf").write_text(rtp_conf(*MEDIA_PORTS))
    (folder / "extensions.conf").write_text(EXTENSIONS + extensions)


@contextmanager
def running(
    folder: Path, *names: str, options: str = "", more: str = "", extensions: str = "", host: str = LOOPBACK
) -> Iterator[Pbx]:
    """Run our stack over such a configuration; raises `AssertionError` when anything went wrong inside it."""
    port = free_port()
    write(folder, port, *names, options=options, more=more, extensions=extensions, host=host)
    with SipStack(folder) as stack:
        yield Pbx(folder, stack, (host, port))
    wrong = [line for line in stack.log().splitlines() if "ERROR" in line or "Traceback" in line]
    assert not wrong, stack.log()
