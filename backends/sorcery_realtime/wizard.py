"""The driver: what the arguments of a mapping mean, and the databases that its stores share."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

import attrs

from sorcery.environment import Environment, Family
from sorcery.errors import ConfigurationError
from sorcery.objecttype import ObjectType
from sorcery.release import Release
from sorcery.steps import Step
from sorcery.wizard import Change, Notice, Store
from sorcery_realtime.databases import Database
from sorcery_realtime.escape import CODECS
from sorcery_realtime.groups import Groups
from sorcery_realtime.source import Source
from sorcery_realtime.store import RealtimeStore
from sorcery_realtime.tables import TableName
from sorcery_realtime.writer import RealtimePrepared, carry_out, prepare

if TYPE_CHECKING:
    from sorcery_realtime.watching import RealtimeWatch

__all__ = ["RealtimeWizard"]

STOPPING: Final = ("20.17.0", "22.6.0")
"""The first releases whose driver odbc takes "no such row" for the answer of a family."""
UNQUALIFIED: Final = ("yes", "no", "warn", "error")


@attrs.frozen(slots=True)
class Arguments:
    """`family[,allow_unqualified_fetch=yes|no|warn|error]`."""

    family: str
    unqualified: str = "yes"

    @classmethod
    def parse(cls, text: str) -> Arguments:
        """Read the arguments of a mapping; raises `ConfigurationError`."""
        family, *options = text.split(",")
        if not family:
            raise ConfigurationError("no family is named", remedy="write realtime,FAMILY, e.g. realtime,ps_endpoints")
        found = cls(family)
        for option in options:
            name, _, value = option.partition("=")
            if name != "allow_unqualified_fetch":
                raise ConfigurationError(
                    f"unknown option {name!r} of realtime", remedy="the only one is allow_unqualified_fetch"
                )
            if value and value not in UNQUALIFIED:
                raise ConfigurationError(
                    f"allow_unqualified_fetch={value}", remedy=f"write one of: {', '.join(UNQUALIFIED)}"
                )
            found = cls(family, value or "yes")
        return found


class RealtimeWizard:
    """Objects in SQL tables, as `extconfig.conf` maps them: driver, database, table, one line per priority.

    A database's address stands in `databases.conf`. Nothing is connected to before a store is used.
    """

    def __init__(self) -> None:
        self._databases: dict[str, Database] = {}
        self._groups: dict[Database, Groups] = {}
        self._stores: set[RealtimeStore] = set()
        self._watches: frozenset[RealtimeWatch] = frozenset()
        self._lock = threading.Lock()

    def steps(self, object_type: ObjectType, arguments: str, environment: Environment) -> Iterator[Step]:
        """Return what lies between a mapping and the rows of its table."""
        from sorcery_realtime.links import steps  # a doctor's alone

        family = arguments.partition(",")[0]
        return steps(object_type, family, functools.partial(Arguments.parse, arguments), environment)

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> RealtimeStore:
        """Return the store of a family; raises `ConfigurationError` for one that cannot be reached in principle."""
        parsed = Arguments.parse(arguments)
        with self._lock:
            sources = [
                Source(
                    object_type,
                    self._database(family, environment),
                    TableName.parse(family.table),
                    CODECS[family.driver],
                    compat=environment.compat,
                    secrets=environment.secrets,
                    tells_of_null=not CODECS[family.driver].splits and family.place is not None,
                    goes_on=_goes_on(family.driver, environment.release),
                )
                for family in _families(parsed.family, environment)
            ]
            store = RealtimeStore(f"realtime {parsed.family}", object_type, sources, parsed.unqualified)
            self._stores.add(store)
        self._follow()
        return store

    def _database(self, family: Family, environment: Environment) -> Database:
        """Return the database of a family, the same for all families with its address; the lock is held."""
        url = _url(family, environment)
        found = self._databases.get(url)
        if found is None:
            try:
                found = self._databases[url] = Database(url)
                self._groups[found] = Groups(found)
            except ConfigurationError as error:
                raise ConfigurationError(
                    f"the database {family.database!r} of the family {family.name}: {error.reason}",
                    place=environment.database_places.get(family.database, family.place),
                    remedy=error.remedy,
                ) from error
        return found

    def watch(self, notify: Callable[[Sequence[Notice]], None]) -> RealtimeWatch:
        """Tell of rows that others changed, in each database that keeps an outbox; blocks for a second at most.

        Of an SQLite file without one it tells that anything may be another now. What it cannot hear of is logged.
        """
        from sorcery_realtime.watching import RealtimeWatch  # of those who watch alone

        watch = RealtimeWatch(self._open_stores, notify, self._forget)
        with self._lock:
            self._watches |= {watch}
        watch.follow()  # what was opened meanwhile
        return watch

    def unnoticed(self, store: Store) -> str:
        """Return why changes of single objects of a store are not heard of now; empty where they are."""
        asked = cast("RealtimeStore", store)
        return next((why for watch in self._watches if (why := watch.unnoticed(asked))), "")

    def _forget(self, watch: RealtimeWatch) -> None:
        with self._lock:
            self._watches -= {watch}

    def _open_stores(self) -> frozenset[RealtimeStore]:
        with self._lock:
            return frozenset(self._stores)

    def _follow(self) -> None:
        for watch in self._watches:
            watch.follow()

    def resolve(self, arguments: str, environment: Environment) -> Hashable:
        """Return (driver, address, table) for each priority of the family, and what references to secrets are followed.

        Raises `ConfigurationError`.
        """
        families = _families(Arguments.parse(arguments).family, environment)
        places = tuple((family.driver, _url(family, environment), family.table) for family in families)
        return environment.secrets.beside(places)

    def prepare(self, changes: Sequence[Change]) -> RealtimePrepared:
        """Carry the changes out in one transaction per database; they are seen after the commit.

        Raises `AlreadyExists`, `Conflict`, `StoreRefused`, `Unavailable`. Blocks on the databases and on the locks
        of other writers.
        """
        return prepare(changes)

    def carry_out(self, changes: Sequence[Change]) -> Sequence[Change]:
        """Store the changes in one transaction per database, few of them together with those of other threads.

        Returns none; or, where nothing is stored for that, the updates and deletes that found no row. Raises and
        blocks as `prepare`, and as the commit.
        """
        return carry_out(changes, self._groups)

    def release(self, store: Store) -> None:
        """Let go of a store, and of the databases that no other store uses."""
        with self._lock:
            self._stores.discard(store)
        self._follow()
        with self._lock:
            used = {source.database for each in self._stores for source in each.sources}
            for url, database in list(self._databases.items()):
                if database not in used:
                    del self._databases[url], self._groups[database]
                    database.close()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            self._stores.clear()
            self._groups.clear()
            databases, self._databases = self._databases, {}
        self._follow()
        for database in databases.values():
            database.close()


def _families(name: str, environment: Environment) -> tuple[Family, ...]:
    """Return the priorities of a family; raises `ConfigurationError`."""
    families = environment.families.get(name.lower(), ())
    if not families:
        raise ConfigurationError(
            f"no database holds the family {name}",
            remedy=f"write {name} => odbc,DATABASE under [settings] in extconfig.conf",
        )
    for family in families:
        if family.driver not in CODECS:
            raise ConfigurationError(
                f"the driver {family.driver!r} of the family {name} is not supported",
                place=family.place,
                remedy=f"use one of: {', '.join(CODECS)}",
            )
    return families


def _goes_on(driver: str, release: Release | None) -> bool:
    """Tell whether the driver asks the next priority for a row that this one does not have."""
    return driver != "odbc" or not (release is None or release.knows(STOPPING))


def _url(family: Family, environment: Environment) -> str:
    """Return the address of a family's database; raises `ConfigurationError`."""
    url = environment.databases.get(family.database)
    if url is None:
        raise ConfigurationError(
            f"the database {family.database!r} of the family {family.name} has no address",
            place=family.place,
            remedy=f"write [{family.database}] and url = postgresql://user@host/database in databases.conf",
        )
    return url
