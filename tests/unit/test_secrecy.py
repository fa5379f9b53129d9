"""No secret is seen where it was not asked for: one table over every secret option, and what shows them."""

from __future__ import annotations

import asyncio
import logging
import pickle
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from io import StringIO
from pathlib import Path
from typing import Any

import attrs
import pytest
from rich.console import Console
from rich.pretty import pretty_repr
from rich.traceback import Traceback

from sorcery import ConfigurationError, Conflict, Object, Sorcery, SorceryError, Unavailable
from sorcery.aio import AsyncSorcery
from sorcery.objects import differences
from sorcery.options import Option
from sorcery.pjsip import TYPES, Auth
from sorcery.plan import PlannedChange
from sorcery.secret import Secret
from sorcery.wizard import Op
from sorcery_cli import main
from sorcery_migrations import upgrade

SECRET = "c0ffee" * 4
"""Its characters are those of digests; what is longer begins with it."""
UNREACHABLE = f"postgresql://u:{SECRET}@127.0.0.1:1/pbx"
UNSUPPORTED = f"nosuch://u:{SECRET}@127.0.0.1:1/pbx"

REST = {
    "auth": {"username": "u", "password": "other"},
    "websocket_client": {"uri": "ws://h/x"},
    "transport": {"protocol": "tls", "bind": "127.0.0.1"},
    "phoneprov": {"MAC": "001122334455", "PROFILE": "p", "endpoint": "e"},
}
"""What an object needs besides."""
TEXTS = {
    "md5_cred": SECRET + "0" * 8,
    "password_digest": f"SHA-256:{SECRET}{'0' * 40}",
}
"""How the secret is written where it is no plain text."""
CASES = [
    pytest.param(cls, option, id=f"{cls.__sorcery__.name}-{option.name}")
    for cls in TYPES
    for option in cls.__sorcery__.options.values()
    if option.secret
]


def type_of(case: Any) -> type[Object]:
    found: type[Object] = case.values[0]
    return found


def option_of(case: Any) -> Option:
    found: Option = case.values[1]
    return found


def made(cls: type[Object], option: Option, **others: str) -> Object:
    own = cls.__sorcery__
    name = option.name.replace("*", "password")
    pairs = {**REST.get(own.name, {}), name: TEXTS.get(option.name, SECRET), **others}
    return own.build("x", pairs.items())


def test_every_secret_option_is_in_the_table() -> None:
    assert {type_of(each).__sorcery__.name for each in CASES} == {
        *("auth", "transport", "phoneprov", "ari/user", "websocket_client", "wizard")
    }


@pytest.mark.parametrize(("cls", "option"), CASES)
@pytest.mark.parametrize(
    "shown",
    [
        repr,
        str,
        lambda obj: f"{obj} {obj:}",
        pretty_repr,
        lambda obj: repr(list(obj.__sorcery__.masked(obj.settings(every=True)))),
        lambda obj: repr(list(obj.__sorcery__.masked(obj.objectset()))),
        lambda obj: str(PlannedChange(Op.CREATE, obj)) + repr(PlannedChange(Op.CREATE, obj)),
        lambda obj: repr(differences(obj, obj.__sorcery__.make(obj.__sorcery__.draft("x")))),
        lambda obj: repr(pickle.loads(pickle.dumps(obj))),
        lambda obj: repr(Conflict("t", "x", current=obj)) + str(Conflict("t", "x", current=obj)),
    ],
    ids=["repr", "str", "format", "rich", "settings", "objectset", "plan", "differences", "pickle", "conflict"],
)
def test_no_form_of_an_object_shows_its_secret(
    cls: type[Object], option: Option, shown: Callable[[Object], str]
) -> None:
    obj = made(cls, option)
    assert SECRET in str(obj.settings())
    assert SECRET not in shown(obj)


