"""What a Kamailio in front needs to know: where the database is, and where calls are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from sorcery import ConfigurationError
from sorcery.conf import Category, ConfFile
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.site import WILDCARDS, Site

__all__ = ["MODULES", "database_url", "unheard"]

MODULES: Final = {"postgresql": "postgres", "mysql": "mysql"}
"""By kind of database, how Kamailio calls it, in addresses and in the names of its modules."""

_WRITABLE: Final = re.compile(r"[\w.~$^*+=-]*", re.ASCII)
"""What a part of Kamailio's addresses can hold: it decodes nothing in them."""


def database_url(site: Site) -> str:
    """Return the address of the database as Kamailio takes it; raises `Misuse`."""
    backend = site.backend
    if backend.address is None or backend.kind not in MODULES:
        raise Misuse(
            "Kamailio shares the tables in PostgreSQL or MariaDB only; write --backend postgresql://user@host/database "
            "or mysql://user@host/database"
        )
    if not backend.user:
        raise Misuse("--backend: the address names no user, and Kamailio needs one; write user@host")
    host, database = backend.host or "localhost", backend.address.database or ""
    parts = {"user": backend.user, "password": backend.password, "host": host, "database": database}
    for name, part in parts.items():
        if not _WRITABLE.fullmatch(part):
            raise Misuse(
                f"--backend: Kamailio cannot be told that {name}: it takes letters, digits and .~$^*+=_- only; choose "
                "another, or the name of a host in place of a folder"
            )
    login = f"{backend.user}:{backend.password}" if backend.password else backend.user
    port = f":{backend.port}" if backend.port else ""
    return f"{MODULES[backend.kind]}://{login}@{host}{port}/{database}"


def unheard(pjsip: ConfFile, site: Site) -> Iterator[ConfigurationError]:
    """Yield an error if the transports of a file, where it has any, do not listen where Kamailio hands calls to."""
    transports = [each for each in pjsip.sections() if each.first("type") == "transport"]
    by_udp = [each for each in transports if (each.last("protocol") or "udp") == "udp"]
    if transports and not any(_listens(each, site.bind) for each in by_udp):
        yield ConfigurationError(
            f"no transport listens on {site.bind} by UDP, where Kamailio would hand calls to",
            place=pjsip.place_of(transports[0]),
            remedy="write what one of them listens on behind --bind, or change its bind",
        )


def _listens(transport: Category, bind: str) -> bool:
    host, _, port = (transport.last("bind") or "").rpartition(":")
    return (host, port) == tuple(bind.rsplit(":", 1)) or (host in WILDCARDS and port == bind.rpartition(":")[2])
