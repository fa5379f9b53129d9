"""The configuration of a stack whose phones and contacts lie in one database, and what it costs its machine."""

from __future__ import annotations

from pathlib import Path

from sorcery import Object, Sorcery
from sorcery.pjsip import Aor, Auth, Endpoint
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
"""
FAMILIES = ("ps_endpoints", "ps_auths", "ps_aors", "ps_contacts")


def fill(url: str, phones: int) -> None:
    """Make the tables, and the objects of so many phones."""
    upgrade(url)
    with Sorcery.open(url) as sorcery, sorcery.transaction() as transaction:
        for phone in range(phones):
            for obj in _objects(phone):
                transaction.create(obj)


def _objects(phone: int) -> list[Object]:
    name = user_of(phone)
    return [
        Auth(id=name, username=name, password=password_of(phone)),
        Aor(id=name, max_contacts=1, remove_existing=True),
        Endpoint(id=name, context="internal", allow="!all,alaw", auth=[name], aors=[name]),
    ]


def configure(folder: Path, url: str) -> int:
    """Write the files of a stack on a database; return its port."""
    port = free_port()
    files = {
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n",
        "sorcery.conf": SORCERY_CONF,
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