@pytest.mark.parametrize(("cls", "option"), [each for each in CASES if isinstance(option_of(each).kind.zero, Secret)])
def test_attrs_gives_a_secret_and_no_text(cls: type[Object], option: Option) -> None:
    assert SECRET not in repr(attrs.asdict(made(cls, option)))  # type: ignore[arg-type]


def told(error: BaseException) -> str:
    """Return everything that tools show of an error, with the variables of all frames but the test's own."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    assert frames is not None
    plain = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    shown = StringIO()
    rich = Traceback.from_exception(type(error), error, frames, show_locals=True, locals_max_string=10_000)
    Console(file=shown, width=500).print(rich)
    return "".join(plain.format()) + shown.getvalue() + repr(error) + repr(vars(error))


@pytest.mark.parametrize(("cls", "option"), [each for each in CASES if not option_of(each).is_family])
def test_no_refusal_shows_a_secret_nor_do_its_frames(cls: type[Object], option: Option) -> None:
    own, obj = cls.__sorcery__, made(cls, option)
    pairs = [*obj.settings(), ("no_such", "x")]
    attempts: list[Callable[[], object]] = [
        lambda: own.build("x", pairs),
        lambda: cls.from_objectset("x", pairs),
        lambda: obj.evolve(no_such_thing="x"),
        lambda: obj.evolve(**{option.name: 5}),
    ]
    for attempt in attempts:
        with pytest.raises(SorceryError) as caught:
            attempt()
        assert SECRET not in told(caught.value)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "pbx.db"
    upgrade(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON ps_auths WHEN NEW.realm='bad' "
            "BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
        connection.execute(
            "INSERT INTO ps_auths (id, username, password, nonce_lifetime) VALUES ('bad', 'u', ?, -1)", (SECRET,)
        )
        connection.execute("INSERT INTO ps_auths (id, username, password) VALUES ('good', 'u', ?)", (SECRET,))
    return path


def test_no_error_of_a_database_shows_a_secret_nor_do_its_frames(database: Path) -> None:
    with Sorcery.open(f"sqlite:///{database}") as s:
        good = s.retrieve_by_id(Auth, "good")
        assert good is not None
        attempts: list[Callable[[], object]] = [
            lambda: s.retrieve_by_id(Auth, "bad"),
            lambda: s.create(good),
            lambda: s.create(good.evolve(id="new", realm="bad")),
            lambda: s.create(good.evolve(id="new", username="x" * 300, extended={"@none": "x"})),
            lambda: s.update(good, expected=good.evolve(realm="other")),
        ]
        for attempt in attempts:
            with pytest.raises(SorceryError) as caught:
                attempt()
            assert SECRET not in told(caught.value)


def test_no_error_of_a_database_that_is_gone_shows_its_address_nor_do_its_frames() -> None:
    with Sorcery.open(UNREACHABLE) as s, Sorcery.open("memory:") as other:
        attempts: list[Callable[[], object]] = [
            lambda: s.retrieve_by_id(Auth, "a"),
            lambda: s.retrieve_all(Auth),
            lambda: s.create(Auth("a", username="a", password=SECRET)),
            lambda: s.delete(Auth("a", username="a", password=SECRET)),
            lambda: s.plan(other, ["auth"]),
            lambda: s.referrers("auth", "a"),
        ]
        for attempt in attempts:
            with pytest.raises(Unavailable) as caught:
                attempt()
            assert SECRET not in told(caught.value)


def test_nor_does_what_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl={UNREACHABLE}\n[unclosed\n")

    async def opened() -> None:
        await AsyncSorcery.open(UNSUPPORTED)

    for attempt in (lambda: Sorcery.open(tmp_path), lambda: Sorcery.open(UNSUPPORTED), lambda: asyncio.run(opened())):
        with pytest.raises(ConfigurationError) as caught:
            attempt()
        assert SECRET not in told(caught.value)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Everything that is logged, the debugging of others included."""
    stream, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(level)
    root.removeHandler(handler)


