"""Every object that Asterisk was asked about survives a table, in the form of each driver."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, String, Table

from sorcery import InvalidObject, Object
from sorcery.conf import read_conf
from sorcery.pjsip import TYPES
from sorcery_realtime.escape import CODECS, Codec
from sorcery_realtime.rowreader import RowReader
from sorcery_realtime.rowwriter import RowWriter

VECTORS = sorted((Path(__file__).parents[2] / "data" / "object-vectors").glob("*.conf"))


@pytest.mark.parametrize("conf", VECTORS, ids=lambda path: path.stem)
def test_objects_survive_a_row(conf: Path) -> None:
    objects = list(good_objects(conf))
    assert objects
    for obj in objects:
        assert through_a_row(obj, CODECS["odbc"]) == obj
        if len({name for name, _ in obj.settings()}) == len(obj.settings()):  # sqlite3 keeps one value per column
            assert through_a_row(obj, CODECS["sqlite3"]) == obj


def good_objects(conf: Path) -> Iterator[Object]:
    """Build what the sections of a file describe, leaving out what cannot be an object."""
    types = {cls.__sorcery__.name: cls for cls in TYPES}
    for section in read_conf(conf).categories:
        cls = types.get(section.first("type") or "")
        if cls is not None:
            with contextlib.suppress(InvalidObject):
                yield cls.from_objectset(section.name, [(line.key, line.value) for line in section.variables])


def through_a_row(obj: Object, codec: Codec) -> Object:
    """Write an object as a row of texts and read it."""
    own = obj.__sorcery__
    names = dict.fromkeys(("id", *(option.name for option in own.fields()), *dict(obj.settings())))
    table = Table(own.name, MetaData(), *(Column(name, String) for name in names))
    row = RowWriter(own, codec, table).replacement(obj)
    return RowReader(own, codec, own.name).builder(tuple(row))(tuple(row.values()))
