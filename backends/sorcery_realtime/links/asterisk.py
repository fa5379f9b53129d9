"""What Asterisk itself reads of a database: `res_odbc.conf` and `odbc.ini`, `res_pgsql.conf` and their like.

It reads no `databases.conf`, so the two may name different databases, and each works by itself.
"""

from __future__ import annotations

import configparser
import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy import URL

from sorcery.conf import Category, read_conf
from sorcery.environment import Environment, Family
from sorcery.errors import ConfigurationError
from sorcery.kinds import is_true
from sorcery.place import Place
from sorcery.plain import plain
from sorcery.steps import Broken, Step
from sorcery_database import file_of, masked

__all__ = ["stated_url", "steps"]

FILES: Final = {
    "odbc": "res_odbc.conf",
    "pgsql": "res_pgsql.conf",
    "mysql": "res_config_mysql.conf",
    "sqlite3": "res_config_sqlite3.conf",
}
"""Where each driver of Asterisk's looks for its databases."""
KINDS: Final = {"pgsql": "postgresql", "mysql": "mysql", "sqlite3": "sqlite"}
LOCAL: Final = ("", "localhost", "127.0.0.1", "::1")


def steps(line: Family, url: URL, environment: Environment) -> Iterator[Step]:
    """Yield the step that Asterisk takes in our place, where there is one beside us."""
    file = _file(line, environment)
    if file is not None and (file.exists() or environment.path("asterisk.conf").exists()):
        look = functools.partial(_same, line, url, file)
        yield Step("asterisk", look, key=(line.driver, line.database, str(file), url))


def stated_url(line: Family, environment: Environment) -> URL | None:
    """Return the address that Asterisk's own files give a database, without its password; None where they do not."""
    file = _file(line, environment)
    if file is None or not file.exists():
        return None
    try:
        return _url(line, _settings(line, file))
    except (Broken, ConfigurationError):
        return None


def _file(line: Family, environment: Environment) -> Path | None:
    name = FILES.get(line.driver)
    return environment.path(name).absolute() if name and environment.directory else None


def _same(line: Family, url: URL, file: Path) -> str:
    """Compare what Asterisk reads with our address."""
    theirs = _url(line, _settings(line, file))
    if theirs is None:
        return f"{file.name} is there; what it names cannot be compared"
    if not _is_same(theirs, url):
        raise Broken(
            f"Asterisk is told {masked(theirs)}, and databases.conf says {masked(url)}",
            f"name the same database in both: {file} and databases.conf",
            place=Place(str(file)),
            goes_on=True,
        )
    return f"{file.name} names the same database"


def _settings(line: Family, file: Path) -> Mapping[str, str]:
    """Return what Asterisk's file says of a database; raises `Broken`, for a data source of ODBC's too."""
    if not file.exists():
        raise _lacks(line, file, f"there is no {file.name}, so Asterisk does not reach the database")
    conf = read_conf(file)
    section = conf.category("general" if line.driver == "pgsql" else line.database)
    if section is None:
        raise _lacks(line, file, f"{file.name} has no section [{line.database}]")
    found = _lines(section)
    if line.driver != "odbc":
        return found
    if not is_true(found.get("enabled", "yes")):
        raise Broken(f"[{line.database}] is not enabled", "write enabled => yes", place=Place(str(file)), goes_on=True)
    user = {"username": found["username"]} if found.get("username") else {}
    return {**_data_source(found.get("dsn", ""), file), **user}


def _lines(section: Category) -> dict[str, str]:
    return {each.key.lower(): each.value for each in section.variables}


def _lacks(line: Family, file: Path, reason: str) -> Broken:
    example = {
        "odbc": f"[{line.database}] with enabled => yes, dsn => (a section of /etc/odbc.ini), username, password",
        "pgsql": "[general] with dbhost, dbname, dbuser, dbpass",
        "mysql": f"[{line.database}] with dbhost, dbname, dbuser, dbpass",
        "sqlite3": f"[{line.database}] with dbfile => (the file's path)",
    }[line.driver]
    return Broken(reason, f"if Asterisk is to read it, write {example} in {file}", place=Place(str(file)), goes_on=True)


def _data_source(name: str, file: Path) -> Mapping[str, str]:
    """Return a section of `odbc.ini`; raises `Broken` for one that is not there or has no library."""
    places = [os.environ.get("ODBCINI", ""), str(Path.home() / ".odbc.ini"), "/etc/odbc.ini"]
    known = configparser.RawConfigParser(strict=False, interpolation=None)
    try:
        read = known.read([each for each in reversed(places) if each], encoding="utf-8")
    except (configparser.Error, UnicodeError) as error:
        reason = f"odbc.ini cannot be read: {plain(str(error).partition(chr(10))[0])}"
        raise Broken(reason, "correct it", place=Place(str(file)), goes_on=True) from error
    if not known.has_section(name):
        where = f"{', '.join(read)} has" if read else "no odbc.ini is there that has"
        mending = f"write [{name}] with Driver, Servername, Port and Database in /etc/odbc.ini"
        raise Broken(f"{where} the data source {name!r}", mending, place=Place(str(file)), goes_on=True)
    found = {key.lower(): value for key, value in known.items(name)}
    library = found.get("driver", "")
    if library.startswith("/") and not Path(library).exists():
        mending = "install the ODBC driver (apt-get install odbc-postgresql, odbc-mariadb or libsqliteodbc)"
        raise Broken(f"the driver {library} of [{name}] is not there", mending, place=Place(read[-1]), goes_on=True)
    return found


def _url(line: Family, found: Mapping[str, str]) -> URL | None:
    """Return the address that the settings come to; None where they do not say enough."""
    kind = KINDS.get(line.driver) or _kind_of(found.get("driver", ""))
    database = next((found[key] for key in ("dbfile", "dbname", "database") if found.get(key)), "")
    if not kind or not database:
        return None
    if kind == "sqlite":
        return URL.create("sqlite", database=database)
    host = next((found[key] for key in ("dbhost", "servername", "server") if found.get(key)), "localhost")
    port = next((found[key] for key in ("dbport", "port") if found.get(key, "").isdigit()), "")
    user = next((found[key] for key in ("dbuser", "username", "uid", "user") if found.get(key)), None)
    return URL.create(kind, username=user, host=host, port=int(port) if port else None, database=database)


def _kind_of(library: str) -> str:
    text = library.lower()
    kinds = (
        ("sqlite", "sqlite"),
        ("psql", "postgresql"),
        ("postgres", "postgresql"),
        ("maria", "mysql"),
        ("my", "mysql"),
    )
    return next((kind for word, kind in kinds if word in text), "")


def _is_same(theirs: URL, ours: URL) -> bool:
    """Tell whether two addresses may well be of one database; how it is reached on this machine does not count."""
    kinds = {"mariadb": "mysql"}
    mine = ours.get_backend_name()
    if kinds.get(mine, mine) != theirs.get_backend_name():
        return False
    if mine == "sqlite":
        file, other = file_of(ours), file_of(theirs)
        return file is None or other is None or file.resolve() == other.resolve()
    hosts = {theirs.host or "", ours.host or ""}
    ports = {theirs.port, ours.port} - {None}
    same_host = len(hosts) == 1 or hosts <= set(LOCAL) or bool(ours.query)
    return theirs.database == ours.database and same_host and (len(ports) < 2 or bool(ours.query))