PJSIP = f"""\
[alice]
type=auth
username=alice
password={SECRET}
[alice]
type=endpoint
auth=alice
aors=alice
[alice]
type=aor
max_contacts=1
[bad]
type=auth
username=bad
password={SECRET} ; not this
nonce_lifetime=-1
[spelled]
type=auth
username=spelled
pasword={SECRET}
[digest]
type=auth
username=d
password_digest={SECRET}
[old]
type=auth
auth_type=md5
username=d
md5_cred={SECRET}00000000
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "pjsip.conf").write_text(PJSIP)
    (folder / "pjsip_wizard.conf").write_text(
        f"[w]\ntype=wizard\naccepts_auth=yes\ninbound_auth/username=w\ninbound_auth/password={SECRET}\n"
    )
    (folder / "secret").write_text(SECRET)
    (folder / "phones.csv").write_text(f"id,secret,auth/oauth_secret\n300,{SECRET},{SECRET}\n301,{SECRET},\n")
    (folder / "spelled.csv").write_text(f"id,auth/pasword\n300,{SECRET}\n")
    (folder / "sip.conf").write_text(
        f"[general]\nregister => u:{SECRET}@h/1\npasword={SECRET}\n[a]\ntype=friend\nsecret={SECRET}\n"
        f"md5secret={SECRET}00000000\nauth=u:{SECRET}@r\nremotesecret={SECRET}\nhost=dynamic\n"
    )
    (folder / "sorcery.conf").write_text("[writes]\npjsip.conf=yes\n")
    (folder / "databases.conf").write_text(f"[pbx]\nurl={UNREACHABLE}\n")
    (folder / "extconfig.conf").write_text("[settings]\nps_aors => pgsql,pbx\n")
    return folder


def test_no_log_of_loading_writing_and_reading_shows_a_secret(
    log: StringIO, directory: Path, database: Path, tmp_path: Path
) -> None:
    for target in (directory, f"sqlite:///{database}", "memory:"):
        with Sorcery.open(target, writable=True, image=tmp_path / "image", astdb=tmp_path / "a.sqlite3") as s:
            s.create(Auth(id="made", username="m", password=SECRET))
            s.update(Auth(id="made", username="n", password=SECRET))
            s.retrieve_all(Auth)
            s.reload()
            s.faults(["auth"])
            assert SECRET not in "\n".join(map(str, s.report.findings)) + repr(s.report)
    assert log.getvalue()
    assert SECRET not in log.getvalue()


COMMANDS: list[tuple[str, ...]] = [
    ("show", "auth"),
    ("show", "auth", "alice"),
    ("check",),
    ("check", "--format", "sarif"),
    ("check", "--fix"),
    ("graph",),
    ("graph", "endpoint", "alice"),
    ("graph", "--format", "mermaid"),
    ("doctor",),
    ("update", "auth", "alice", f"password={SECRET}2"),
    ("create", "auth", "alice", f"password={SECRET}"),
    ("create", "auth", "new", "username=n", f"password={SECRET}"),
    ("create", "auth", "new2", "username=n", f"password={SECRET}", "bogus=1"),
    ("create", "auth", "new3", "username=n", f"pasword={SECRET}"),
    ("delete", "endpoint", "alice", "--cascade", "--dry-run"),
    ("auth", "seal", "--realm", "r", "--all", "--dry-run"),
    ("auth", "seal", "--realm", "r", "--all"),
    ("contacts", "reap", "--absent-aors"),
    ("rename", "auth", "alice", "alicia"),
    ("rename", "auth", "alice", "alicia", "--dry-run"),
    ("new", "phone", "alice", "--secret-from", "file:{directory}/secret"),
    ("new", "phone", "200", "--secret-from", "file:{directory}/secret", "--dry-run"),
    ("new", "phone", "201", "--secret-from", "file:{directory}/secret", "--writable"),
    ("new", "phone", "202", "--secret-from", SECRET),
    ("new", "phone", "203", f"auth/password={SECRET}"),
    ("new", "phone", "204", f"auth/pasword={SECRET}"),
    ("new", "phone", "--from-csv", "{directory}/phones.csv"),
    ("new", "phone", "--from-csv", "{directory}/spelled.csv"),
    ("new", "phone", "--from-csv", "{directory}/phones.csv", "--seal", "r", "--dry-run"),
    ("conf", "fmt", "--diff", "{directory}/pjsip.conf"),
    ("conf", "fmt", "--check", "{directory}/pjsip.conf"),
    ("import", "{directory}/sip.conf", "--to", "sqlite:///{database}", "--dry-run"),
    ("import", "{directory}/sip.conf", "--to", "sqlite:///{database}"),
    ("plan", "{directory}", "sqlite:///{database}", "--out", "{directory}/saved.plan"),
    ("conf", "dump", "{directory}/pjsip.conf"),
    ("plan", "sqlite:///{database}", "{directory}"),
    ("plan", "{directory}", "sqlite:///{database}"),
    ("db", "check", UNREACHABLE),
    ("db", "sql", "sqlite:///{database}", "--from-existing"),
    ("db", "downgrade", "sqlite:///{database}"),
    ("db", "notify", "on", "sqlite:///{database}"),
    ("db", "notify", "status", "sqlite:///{database}"),
    ("db", "notify", "off", "sqlite:///{database}"),
    ("db", "notify", "on", UNREACHABLE),
    ("copy", "auth", "--from", "{directory}", "--to", "sqlite:///{database}"),
    ("copy", "--from", "{directory}", "--to", "sqlite:///{database}", "--existing", "fail"),
    ("copy", "--from", "{directory}", "--to", "sqlite:///{database}", "--dry-run"),
    ("shadow", "--compare"),
    ("plan", UNREACHABLE, "{directory}"),
    ("copy", "auth", "--from", UNREACHABLE, "--to", "{directory}"),
    ("import", "--sippeers", UNREACHABLE),
    ("init", "--backend", UNREACHABLE),
    ("writes", "list"),
    ("writes", "replay"),
    ("db", "upgrade", UNREACHABLE),
    ("db", "check", UNREACHABLE),
    ("db", "kamailio", "on", UNREACHABLE),
    ("db", "kamailio", "status", UNREACHABLE),
    ("db", "sql", "sqlite:///{database}"),
    ("feed", "run", "--to", f"ami://u:{SECRET}@127.0.0.1:1"),
    ("feed", "run", "--to", "ami://u:file:{directory}/secret@127.0.0.1:1"),
    ("feed", "status"),
]
RUNS = [
    pytest.param(words, json, id=f"{'json' if json else 'text'}-{' '.join(words)}")
    for words in COMMANDS
    for json in (False, True)
    if not (json and words[:2] == ("conf", "dump"))  # whose JSON is the content of the file, as its page says
]


@pytest.mark.parametrize(("words", "json"), RUNS)
def test_no_command_prints_a_secret(
    words: tuple[str, ...],
    json: bool,
    directory: Path,
    database: Path,
    log: StringIO,
    capsys: pytest.CaptureFixture[str],
) -> None:
    filled = [word.format(directory=directory, database=database) for word in words]
    main(["-C", str(directory), *filled, *(["--json"] if json else [])])
    said = capsys.readouterr()
    assert said.out + said.err
    assert SECRET not in said.out + said.err + log.getvalue()


def test_carrying_out_a_saved_plan_prints_no_secret(
    directory: Path, database: Path, log: StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    (directory / "extconfig.conf").unlink()
    (directory / "pjsip_wizard.conf").unlink()
    saved = str(directory / "saved.plan")
    assert main(["plan", f"sqlite:///{database}", str(directory), "--out", saved]) == 1
    assert SECRET in Path(saved).read_text()
    assert main(["apply", saved, "--dry-run"]) == main(["apply", saved]) == 0
    assert main(["apply", saved]) != 0
    said = capsys.readouterr()
    assert "********" in said.out
    assert SECRET not in said.out + said.err + log.getvalue()
