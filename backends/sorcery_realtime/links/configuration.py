"""From a mapping to a database: what the files around the objects say."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Iterator

import attrs
from sqlalchemy import URL

from sorcery.doctor.files import surrounding_step
from sorcery.environment import Environment, Family
from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.place import Place
from sorcery.steps import Broken, Step
from sorcery_database import address, masked, new_engine
from sorcery_realtime.escape import CODECS
from sorcery_realtime.links import asterisk, network, notices, server, sqlitefile, tables
from sorcery_realtime.tables import TableName

__all__ = ["steps"]


def steps(
    object_type: ObjectType, family: str, parse: Callable[[], object], environment: Environment
) -> Iterator[Step]:
    """Yield the steps to the tables of a family, those of each of its priorities in turn."""
    yield Step("arguments", lambda: _parsed(family, parse))
    if environment.directory is not None:
        yield surrounding_step(environment, "extconfig.conf")
    yield Step("family", functools.partial(_family, family, environment))
    for line in environment.families.get(family.lower(), ()):
        first, *others = _line(object_type, line, environment)
        yield attrs.evolve(first, anew=line.priority > 1)  # it is asked where those before it are silent
        yield from others


def _line(object_type: ObjectType, line: Family, environment: Environment) -> Iterator[Step]:
    """Yield the steps to the table of one line of `extconfig.conf`."""
    if environment.directory is not None:
        yield Step("driver", functools.partial(_driver, line), key=line.driver)
        yield surrounding_step(environment, "databases.conf")
    text = environment.databases.get(line.database)
    yield Step("address", functools.partial(_address, line, environment), key=(line.driver, line.database))
    try:
        url = address(text or "")
    except ConfigurationError:  # the step before tells it
        return
    yield Step("client", functools.partial(_client, url), key=url)
    yield from asterisk.steps(line, url, environment)
    if url.get_backend_name() == "sqlite":
        yield from sqlitefile.steps(object_type, url)
    else:
        yield from network.steps(url)
        yield from server.steps(url)
    yield from tables.steps(object_type, url, TableName.parse(line.table))
    section = environment.mappings.get(object_type.section or "", ())
    if any(mapping.caching and mapping.type_name == object_type.plain_name for mapping in section):
        yield Step("notices", functools.partial(notices.told, url), key=("notices", url))


def _parsed(family: str, parse: Callable[[], object]) -> str:
    parse()
    return f"the family {family}"


def _family(name: str, environment: Environment) -> str:
    lines = environment.families.get(name.lower(), ())
    if lines:
        return ", ".join(f"{each.driver},{each.database},{each.table} ({each.place or 'by --db'})" for each in lines)
    near = difflib.get_close_matches(name.lower(), environment.families, 1)
    hint = f"did you mean the family {near[0]}? else " if near else ""
    database = next(iter(environment.databases), "DATABASE")
    raise Broken(
        f"no line of extconfig.conf says where the family {name} lies",
        f"{hint}write {name} => odbc,{database} under [settings] in extconfig.conf",
        place=Place(str(environment.path("extconfig.conf").absolute())),
    )


def _driver(line: Family) -> str:
    if line.driver in CODECS:
        return line.driver
    near = difflib.get_close_matches(line.driver, CODECS, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    raise Broken(
        f"there is no driver {line.driver!r}",
        f"{hint}use one of: {', '.join(CODECS)}",
        place=line.place,
    )


def _address(line: Family, environment: Environment) -> str:
    text = environment.databases.get(line.database)
    if text is None:
        for finding in environment.findings:  # of a section that is there, and comes to nothing
            if finding.rule == "database-without-url" and finding.message.startswith(f"[{line.database}] "):
                raise Broken(finding.message, finding.remedy, place=finding.place)
        known = asterisk.stated_url(line, environment)
        example = masked(known) if known else "postgresql://user@host/database"
        near = difflib.get_close_matches(line.database, environment.databases, 1)
        hint = f"did you mean {near[0]} in extconfig.conf? else " if near else ""
        raise Broken(
            f"databases.conf says nowhere where the database {line.database!r} is",
            f"{hint}write [{line.database}] and url = {example} in databases.conf",
            place=line.place,
        )
    try:
        return f"[{line.database}] {masked(address(text))}"
    except ConfigurationError as error:
        place = environment.database_places.get(line.database)
        raise Broken(error.reason, error.remedy, place=place) from error


def _client(url: URL) -> str:
    new_engine(url).dispose()
    return url.drivername
