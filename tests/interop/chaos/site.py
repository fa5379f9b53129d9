"""The configuration of a stack whose phones and contacts lie in one database, and what it costs its machine."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from pathlib import Path

from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Auth, Contact, Endpoint
from sorcery_migrations import upgrade
from tests.interop.chaos.phones import password_of, user_of
from tests.interop.ports import LOOPBACK, free_port

CACHE = "memory_cache,maximum_objects=10000,object_lifetime_maximum=10,serve_unavailable=3600"
SORCERY_CONF = f"""\
[res_pjsip]
endpoint/cache = {CACHE}
endpoint = realtime,ps_endpoints
auth/cache = {CACHE}
auth = realtime,ps_auths
aor/cache = {CACHE}
aor = realtime,ps_aors
contact = realtime,ps_contacts
[writes]
"""
WRITES = {"fail": "contact = all,fail", "wait": "contact = all,wait=2", "queue": "aor = all,queue"}
"""What a policy says in `sorcery.conf`. A registration is never queued; what is provisioned may be."""
FAMILIES = ("ps_endpoints", "ps_auths", "ps_aors", "ps_contacts")
EXPIRED = 5
"""Contacts of each server that have expired before it starts."""


def line_of(number: int) -> str:
    """Return the id of an AOR that no phone registers at."""
    return f"line{number}"


def fill(url: str, phones: int, lines: int) -> None:
    """Make the tables, the objects of so many phones, and so many AORs that are provisioned meanwhile."""
    upgrade(url)
    with Sorcery.open(url) as sorcery, sorcery.transaction() as transaction:
        for phone in range(phones):
            for obj in _objects(phone):
                transaction.create(obj)
        for line in range(lines):
            transaction.create(Aor(id=line_of(line), max_contacts=1))


def _objects(phone: int) -> list[Object]:
    name = user_of(phone)
    return [
        Auth(id=name, username=name, password=password_of(phone)),
        Aor(id=name, max_contacts=1, remove_existing=True),
        Endpoint(id=name, context="internal", allow="!all,alaw", auth=[name], aors=[name]),
    ]


def leave_expired(url: str, servers: Sequence[str]) -> None:
    """Store contacts that expired a minute ago, a few of each server, as they lie there after a pause."""
    with Sorcery.open(url) as sorcery:
        for server in servers:
            for number in range(EXPIRED):
                id, over = f"{line_of(number)};@{server}", int(time.time()) - 60
                sorcery.create(Contact(id=id, uri=f"sip:{server}@{LOOPBACK}", expiration_time=over, reg_server=server))


def configure(folder: Path, url: str, server: str, policies: Collection[str]) -> int:
    """Write the files of a stack on a database; return its port."""
    port, writes = free_port(), "\n".join(WRITES[policy] for policy in policies)
    transport = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"
    files = {
        "asterisk.conf": f"[directories]\nastdbdir => {folder}\n[options]\nsystemname={server}\n",
        "pjsip.conf": f"[global]\ntype=global\ncontact_expiration_check_interval=1\n{transport}",
        "sorcery.conf": SORCERY_CONF + writes + "\n",
        "extconfig.conf": "[settings]\n" + "".join(f"{family} => odbc,pbx\n" for family in FAMILIES),
        "databases.conf": f"[pbx]\nurl = {url}\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return port


def memory(pid: int) -> float:
    """Return what a process keeps in memory, in megabytes."""
    (line,) = (each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
