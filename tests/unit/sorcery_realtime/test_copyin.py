"""Many new rows in PostgreSQL: they are copied in, and come out as if each had been inserted."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from sorcery import AlreadyExists, Sorcery, StoreRefused, Unavailable
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery_migrations import upgrade
from sorcery_realtime.bulk import MANY

Open = Callable[..., Sorcery]
Sql = Callable[[str], Callable[[str], list[dict[str, Any]]]]

AWKWARD = ["a\tb", "c\\d", "\\N", "\\.", "e\nf", "g\rh", 'quo"te', "it's", "ü€😀", "{a,b}", "NULL", "\x01", "^;x", "\\"]


@pytest.fixture
def url(postgresql_url: str) -> str:
    upgrade(postgresql_url)
    return postgresql_url


@pytest.fixture
def copies(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The copy-ins, as they happen."""
    told: list[str] = []
    copy = psycopg.Cursor.copy

    def counted(self: psycopg.Cursor[Any], statement: Any, *args: Any, **options: Any) -> Any:
        told.append(str(statement))
        return copy(self, statement, *args, **options)

    monkeypatch.setattr(psycopg.Cursor, "copy", counted)
    return told


def auths(count: int = MANY, password: str = "s") -> list[Auth]:
    return [Auth(id=f"a{number:04}", username=f"u{number}", password=password) for number in range(count)]


def create(system: Sorcery, objects: Sequence[Any]) -> None:
    with system.transaction() as transaction:
        for each in objects:
            transaction.create(each)


def test_many_new_rows_are_copied_in_and_few_are_inserted(url: str, opened: Open, copies: list[str]) -> None:
    system = opened(url)
    create(system, auths(MANY - 1))
    assert copies == []
    create(system, [each.evolve(id=f"b{each.id}") for each in auths()])
    assert len(copies) == 1
    assert len(system.retrieve_all("auth")) == 2 * MANY - 1


