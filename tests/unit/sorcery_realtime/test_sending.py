"""Many changes in few statements: what each of them comes to is told all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import event

from sorcery import AlreadyExists, Conflict, NotFound, Object, Sorcery, StoreRefused
from sorcery.environment import Environment, Family
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.wizard import Change, Op
from sorcery_migrations import upgrade
from sorcery_realtime import RealtimeWizard

Open = Callable[..., Sorcery]
Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]

MANY = 40


class Aors:
    """The AORs of a table, changed through its wizard."""

    def __init__(self, url: str, table: str = "ps_aors") -> None:
        self.wizard = RealtimeWizard()
        driver = "sqlite3" if url.startswith("sqlite") else "odbc"
        families = {"aors": (Family("aors", driver, "pbx", table),)}
        self.store = self.wizard.open(Aor.__sorcery__, "aors", Environment(families=families, databases={"pbx": url}))
        self.database = self.store.sources[0].database

    def change(self, op: Op, *objects: Object, expected: Sequence[Object] = ()) -> list[Change]:
        given = iter(expected)
        return [Change(self.store, op, obj, next(given, None)) for obj in objects]

    def commit(self, changes: Sequence[Change]) -> list[str]:
        """Carry out changes; return the ids of those that are missed."""
        prepared = self.wizard.prepare(changes)
        prepared.commit()
        return sorted(change.obj.id for change in prepared.missed)

    @property
    def held(self) -> dict[str, int]:
        rows = self.database.read("", lambda c: c.exec_driver_sql(f"SELECT id, max_contacts FROM {self.name}").all())
        return {row[0]: row[1] or 0 for row in rows}

    @property
    def name(self) -> str:
        return str(self.store.sources[0].name)


@pytest.fixture
def aors(url: str) -> Iterator[Aors]:
    made = Aors(url)
    yield made
    made.wizard.close()


def create_all(system: Sorcery, objects: Sequence[Object], updated: Object | None = None) -> None:
    """Create objects in one transaction, and update another one."""
    with system.transaction() as transaction:
        for each in objects:
            transaction.create(each)
        if updated is not None:
            transaction.update(updated)


def many(value: int, count: int = MANY) -> list[Aor]:
    return [Aor(id=f"a{n:02}", max_contacts=value) for n in range(count)]


@pytest.fixture
def statements() -> Iterator[Callable[[Aors], list[str]]]:
    """Return what lists the statements that a database is sent from then on."""
    listened: list[tuple[Any, Any]] = []

    def listen(aors: Aors) -> list[str]:
        found: list[str] = []

        def note(*words: Any) -> None:
            found.append(words[2])

        event.listen(aors.database.engine, "before_cursor_execute", note)
        listened.append((aors.database.engine, note))
        return found

    yield listen
    for engine, note in listened:
        event.remove(engine, "before_cursor_execute", note)


def test_many_changes_are_few_statements(aors: Aors, statements: Callable[[Aors], list[str]]) -> None:
    aors.commit(aors.change(Op.CREATE, Aor(id="first")))  # reflects the table
    sent = statements(aors)
    aors.commit(aors.change(Op.CREATE, *many(1)))
    assert aors.held == {"first": 0} | {aor.id: 1 for aor in many(1)}
    aors.commit(aors.change(Op.UPDATE, *many(2), expected=many(1)))
    assert aors.held == {"first": 0} | {aor.id: 2 for aor in many(2)}
    aors.commit(aors.change(Op.DELETE, *many(2), expected=many(2)))
    assert aors.held == {"first": 0}
    assert len(sent) < MANY  # three transactions


def test_each_object_keeps_the_columns_that_it_sets(aors: Aors) -> None:
    made = [*many(1), *(Aor(id=f"b{n}", mailboxes=[f"{n}@default"], support_path=True) for n in range(9))]
    aors.commit(aors.change(Op.CREATE, *made))
    assert aors.store.retrieve_many([aor.id for aor in made]) == {aor.id: aor for aor in made}


@pytest.mark.parametrize("op", [Op.UPDATE, Op.DELETE])
def test_those_that_are_not_there_are_told_one_by_one(aors: Aors, op: Op) -> None:
    aors.commit(aors.change(Op.CREATE, *many(1)))
    others = [Aor(id=id) for id in ("a05x", "A06", "zero\0byte", "lone \udcff")]
    assert aors.commit(aors.change(op, *others, *many(2))) == sorted(aor.id for aor in others)
    assert aors.held == ({} if op is Op.DELETE else {aor.id: 2 for aor in many(2)})


def test_the_one_that_is_taken_is_named_and_nothing_is_left(aors: Aors) -> None:
    taken = Aor(id="a27", max_contacts=9)
    aors.commit(aors.change(Op.CREATE, taken))
    with pytest.raises(AlreadyExists) as raised:
        aors.commit(aors.change(Op.CREATE, *many(1)))
    assert raised.value.id == "a27"
    assert aors.held == {"a27": 9}


def test_the_row_that_a_table_refuses_is_named(url: str, opened: Open, sql: Sql) -> None:
    sql(url)("CREATE UNIQUE INDEX one_name ON ps_auths (username)")
    system = opened(url)
    made = [Auth(id=f"a{n:02}", username=f"u{n % 33}", password="hush" * 2) for n in range(MANY)]
    with pytest.raises(StoreRefused) as raised:
        create_all(system, made)
    assert raised.value.id == "a33"
    assert "hushhush" not in str(raised.value)
    assert system.retrieve_all(Auth) == []


def test_the_object_that_has_no_room_is_named(aors: Aors) -> None:
    made = [*many(1), Aor(id="x" * 256), *many(1, 3)]
    with pytest.raises(StoreRefused, match="column id takes 255 characters"):
        aors.commit(aors.change(Op.CREATE, *made))
    assert aors.held == {}


def test_the_one_that_is_another_now_is_a_conflict(aors: Aors) -> None:
    aors.commit(aors.change(Op.CREATE, *many(1)))
    aors.commit(aors.change(Op.UPDATE, Aor(id="a11", max_contacts=7)))
    with pytest.raises(Conflict) as raised:
        aors.commit(aors.change(Op.UPDATE, *many(2), expected=many(1)))
    assert (raised.value.id, raised.value.current) == ("a11", Aor(id="a11", max_contacts=7))
    assert set(aors.held.values()) == {1, 7}


def test_of_those_expected_the_ones_that_are_gone_are_missed(aors: Aors) -> None:
    aors.commit(aors.change(Op.CREATE, *many(1, 10)))
    assert aors.commit(aors.change(Op.DELETE, *many(1, 12), expected=many(1, 12))) == ["a10", "a11"]
    assert aors.held == {}


def test_what_is_done_to_one_object_is_done_in_its_order(aors: Aors) -> None:
    changes = [*aors.change(Op.CREATE, *many(1)), *aors.change(Op.UPDATE, *many(2)), *aors.change(Op.PUT, *many(3))]
    changes += [*aors.change(Op.DELETE, *many(3)), *aors.change(Op.CREATE, *many(4))]
    assert aors.commit(changes) == []
    assert aors.held == {aor.id: 4 for aor in many(4)}


def test_a_table_that_does_not_keep_ids_apart_is_asked_row_by_row(url: str, sql: Sql) -> None:
    sql(url)("CREATE TABLE loose AS SELECT * FROM ps_aors WHERE id IS NULL")
    aors = Aors(url, "loose")
    aors.commit(aors.change(Op.CREATE, *many(1)))
    assert aors.commit(aors.change(Op.UPDATE, *many(2), Aor(id="b"))) == ["b"]
    with pytest.raises(AlreadyExists):
        aors.commit(aors.change(Op.CREATE, *many(1)))
    assert aors.held == {aor.id: 2 for aor in many(2)}
    aors.wizard.close()


def test_names_that_have_to_be_quoted_are(url: str, opened: Open, sql: Sql) -> None:
    quote = "`" if url.startswith("mysql") else '"'
    sql(url)(f"ALTER TABLE ps_endpoints ADD COLUMN {quote}@50%{quote} VARCHAR(40)")
    system = opened(url)
    made = [Endpoint.from_objectset(f"e{n}", [("100rel", "required"), ("@50%", f"{n}%s")]) for n in range(9)]
    for change in (Sorcery.create, Sorcery.update, Sorcery.delete):
        with system.transaction() as transaction:
            for each in made:
                getattr(transaction, change.__name__)(each)
        assert system.retrieve_all(Endpoint) == ([] if change is Sorcery.delete else made)


def test_a_column_of_its_owners_own_type_is_written_row_by_row(postgresql_url: str, sql: Sql) -> None:
    upgrade(postgresql_url)
    execute = sql(postgresql_url)
    execute("CREATE DOMAIN few AS INTEGER CHECK (VALUE < 10)")
    execute("ALTER TABLE ps_aors ALTER max_contacts TYPE few")
    aors = Aors(postgresql_url)
    aors.commit(aors.change(Op.CREATE, *many(9)))
    with pytest.raises(StoreRefused, match="few"):
        aors.commit(aors.change(Op.UPDATE, *many(9, 20), Aor(id="a30", max_contacts=11)))
    assert set(aors.held.values()) == {9}
    aors.wizard.close()


def test_a_text_is_refused_and_never_cut_where_a_column_was_narrowed(postgresql_url: str, sql: Sql) -> None:
    upgrade(postgresql_url)
    aors = Aors(postgresql_url)
    aors.commit(aors.change(Op.CREATE, *many(1)))
    sql(postgresql_url)("ALTER TABLE ps_aors ALTER outbound_proxy TYPE VARCHAR(10)")
    with pytest.raises(StoreRefused, match=r"aor 'a00'.*too long"):
        aors.commit(aors.change(Op.UPDATE, *(aor.evolve(outbound_proxy="sip:proxy.example.org") for aor in many(1))))
    aors.wizard.close()


def test_an_update_that_finds_nothing_undoes_all_of_a_transaction(url: str, opened: Open) -> None:
    system = opened(url)
    with pytest.raises(NotFound) as raised:
        create_all(system, many(1), Aor(id="absent"))
    assert raised.value.id == "absent"
    assert system.retrieve_all(Aor) == []
