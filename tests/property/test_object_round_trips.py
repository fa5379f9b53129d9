"""Every object of every type comes back as it was from a file, from a row and from the AstDB, or is refused whole.

Asterisk's schema has no table for half of the types, so those here hold texts, one column for each option. Of a family
of options, whose names nobody knows, they have one column.
"""

from __future__ import annotations

import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from sqlalchemy import create_engine

import sorcery_migrations
from sorcery import InvalidObject, Object, Sorcery, StoreRefused
from sorcery.objecttype import ObjectType
from sorcery.pjsip import TYPES
from sorcery.testing.strategies import objects
from tests.unit.pjsip.bases import BASES

EACH_TYPE = pytest.mark.parametrize("cls", TYPES, ids=lambda cls: cls.__sorcery__.name)
DRAWN = 15
SOME = settings(max_examples=DRAWN, deadline=None, database=None, suppress_health_check=list(HealthCheck))
MEMBER, NOTE = "x", "@note"

Opener = Callable[[bool], Sorcery]
Kept = Callable[[Object], Object]


@pytest.fixture(autouse=True)
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test asks a resolver: one host name is known."""

    def answer(host: str, port: Any, **_: Any) -> list[Any]:
        if host.lower() != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def come_back(cls: type[Object], opener: Opener, kept: Kept = lambda obj: obj) -> None:
    """Draw objects, and let one system write each and another, which reads only, find it equal."""
    outcomes = Counter[str]()

    @SOME
    @given(objects(cls, **BASES.get(cls.__sorcery__.name, {})))
    def compare(obj: Object) -> None:
        obj = kept(obj)
        try:
            writing.create(obj)
        except StoreRefused:
            assert found_by_another() == []
            outcomes["refused"] += 1
        else:
            assert found_by_another() == [obj]
            writing.delete(obj)
            outcomes["came back"] += 1

    def found_by_another() -> list[Object]:
        if not cls.__sorcery__.follows_reload:
            with opener(False) as anew:
                return anew.retrieve_all(cls)
        reading.reload()
        return reading.retrieve_all(cls)

    with opener(True) as writing, opener(False) as reading:
        compare()
    assert outcomes["came back"] > outcomes["refused"], outcomes


def of_single_lines(obj: Object) -> Object:
    """Return the object without what no line of a file can hold."""
    pairs = [(name, text) for name, text in obj.settings() if name == name.strip() and is_line(text)]
    try:
        return type(obj).from_objectset(obj.id, pairs)
    except InvalidObject:
        reject()


def is_line(text: str) -> bool:
    return text == text.strip() and text.isprintable()


@EACH_TYPE
def test_an_object_comes_back_from_a_file(cls: type[Object], tmp_path: Path) -> None:
    (tmp_path / "objects.conf").touch()

    def opened(writable: bool) -> Sorcery:
        system = Sorcery.open(tmp_path, writable=writable)
        system.map(cls, "config", f"objects.conf,criteria=type={cls.__sorcery__.plain_name}")
        return system

    come_back(cls, opened, of_single_lines)


@EACH_TYPE
def test_an_object_comes_back_from_the_astdb(cls: type[Object], tmp_path: Path) -> None:
    def opened(_: bool) -> Sorcery:
        system = Sorcery.open("memory:", astdb=tmp_path / "astdb.sqlite3")
        system.map(cls, "astdb", "property")
        return system

    come_back(cls, opened)


def columns(own: ObjectType) -> list[str]:
    """Return the names of the columns: the options, one member of each family, and one extended field."""
    return [*(option.name.replace("*", MEMBER) for option in own.fields()), NOTE]


def with_columns(obj: Object) -> Object:
    """Return the object without what has no column."""
    names = columns(obj.__sorcery__)
    return type(obj).from_objectset(obj.id, [pair for pair in obj.settings() if pair[0] in names])


@contextmanager
def table(cls: type[Object], folder: Path, driver: str, url: str) -> Iterator[Opener]:
    """Make the table of a type, and yield what opens a system that has it by a driver of Asterisk's."""
    names = ", ".join(f'"{name}" text' for name in columns(cls.__sorcery__))
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE objects (id text PRIMARY KEY, {names})")
    (folder / "databases.conf").write_text(f"[db]\nurl = {url}\n", encoding="utf-8")
    (folder / "extconfig.conf").write_text(f"[settings]\nobjects => {driver},db\n", encoding="utf-8")

    def opened(_: bool) -> Sorcery:
        system = Sorcery.open(folder)
        system.map(cls, "realtime", "objects")
        return system

    with ExitStack() as stack:
        stack.callback(engine.dispose)
        yield opened


@EACH_TYPE
@pytest.mark.parametrize("driver", ["sqlite3", "odbc"])
def test_an_object_comes_back_from_a_row_of_sqlite(cls: type[Object], driver: str, tmp_path: Path) -> None:
    with table(cls, tmp_path, driver, f"sqlite:///{tmp_path}/objects.db") as opened:
        come_back(cls, opened, with_columns)


@EACH_TYPE
def test_an_object_comes_back_from_a_row_of_postgresql(cls: type[Object], postgresql_url: str, tmp_path: Path) -> None:
    with table(cls, tmp_path, "pgsql", postgresql_url) as opened:
        come_back(cls, opened, with_columns)


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('schema')}/pbx.db"
    sorcery_migrations.upgrade(url)
    return url


@pytest.mark.parametrize("cls", [cls for cls in TYPES if cls.__sorcery__.family], ids=lambda cls: cls.__sorcery__.name)
def test_an_object_comes_back_from_a_row_of_asterisks_schema(cls: type[Object], schema: str) -> None:
    def plain(obj: Object) -> Object:
        return with_columns(obj).evolve(extended={})

    come_back(cls, lambda _: Sorcery.open(schema), plain)


def test_the_types_without_a_table_are_those_that_asterisk_has_none_for() -> None:
    named = {cls.__sorcery__.name for cls in TYPES if not cls.__sorcery__.family}
    assert {name for name in named if "/" not in name} == {
        *("acl", "phoneprov", "nat_hook", "wizard", "websocket_client"),
    }
    assert {name.partition("/")[0] for name in named if "/" in name} == {
        *("geolocation", "stir_shaken", "mwi_external", "bucket", "pjproject", "aeap", "ari", "chan_websocket"),
    }
