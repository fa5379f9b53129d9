"""The files that a system needs, each as the text that a new one has."""

from __future__ import annotations

import enum
import string
from collections.abc import Callable, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import attrs

from sorcery.conf.editing.forms import Style, Unwritable
from sorcery.mapping import Mapping, default_mapping
from sorcery.objecttype import ObjectType
from sorcery.pjsip import Contact
from sorcery_cli.exits import Misuse
from sorcery_cli.initial.backend import FILES, Backend
from sorcery_cli.initial.front import MODULES, database_url
from sorcery_cli.initial.provisioned import PROVISIONED
from sorcery_cli.initial.site import Site

__all__ = ["Merge", "Wanted", "wanted_files"]


class Merge(enum.Enum):
    """What becomes of a file that is there."""

    LINES = enum.auto()
    """It gets the lines that it lacks; one that says something else is a conflict."""
    SECTIONS = enum.auto()
    """It gets the sections that it lacks; what is in one of that name is its owner's."""
    TYPES = enum.auto()
    """It gets a section of each type that it has none of."""
    NOTHING = enum.auto()
    """It stays as it is."""


@attrs.frozen
class Wanted:
    """A file that a system needs."""

    name: str
    merge: Merge
    text: str = attrs.field(repr=False)
    secret: bool = False
    """Whether nobody but the owner may read it."""


def wanted_files(site: Site) -> list[Wanted]:
    """Return the files of a system, in the order in which people read them; raises `Misuse`."""
    backend = site.backend
    found = [Wanted("sorcery.conf", Merge.LINES, _sorcery_conf(backend))]
    if backend.kind != FILES:
        found.append(Wanted("extconfig.conf", Merge.LINES, _extconfig_conf(backend)))
        text = _filled("databases.conf", database=backend.database, written=_value("the address", backend.written))
        found.append(Wanted("databases.conf", Merge.LINES, text, backend.holds_secret))
    found.append(Wanted("pjsip.conf", Merge.TYPES, _filled("pjsip.conf", bind=site.bind)))
    found.append(Wanted("extensions.conf", Merge.SECTIONS, _filled("extensions.conf")))
    if site.asterisk:
        found += _for_asterisk(backend, site.directory)
    if site.proxy:
        found.append(_kamailio_cfg(site))
    return found


def _kamailio_cfg(site: Site) -> Wanted:
    url = database_url(site)
    from sorcery_migrations.kamailio import REALM, STACKS  # needs SQLAlchemy, which such an address needs too

    module = MODULES[site.backend.kind]
    text = _filled("kamailio.cfg", listen=site.proxy, module=module, url=url, realm=REALM, set=str(STACKS))
    return Wanted("kamailio.cfg", Merge.NOTHING, text, bool(site.backend.password))


def _sorcery_conf(backend: Backend) -> str:
    lines = ["; Which store keeps which type of object. Asterisk reads this file too, once at its start."]
    for section in dict.fromkeys(each.section for each in PROVISIONED):
        lines += ["", f"[{section}]"]
        lines += [str(_mapping(each, backend)) for each in PROVISIONED if each.section == section]
    if backend.kind == FILES:
        lines += ["", "; commands may write objects into this file; Asterisk passes over this section"]
        lines += ["[writes]", "pjsip.conf = yes"]
    return "\n".join([*lines, ""])


def _mapping(object_type: ObjectType, backend: Backend) -> Mapping:
    """Return where a type is kept.

    Contacts stay out of an SQLite database: Asterisk's driver never deletes any there, so phones that left would
    ring on.
    """
    in_default = backend.kind == FILES or (backend.kind == "sqlite" and object_type is Contact.__sorcery__)
    if in_default or object_type.family is None:
        return attrs.evolve(default_mapping(object_type), type_name=object_type.plain_name)
    return Mapping(object_type.plain_name, "realtime", object_type.family)


def _extconfig_conf(backend: Backend) -> str:
    mapped = (_mapping(each, backend) for each in PROVISIONED)
    lines = ["; Which database keeps which family of sorcery.conf.", "", "[settings]"]
    lines += [
        f"{each.arguments} => {backend.driver},{backend.database}" for each in mapped if each.wizard == "realtime"
    ]
    return "\n".join([*lines, ""])


def _for_asterisk(backend: Backend, directory: Path) -> Iterator[Wanted]:
    """Yield what Asterisk needs besides."""
    place = _value("the directory", str(directory.absolute()))
    yield Wanted("asterisk.conf", Merge.NOTHING, _filled("asterisk.conf", directory=place))
    yield Wanted("modules.conf", Merge.NOTHING, _filled("modules.conf"))
    if backend.kind != FILES and not backend.is_reached:
        yield from _DRIVER_FILES[backend.driver](backend)


def _sqlite3(backend: Backend) -> Iterator[Wanted]:
    text = _filled("res_config_sqlite3.conf", database=backend.database, file=_value("the file", str(backend.file)))
    yield Wanted("res_config_sqlite3.conf", Merge.LINES, text)


def _pgsql(backend: Backend) -> Iterator[Wanted]:
    url = backend.address
    assert url is not None
    if not backend.user:
        raise Misuse("--backend: the address names no user, and Asterisk would take another; write user@host")
    connection = _settings(
        ("dbhost", backend.host),
        ("dbport", backend.port),
        ("dbname", url.database or ""),
        ("dbuser", backend.user),
        ("dbpass", backend.password),
    )
    text = _filled("res_pgsql.conf", connection=connection)
    yield Wanted("res_pgsql.conf", Merge.LINES, text, bool(backend.password))


def _odbc(backend: Backend) -> Iterator[Wanted]:
    url = backend.address
    assert url is not None
    socket = str(url.query.get("unix_socket", ""))
    server = (
        [("Socket", socket)] if socket else [("Server", backend.host or "localhost"), ("Port", backend.port or "3306")]
    )
    login = _settings(("username", backend.user), ("password", backend.password), arrow=True)
    text = _filled("res_odbc.conf", database=backend.database, login=login)
    yield Wanted("res_odbc.conf", Merge.LINES, text, bool(backend.password))
    source = _filled("odbc.ini", database=backend.database, server=_settings(*server), name=url.database or "")
    yield Wanted("odbc.ini", Merge.NOTHING, source)


_DRIVER_FILES: Final[dict[str, Callable[[Backend], Iterable[Wanted]]]] = {
    "sqlite3": _sqlite3,
    "pgsql": _pgsql,
    "odbc": _odbc,
}


class _Text(string.Template):
    """A text with `@{name}` in it: a dialplan has `${name}` of its own."""

    delimiter = "@"


def _filled(template: str, /, **values: str) -> str:
    return _Text((files(__package__) / "templates" / template).read_text("utf-8")).substitute(values)


def _settings(*pairs: tuple[str, str], arrow: bool = False) -> str:
    """Write the settings that have a value."""
    operator = "=>" if arrow else "="
    return "\n".join(f"{key} {operator} {_value(key, value)}" for key, value in pairs if value)


def _value(what: str, value: str) -> str:
    """Write a value so that it is read back as it is; raises `Misuse` for one that no line can hold."""
    try:
        return Style(after=b"").setting("value", value).removeprefix(b"value =").decode("utf-8", "surrogateescape")
    except Unwritable as error:
        raise Misuse(f"{what} cannot be written into a .conf file: {error}; {error.remedy}") from error
