"""The same changes come to the same in PostgreSQL and in MariaDB."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from hashlib import md5
from itertools import product

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError

from sorcery_database import address
from sorcery_migrations import kamailio
from tests.unit.sorcery_migrations.kamailio.shared import Shared

Value = str | int | None

STEPS = 200
USERS = ("alice", "bob", "cé^", "nobody")
URIS = ("sip:a@h", "sip:a@h;ob", "sip:ü^@h", "sip:" + "x;" * 90)
TIMES = (2_000_000_000, 2_000_000_001, 5)
CONTACTS = (
    "SELECT id, uri, expiration_time, path, user_agent, endpoint, reg_server, call_id, via_addr, via_port,"
    " outbound_proxy, qualify_frequency, qualify_timeout, authenticate_qualify, qualify_2xx_only FROM ps_contacts"
)
LOCATION = "SELECT ruid, username, contact, path, expires, q, callid, cseq, user_agent, socket, received FROM location"


@pytest.fixture
def both(postgresql: Shared, mariadb: Shared) -> Iterator[tuple[Shared, ...]]:
    """Yield a database of either kind, with the same rows; connections to it are kept."""
    found = []
    for url in (postgresql.url, mariadb.url):
        shared = Shared(create_engine(address(url)), url)
        shared.execute(
            "INSERT INTO ps_aors (id, qualify_frequency, outbound_proxy, qualify_2xx_only)"
            " VALUES ('alice', 5, 'sip:x^3Blr', 'yes'), ('bob', NULL, NULL, NULL), ('cé^', 0, '', 'no')",
            "INSERT INTO ps_endpoints (id) VALUES ('alice')",
        )
        kamailio.create(url, both_ways=True)
        found.append(shared)
    yield tuple(found)
    for shared in found:
        shared.engine.dispose()


def literal(value: Value) -> str:
    return "NULL" if value is None else "'" + value + "'" if isinstance(value, str) else str(value)


def done(shared: Shared, statement: str) -> bool:
    """Execute a statement that the database may refuse."""
    try:
        with shared.engine.begin() as connection:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    except DBAPIError:
        return False
    return True


def registration(draw: random.Random, number: int) -> dict[str, Value]:
    return {
        "ruid": f"r{number}",
        "username": draw.choice([*USERS, "Alice"]),
        "contact": draw.choice([*URIS, "sip:" + "x;" * 200]),
        "expires": draw.choice(TIMES),
        "path": draw.choice([None, "", "<sip:p;lr>"]),
        "received": draw.choice([None, "", "sip:192.0.2.1:5;transport=tcp"]),
        "socket": draw.choice([None, "", "udp:192.0.2.1:5060", "tcp:[::1]:5060"]),
        "user_agent": draw.choice(["", "a;^b", ";" * 255]),
        "callid": draw.choice(["c", ";" * 200]),
    }


def contact(draw: random.Random) -> dict[str, Value]:
    uri = draw.choice(URIS)
    return {
        "id": f"{draw.choice(USERS)}^3B@{md5(uri.encode()).hexdigest()}",
        "uri": uri.replace("^", "^5E").replace(";", "^3B"),
        "expiration_time": draw.choice([*TIMES, None]),
        "path": draw.choice([None, "", "<sip:p^3Blr>", "p" * 600]),
        "user_agent": draw.choice([None, "", "ü^3B"]),
        "call_id": draw.choice([None, "", "c^5E"]),
        "reg_server": draw.choice([None, "", "pbx", "Kamailio", "kamailio"]),
    }


def change(draw: random.Random, number: int, there: Mapping[str, list[str]]) -> str:
    """Return a statement of Kamailio's, or of a stack's, that concerns one row."""
    table, key, values = draw.choice(
        [("location", "ruid", registration(draw, number)), ("ps_contacts", "id", contact(draw))]
    )
    if table == "ps_contacts" and values["id"] not in there[table] and draw.random() < 0.8:
        return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(literal, values.values()))})"
    if table == "location" and draw.random() < 0.5:
        return f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join(map(literal, values.values()))})"
    one = f"{key} = {literal(draw.choice(there[table] or ['none']))}"
    if draw.random() < 0.4:
        return f"DELETE FROM {table} WHERE {one}"
    changed = draw.sample([column for column in values if column != key], 2)
    return f"UPDATE {table} SET {', '.join(f'{column} = {literal(values[column])}' for column in changed)} WHERE {one}"


def test_whoever_registers_where_the_tables_come_to_hold_the_same(both: tuple[Shared, ...]) -> None:
    draw, refused = random.Random(5), 0
    for number in range(STEPS):
        there = {
            table: sorted(id for (id,) in both[0].rows(f"SELECT {key} FROM {table}"))
            for table, key in (("location", "ruid"), ("ps_contacts", "id"))
        }
        statement = change(draw, number, there)
        answers = {done(shared, statement) for shared in both}
        assert len(answers) == 1, statement
        refused += False in answers
        for query in (CONTACTS, LOCATION) if number % 8 == 7 else ():
            of_postgresql, of_mariadb = (sorted(shared.rows(query), key=repr) for shared in both)
            assert of_postgresql == of_mariadb, statement
    assert 0 < refused < STEPS / 5


def test_the_views_have_the_same_users(both: tuple[Shared, ...]) -> None:
    digest = "A" * 32
    listed = [None, "", f"MD5:{digest}", f" md5: {digest} ", f"SHA-256:{'b' * 64},{digest}", f"sha-256:{'B' * 64}", "x"]
    passwords = [None, "", "ü;x", "a^3Bb^5E", "env:X", "ENV:X"]
    drawn = product([None, "", "Ü", "u"], passwords, [None, "", digest], [None, "", "r"], listed)
    rows = [f"('{number}', {', '.join(map(literal, each))})" for number, each in enumerate(drawn)]
    for shared in both:
        shared.execute(
            "INSERT INTO ps_auths (id, username, password, md5_cred, realm, password_digest) VALUES "
            + ", ".join(rows).replace(":", "\\:")
        )
    for query in (
        "SELECT astid, username, domain, password, ha1, ha1b FROM subscriber",
        "SELECT astid, username, domain, ha1 FROM subscriber_sha256",
    ):
        of_postgresql, of_mariadb = (sorted(shared.rows(query)) for shared in both)
        assert of_postgresql == of_mariadb
        assert 100 < len(of_postgresql) < len(rows)
