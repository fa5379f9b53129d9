"""Load 40,000 users from one `pjsip.conf` and print what it costs: `python tests/bench/load_40000.py [users]`."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sorcery.conf import read_conf
from sorcery.environment import Environment
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.query import ALL
from sorcery_config import ConfigWizard

__all__ = ["TYPES", "main", "provisioned"]

T = TypeVar("T")

TYPES: tuple[type[Object], ...] = (Endpoint, Auth, Aor)

TEMPLATES = """\
[endpoint](!)
type = endpoint
context = internal
[media](!)
direct_media = no
dtmf_mode = info
[nat](!)
rtp_symmetric = yes
force_rport = yes
rewrite_contact = yes
[auth](!)
type = auth
[digest](!)
auth_type = userpass
[realm](!)
realm = pbx.example
[aor](!)
type = aor
[device](!)
max_contacts = 1
remove_existing = yes
[qualified](!)
qualify_frequency = 60
"""

USER = """
[{id}](endpoint,media,nat)
auth = {id}
aors = {id}
callerid = User {id} <{id}>
[{id}](auth,digest,realm)
username = {id}
password = secret{id}
[{id}](aor,device,qualified)
mailboxes = {id}@default
"""


def provisioned(users: int) -> str:
    """Return a `pjsip.conf` with an endpoint, an auth and an aor for each user, each made from three templates."""
    return TEMPLATES + "".join(USER.format(id=number) for number in range(100_000, 100_000 + users))


def main(users: int) -> None:
    """Load, reload unchanged, reload with one user changed; print seconds, and kB of memory per user."""
    with tempfile.TemporaryDirectory(prefix="sorcery-bench-") as folder:
        path = Path(folder, "pjsip.conf")
        path.write_text(provisioned(users))
        environment, wizard = Environment(directory=Path(folder)), ConfigWizard()
        names = [cls.__sorcery__.name for cls in TYPES]
        stores = [
            wizard.open(cls.__sorcery__, f"pjsip.conf,criteria=type={name}", environment)
            for cls, name in zip(TYPES, names, strict=True)
        ]
        before, peak_before = _resident(), _peak()
        _timed("parse, build, diff, swap", lambda: wizard.load(stores).commit())
        count = sum(len(list(store.search(ALL))) for store in stores)
        _say(f"{count} objects of {users} users")
        _say(f"{(_resident() - before) / users:8.2f} kB per user, resident after the load")
        _say(f"{(_peak() - peak_before) / users:8.2f} kB per user, resident at the peak of the load")
        _timed("reload, nothing changed", lambda: wizard.load(stores).commit())
        path.write_text(provisioned(users).replace("context = internal", "context = inside", 1) + "\n")
        _timed("reload, a template changed", lambda: wizard.load(stores).commit())
        _timed("the parse alone", lambda: read_conf(path))


def _timed(what: str, work: Callable[[], T]) -> T:
    start, used = time.perf_counter(), time.process_time()
    done = work()
    used = time.process_time() - used
    _say(f"{time.perf_counter() - start:8.3f} s, {used:.3f} s of them on the processor: {what}")
    return done


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _resident() -> float:
    """Return the memory in use now, in kB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40_000)