def test_every_text_and_number_comes_back_as_it_was(url: str, opened: Open, copies: list[str]) -> None:
    texts = [text for text in AWKWARD for _ in range(MANY // len(AWKWARD) + 1)]
    made = [Auth(id=f"{number}{text}", username=text, password=f"p{text}") for number, text in enumerate(texts)]
    aors = [Aor(id=f"x{number}", max_contacts=number + 1, remove_existing=True) for number in range(MANY)]
    system = opened(url)
    create(system, [*made, *aors])
    assert len(copies) == 2
    assert {each.id: each for each in system.retrieve_all("auth")} == {each.id: each for each in made}
    assert {each.id: each for each in system.retrieve_all("aor")} == {each.id: each for each in aors}


def test_a_column_that_some_rows_leave_out_is_null_in_these(url: str, opened: Open, sql: Sql) -> None:
    system = opened(url)
    create(
        system, [*auths(), *(Auth(id=f"r{number}", username="u", realm="pbx", password="s") for number in range(MANY))]
    )
    (counted,) = sql(url)(
        "SELECT count(realm) AS with_realm, count(*) AS all_rows, count(auth_type) AS types FROM ps_auths"
    )
    assert counted == {"with_realm": MANY, "all_rows": 2 * MANY, "types": 0}


def test_the_row_that_is_refused_is_named_and_nothing_is_left(url: str, opened: Open, sql: Sql) -> None:
    system = opened(url)
    taken = auths()[MANY // 2]
    system.create(taken)
    with pytest.raises(AlreadyExists) as error:
        create(system, auths())
    assert error.value.id == taken.id
    sql(url)("ALTER TABLE ps_auths ADD CONSTRAINT narrow CHECK (username <> 'u7')")
    with pytest.raises(StoreRefused) as refused:
        create(system, [each.evolve(id=f"b{each.id}") for each in auths(password="hush-hush")])
    assert refused.value.id == "ba0007"
    assert "hush-hush" not in f"{refused.value!r}{refused.value}{refused.value.__cause__!r}"
    assert [each.id for each in system.retrieve_all("auth")] == [taken.id]


@pytest.mark.parametrize("state", ["53100", "23514", "P0001"], ids=["database", "content", "trigger"])
def test_no_traceback_shows_the_line_that_was_not_stored(
    url: str, opened: Open, copies: list[str], sql: Sql, state: str
) -> None:
    sql(url)(
        "CREATE FUNCTION fussy() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION 'not that' USING ERRCODE = '{state}'; END $$;"
        "CREATE TRIGGER fussy BEFORE INSERT ON ps_auths FOR EACH ROW EXECUTE FUNCTION fussy()"
    )
    system, password = opened(url), "-".join(["hush"] * 2)  # no line of the source holds it
    with pytest.raises((StoreRefused, Unavailable), match="not that") as error:
        create(system, auths(password=password))
    assert copies
    assert password not in "".join(traceback.format_exception(error.value))


def test_the_tables_triggers_are_called(url: str, opened: Open, copies: list[str], sql: Sql) -> None:
    sql(url)(
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN NEW.username := upper(NEW.username); RETURN NEW; END $$;"
        "CREATE TRIGGER loud BEFORE INSERT ON ps_auths FOR EACH ROW EXECUTE FUNCTION loud()"
    )
    system = opened(url)
    create(system, auths())
    assert len(copies) == 1
    assert {each.username for each in system.retrieve_all("auth")} == {f"U{number}" for number in range(MANY)}


@pytest.mark.parametrize(
    ("peculiarity", "expected"),
    [
        (
            "CREATE TABLE told (id text); "
            "CREATE RULE tell AS ON INSERT TO ps_auths DO ALSO INSERT INTO told VALUES (NEW.id)",
            MANY,
        ),
        ("CREATE TABLE told (id text); ALTER TABLE ps_auths ENABLE ROW LEVEL SECURITY", 0),
    ],
)
def test_where_rules_or_policies_count_rows_are_inserted(
    url: str, opened: Open, copies: list[str], sql: Sql, peculiarity: str, expected: int
) -> None:
    system = opened(url)
    system.retrieve_all("auth")
    sql(url)(peculiarity)
    create(system, auths())
    assert copies == []
    assert len(sql(url)("SELECT id FROM told")) == expected
    assert len(system.retrieve_all("auth")) == MANY


def test_columns_of_real_numbers_are_inserted(url: str, opened: Open, copies: list[str]) -> None:
    system = opened(url)
    create(system, [Aor(id=f"x{number}", qualify_timeout=1.1) for number in range(MANY)])
    assert copies == []
    assert {each.qualify_timeout for each in system.retrieve_all("aor")} == {1.1}


def test_a_table_in_a_schema_with_columns_that_need_quotes_is_copied_into(
    url: str, opened: Open, copies: list[str], sql: Sql, tmp_path: Any
) -> None:
    sql(url)('CREATE SCHEMA "Own"; CREATE TABLE "Own"."Ends" (id text PRIMARY KEY, context text, "@user" text)')
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\nendpoint = realtime,ps_endpoints\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_endpoints => odbc,pbx,Own.Ends\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {url}\n")
    system = opened(tmp_path)
    create(system, [Endpoint(id=f"e{n}", context="c", extended={"@user": str(n)}) for n in range(MANY)])
    assert len(copies) == 1
    assert dict(system.retrieve_by_id("endpoint", "e7").extended) == {"@user": "7"}


def test_a_server_that_goes_while_rows_are_copied_in_is_unavailable_and_then_asked_anew(
    url: str, opened: Open, sql: Sql, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = opened(url)
    copy = psycopg.Cursor.copy

    def ended(self: psycopg.Cursor[Any], statement: Any, *args: Any, **options: Any) -> Any:
        sql(url)(f"SELECT pg_terminate_backend({self.connection.info.backend_pid})")
        return copy(self, statement, *args, **options)

    monkeypatch.setattr(psycopg.Cursor, "copy", ended)
    with pytest.raises(Unavailable):
        create(system, auths())
    monkeypatch.undo()
    create(system, auths())
    assert len(system.retrieve_all("auth")) == MANY
