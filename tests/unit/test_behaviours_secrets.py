"""References to secrets, in every store: followed where they are allowed, written back as they were."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from sorcery import InvalidObject, Sorcery, Unavailable
from sorcery.errors import Unresolvable
from sorcery.pjsip import Auth, Transport

REFERENCE = "env:ALICE_PW"


@pytest.fixture(autouse=True)
def variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PW", "hunter2")


class Vault:
    """May be down, and may not know."""

    def __init__(self) -> None:
        self.is_down, self.known = False, {"kv/alice#password": "hunter2"}

    def resolve(self, reference: str) -> str:
        if self.is_down:
            raise Unavailable("vault", "no answer")
        if reference not in self.known:
            raise Unresolvable(f"the vault holds no {reference}")
        return self.known[reference]


def directory(path: Path, pjsip: str = "", secrets: str = "env=yes\n", mappings: str = "", wizard: str = "") -> Path:
    (path / "sorcery.conf").write_text(f"[res_pjsip]\n{mappings}[secrets]\n{secrets}")
    (path / "pjsip.conf").write_text(pjsip)
    if wizard:
        (path / "pjsip_wizard.conf").write_text(wizard)
    return path


def auth(password: str, id: str = "alice") -> str:
    return f"[{id}]\ntype=auth\nusername={id}\npassword={password}\n"


def password(s: Sorcery, id: str = "alice") -> str:
    found = s.retrieve_by_id(Auth, id)
    assert found is not None
    return found.password.reveal()


def test_without_a_section_a_file_is_read_as_asterisk_reads_it(tmp_path: Path) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE), secrets="")) as s:
        assert password(s) == REFERENCE


def test_a_file_refers_to_a_secret_and_keeps_the_reference(tmp_path: Path) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE)), writable=True) as s:
        assert password(s) == "hunter2"
        found = s.retrieve_by_id(Auth, "alice")
        assert found is not None
        assert dict(found.settings())["password"] == REFERENCE
        assert dict(found.objectset())["password"] == REFERENCE
        s.update(found.evolve(realm="pbx"))
    assert (tmp_path / "pjsip.conf").read_text() == auth(REFERENCE) + "realm=pbx\n"


def test_a_template_refers_to_a_secret(tmp_path: Path) -> None:
    text = f"[t](!)\npassword={REFERENCE}\n[alice](t)\ntype=auth\nusername=alice\n[bob](t)\ntype=auth\nusername=bob\n"
    with Sorcery.open(directory(tmp_path, text), writable=True) as s:
        assert (password(s), password(s, "bob")) == ("hunter2", "hunter2")
        found = s.retrieve_by_id(Auth, "alice")
        assert found is not None
        s.update(found.evolve(realm="pbx"))
    assert (tmp_path / "pjsip.conf").read_text().count("password") == 1


def test_a_reload_finds_a_rotated_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE) + auth("plain", "bob"))) as s:
        monkeypatch.setenv("ALICE_PW", "rotated")
        assert s.reload().updated == {"auth": ("alice",)}
        assert password(s) == "rotated"
        assert not s.reload().updated


def test_a_reload_finds_a_rotated_secret_of_an_object_that_was_written_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sorcery.open(directory(tmp_path, auth("plain", "bob")), writable=True) as s:
        s.create(Auth(id="alice", username="alice", password=REFERENCE))
        assert password(s) == "hunter2"
        monkeypatch.setenv("ALICE_PW", "rotated")
        assert s.reload().updated == {"auth": ("alice",)}


def test_a_reference_to_nothing_is_a_finding_and_keeps_the_last_good_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE))) as s:
        monkeypatch.delenv("ALICE_PW")
        report = s.reload()
        assert password(s) == "hunter2"
        assert [str(each) for each in report.findings] == [
            f"{tmp_path}/pjsip.conf:4: error [refused-value] auth 'alice', option password: refers to no secret: the "
            "environment holds no ALICE_PW; the last good object stays; set ALICE_PW for this process"
        ]
        monkeypatch.setenv("ALICE_PW", "hunter2")
        assert not s.reload().findings


def test_what_sorcery_conf_allows_counts_from_the_next_reload(tmp_path: Path) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE), secrets="")) as s:
        directory(tmp_path, auth(REFERENCE))
        s.reload()
        assert password(s) == "hunter2"
        directory(tmp_path, auth(REFERENCE), secrets="env=no\n")
        s.reload()
        assert password(s) == REFERENCE


def test_a_section_of_the_wizard_file_refers_to_a_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    section = (
        f"[alice]\ntype=wizard\naccepts_auth=yes\ninbound_auth/username=alice\ninbound_auth/password={REFERENCE}\n"
    )
    with Sorcery.open(directory(tmp_path, wizard=section)) as s:
        assert password(s, "alice-iauth") == "hunter2"
        monkeypatch.setenv("ALICE_PW", "rotated")
        assert s.reload().updated == {"auth": ("alice-iauth",)}
        assert password(s, "alice-iauth") == "rotated"


def test_other_options_than_a_password_refer_to_secrets(tmp_path: Path) -> None:
    text = f"[tls]\ntype=transport\nprotocol=tls\nbind=127.0.0.1\npassword={REFERENCE}\n"
    with Sorcery.open(directory(tmp_path, text)) as s:
        found = s.retrieve_by_id(Transport, "tls")
        assert found is not None
        assert found.password.reveal() == "hunter2"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Sorcery]:
    path = tmp_path / "pbx.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE ps_auths (id VARCHAR(40) UNIQUE, username VARCHAR(40), password VARCHAR(80), "
            "realm VARCHAR(40), auth_type VARCHAR(40))"
        )
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_auths => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl=sqlite:///{path}\n")
    with Sorcery.open(directory(tmp_path, mappings="auth=realtime,ps_auths\n")) as s:
        yield s


def rows(path: Path, table: str = "ps_auths") -> list[tuple[object, ...]]:
    with sqlite3.connect(path) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


def test_a_row_refers_to_a_secret_and_holds_the_reference(
    database: Sorcery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.create(Auth(id="alice", username="alice", password=REFERENCE))
    assert "hunter2" not in str(rows(tmp_path / "pbx.db"))
    assert REFERENCE in str(rows(tmp_path / "pbx.db"))
    assert password(database) == "hunter2"
    monkeypatch.setenv("ALICE_PW", "rotated")
    assert password(database) == "rotated"
    assert [each.password.reveal() for each in database.retrieve_all(Auth)] == ["rotated"]


def test_a_row_whose_reference_leads_nowhere_is_refused_and_told_of(
    database: Sorcery, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.create(Auth(id="alice", username="alice", password=REFERENCE))
    monkeypatch.delenv("ALICE_PW")
    with pytest.raises(InvalidObject, match="the environment holds no ALICE_PW"):
        database.retrieve_by_id(Auth, "alice")
    assert "ALICE_PW" in str(database.faults(["auth"])[0])


def test_a_reference_to_nothing_is_not_written(database: Sorcery, tmp_path: Path) -> None:
    with pytest.raises(InvalidObject, match="the environment holds no OTHER_PW"):
        database.create(Auth(id="alice", username="alice", password="env:OTHER_PW"))
    assert rows(tmp_path / "pbx.db") == []


def test_an_update_that_expects_what_was_read_is_no_conflict(database: Sorcery) -> None:
    database.create(Auth(id="alice", username="alice", password=REFERENCE))
    found = database.retrieve_by_id(Auth, "alice")
    assert found is not None
    database.update(found.evolve(realm="pbx"), expected=found)
    assert password(database) == "hunter2"


def test_a_cache_in_front_of_a_table_finds_a_rotated_secret_on_reload(
    database: Sorcery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.create(Auth(id="alice", username="alice", password=REFERENCE))
    directory(tmp_path, mappings="auth/cache=memory_cache\nauth=realtime,ps_auths\n")
    with Sorcery.open(tmp_path) as s:
        assert password(s) == "hunter2"
        monkeypatch.setenv("ALICE_PW", "rotated")
        assert password(s) == "hunter2"
        assert s.reload().updated == {"auth": ("alice",)}
        assert password(s) == "rotated"
        s.create(Auth(id="bob", username="bob", password=REFERENCE))
        assert password(s, "bob") == "rotated"


def test_memory_holds_what_a_reference_stands_for() -> None:
    with Sorcery.open("memory:", secrets={"vault": Vault()}) as s:
        s.create(Auth(id="alice", username="alice", password="vault:kv/alice#password"))
        assert password(s) == "hunter2"


def test_the_astdb_holds_the_reference(tmp_path: Path) -> None:
    with Sorcery.open(directory(tmp_path, mappings="auth=astdb,x\n"), astdb=tmp_path / "a.sqlite3") as s:
        s.create(Auth(id="alice", username="alice", password=REFERENCE))
        assert password(s) == "hunter2"
    assert "hunter2" not in str(rows(tmp_path / "a.sqlite3", "astdb"))


def test_a_vault_that_is_down_is_neither_absence_nor_a_fault(tmp_path: Path) -> None:
    vault = Vault()
    mapped = directory(tmp_path, mappings="auth=astdb,x\n")
    with Sorcery.open(mapped, astdb=tmp_path / "a.sqlite3", secrets={"vault": vault}) as s:
        s.create(Auth(id="alice", username="alice", password="vault:kv/alice#password"))
        vault.is_down = True
        assert password(s) == "hunter2"  # remembered
        s.environment.secrets.forget()
        with pytest.raises(Unavailable, match="vault is unavailable: no answer"):
            s.retrieve_by_id(Auth, "alice")
        with pytest.raises(Unavailable):
            s.retrieve_all(Auth)


def test_a_file_keeps_the_last_good_object_while_a_vault_is_down(tmp_path: Path) -> None:
    vault = Vault()
    with Sorcery.open(directory(tmp_path, auth("vault:kv/alice#password")), secrets={"vault": vault}) as s:
        vault.is_down = True
        (finding,) = s.reload().findings
        assert "its secret cannot be asked for: vault is unavailable" in finding.message
        assert password(s) == "hunter2"


def test_an_image_holds_the_reference_and_follows_it_when_it_answers(tmp_path: Path) -> None:
    path = tmp_path / "pbx.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE ps_auths (id VARCHAR(40) UNIQUE, username VARCHAR(40), password VARCHAR(80))")
        connection.execute("INSERT INTO ps_auths VALUES ('alice', 'alice', ?)", (REFERENCE,))
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_auths => sqlite3,pbx\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl=sqlite:///{path}\n")
    where = directory(tmp_path, mappings="auth=realtime,ps_auths\n")
    with Sorcery.open(where, image=tmp_path / "image") as s:
        s.write_image()
        path.unlink()
        path.mkdir()  # a database that cannot be opened
        assert password(s) == "hunter2"
    import zlib

    packed = (tmp_path / "image").read_bytes().split(b"\n", 2)[2]
    held = zlib.decompressobj().decompress(packed)
    assert REFERENCE.encode() in held
    assert b"hunter2" not in held


def test_a_copy_goes_into_a_file_where_nothing_is_followed(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    target_folder = directory(tmp_path / "b", secrets="")
    with (
        Sorcery.open(directory(tmp_path / "a", auth(REFERENCE))) as source,
        Sorcery.open(target_folder, writable=True) as target,
    ):
        target.plan(source, ["auth"]).apply()
        assert password(target) == REFERENCE
        assert not target.plan(source, ["auth"])
    assert f"password = {REFERENCE}\n" in (target_folder / "pjsip.conf").read_text()


def test_a_copy_carries_the_reference(tmp_path: Path) -> None:
    with Sorcery.open(directory(tmp_path, auth(REFERENCE))) as source, Sorcery.open("memory:") as target:
        target.plan(source, ["auth"]).apply()
        copied = target.retrieve_by_id(Auth, "alice")
        assert copied is not None
        assert copied.settings() == [("username", "alice"), ("password", REFERENCE)]
        assert not target.plan(source, ["auth"])
