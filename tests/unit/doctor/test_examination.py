"""The chains of a whole system: each mapping has one, and its first broken link is named."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sorcery import Sorcery
from sorcery.doctor.chains import Chain, Diagnosis, Link, State
from sorcery.doctor.examination import examine
from sorcery.doctor.files import user_name
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.objecttype import ObjectType
from sorcery.registry import Registry
from sorcery.steps import Broken, Step
from sorcery_memory import MemoryWizard

PJSIP = "[alice]\ntype=endpoint\naors=alice\n[alice]\ntype=aor\nmax_contacts=2\n"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "pjsip.conf").write_text(PJSIP)
    return tmp_path


def chain(found: Diagnosis, title: str) -> Chain:
    return next(each for each in found.chains if each.title.startswith(title))


def broken(directory: Path, title: str) -> Link:
    found = chain(examine(str(directory)), title).first_broken
    assert found is not None
    return found


def test_every_type_of_a_good_directory_holds(directory: Path) -> None:
    found = examine(str(directory))
    assert found.is_good
    assert not found.is_silent
    assert not found.mendings()
    endpoint = chain(found, "endpoint = config")
    assert (endpoint.type_name, endpoint.links[-1].text) == ("endpoint", "1 object")
    assert [link.name for link in endpoint.links] == [
        *("directory", "sorcery.conf", "mapping", "arguments", "file", "syntax", "writing", "objects")
    ]


def test_types_can_be_chosen(directory: Path) -> None:
    assert [each.type_name for each in examine(str(directory), names=("aor", "endpoint")).chains] == ["endpoint", "aor"]


def test_second_stores_have_chains_of_their_own(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[shadow]\naor = config,other.conf,criteria=type=aor\nsample = 0.5\n")
    (directory / "other.conf").write_text("[alice]\ntype=aor\n[bob]\ntype=aor\n")
    found = examine(str(directory), names=("aor", "endpoint"))
    assert [each.title for each in found.chains] == [
        "endpoint = config,pjsip.conf,criteria=type=endpoint",
        "aor = config,pjsip.conf,criteria=type=aor",
        "[shadow] aor = config,other.conf,criteria=type=aor",
    ]
    shadow = found.chains[-1]
    assert (shadow.is_shadow, shadow.place and shadow.place.line, shadow.links[-1].text) == (True, 2, "2 objects")
    assert [each["shadow"] for each in found.data()["chains"]] == [False, False, True]


def test_a_second_store_that_is_broken_is_a_limit_for_nobody_depends_on_it(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[shadow]\naor = realtime,ps_aors\n")
    found = examine(str(directory), names=("aor",))
    shadow = found.chains[-1]
    assert shadow.first_broken is not None
    assert (shadow.first_broken.name, shadow.state) == ("family", State.LIMITED)
    assert (found.is_good, found.is_silent, found.mendings()) == (True, False, ())
    (limit,) = found.mendings(State.LIMITED)
    assert (limit.link.name, limit.chains) == ("family", (shadow,))


def test_a_line_of_the_second_stores_that_comes_to_nothing_has_a_chain(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[shadow]\naors = config,other.conf\n")
    found = examine(str(directory))
    last = found.chains[-1]
    assert (last.title, last.is_shadow, last.state, found.is_good) == ("[shadow]", True, State.LIMITED, True)
    assert "no object type 'aors' is known here" in last.links[-1].text


def test_a_second_store_that_is_silent_does_not_make_the_whole_silent(directory: Path) -> None:
    class Hanging:
        label = "there"

        def retrieve(self, id: str) -> NoReturn:
            raise Unavailable("there", "it is down")

        def search(self, query: object) -> NoReturn:
            raise Unavailable("there", "it is down")

    class HangingWizard(MemoryWizard):
        def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> Any:
            return Hanging()

        def release(self, store: object) -> None: ...

    registry = Registry()
    registry.register("hanging", HangingWizard)
    (directory / "sorcery.conf").write_text("[shadow]\naor = hanging\n")
    found = examine(str(directory), names=("aor",), registry=registry)
    assert (found.is_good, found.is_silent) == (True, False)
    assert found.chains[-1].links[-1].silent
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = hanging\n[shadow]\nendpoint = hanging\n")
    found = examine(str(directory), names=("aor",), registry=registry)
    assert (found.is_good, found.is_silent) == (False, True)


def test_who_watches_hears_of_each_mapping(directory: Path) -> None:
    heard: list[str] = []
    examine(str(directory), names=("contact",), watch=heard.append)
    assert heard == ["contact = astdb,registrar"]


def test_a_refused_file_around_the_objects_breaks_every_type(directory: Path) -> None:
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => odbc,a\n[b\n")
    (only,) = examine(str(directory)).chains
    found = only.first_broken
    assert only.title == "every type"
    assert found is not None
    assert (found.name, found.place and found.place.line) == ("extconfig.conf", 3)
    (directory / "extconfig.conf").write_text("[settings]\nps_aors => odbc,a\n[b]\n")
    assert examine(str(directory)).is_good


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    (only,) = examine(str(tmp_path / "no")).chains
    assert only.first_broken is not None
    assert only.first_broken.name == "directory"


def test_a_wizard_that_is_misspelt(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = confg,pjsip.conf\n")
    found = broken(directory, "aor = confg")
    assert (found.name, found.mending, found.place and found.place.line) == ("mapping", "did you mean config?", 2)


@pytest.mark.parametrize(
    ("line", "said", "mending"),
    [
        ("[res_pjsip]\nendpint = memory\n", "no object type 'endpint'", "did you mean endpoint?"),
        ("[res_pjsip]\nlog_mappings = memory\n", "has no effect in [res_pjsip]", "move the line to section"),
    ],
)
def test_a_line_that_maps_nothing_has_a_chain_of_its_own(directory: Path, line: str, said: str, mending: str) -> None:
    (directory / "sorcery.conf").write_text(line)
    found = examine(str(directory))
    (wrong,) = (each for each in found.chains if each.state is State.BROKEN)
    assert wrong.first_broken is not None
    assert wrong.first_broken.name == "section"
    assert said in wrong.first_broken.text
    assert mending in wrong.first_broken.mending
    assert wrong.first_broken.place is not None


def test_a_cache_that_has_nobody_to_ask(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor/cache = memory_cache,maximum_objects=5\n")
    found = broken(directory, "aor/cache")
    assert (found.name, "write a store below it" in found.mending) == ("store", True)


def test_a_store_that_is_mapped_as_a_cache(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor/cache = memory\naor = memory,x\n")
    found = broken(directory, "aor/cache")
    assert (found.name, found.mending, found.place and found.place.line) == ("store", "write aor = memory", 2)


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("[res_pjsip]\nendpoint/cache = {cache}{endpoint}aor/cache = {cache}{aor}", "is named 'x' already", 4),
        ("[image]\npath = /var/lib/image\n", "there is no such option", 2),
    ],
)
def test_what_no_mapping_is_to_blame_for_and_refuses_the_system_has_a_chain_of_its_own(
    directory: Path, text: str, said: str, line: int
) -> None:
    stores = {name: f"{name} = config,pjsip.conf,criteria=type={name}\n" for name in ("aor", "endpoint")}
    (directory / "sorcery.conf").write_text(text.format(**stores, cache="memory_cache,name=x\n"))
    with pytest.raises(ConfigurationError):
        Sorcery.open(directory)
    found = examine(str(directory))
    (wrong,) = (each for each in found.chains if each.state is State.BROKEN)
    (mending,) = found.mendings()
    assert (wrong.title, mending.link.name) == ("all types together", "together")
    assert said in mending.link.text
    assert mending.link.place is not None
    assert mending.link.place.line == line


def test_a_cache_has_options_that_mean_something(directory: Path) -> None:
    store = "aor = config,pjsip.conf,criteria=type=aor\n"
    (directory / "sorcery.conf").write_text(f"[res_pjsip]\naor/cache = memory_cache,maximum=5\n{store}")
    found = broken(directory, "aor/cache")
    assert (found.name, "maximum_objects" in found.mending) == ("options", True)
    (directory / "sorcery.conf").write_text(f"[res_pjsip]\naor/cache = memory_cache\n{store}")
    assert chain(examine(str(directory)), "aor/cache").state is State.LIMITED


def test_an_object_that_is_refused_is_named_with_its_line(directory: Path) -> None:
    (directory / "pjsip.conf").write_text(PJSIP.replace("=2", "=two"))
    found = broken(directory, "aor = config")
    assert (found.name, found.place and found.place.line) == ("objects", 6)
    (directory / "pjsip.conf").write_text(PJSIP)
    assert examine(str(directory)).is_good


@pytest.mark.parametrize("name", ["aors.conf", "a*rs.conf"])
def test_a_file_that_is_not_there_although_it_is_mapped(directory: Path, name: str) -> None:
    (directory / "sorcery.conf").write_text(f"[res_pjsip]\naor = config,{name},criteria=type=aor\n")
    found = broken(directory, "aor = config")
    assert (found.name, found.mending) == ("file", "create it, or map the type elsewhere in sorcery.conf")
    (directory / "aors.conf").write_text("")
    assert examine(str(directory)).is_good


def test_arguments_of_config_that_mean_nothing(directory: Path) -> None:
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = config,pjsip.conf,criteria\n")
    assert broken(directory, "aor = config").name == "arguments"


def test_a_section_of_pjsip_wizard_that_is_refused(directory: Path) -> None:
    (directory / "pjsip_wizard.conf").write_text("[a]\ntype=wizard\n[b\n")
    found = broken(directory, "endpoint = pjsip_wizard")
    assert (found.name, found.place and found.place.line) == ("syntax", 3)


def test_an_astdb_that_is_something_else(directory: Path) -> None:
    file = directory / "astdb.sqlite3"
    file.write_text("no database at all")
    assert broken(directory, "contact = astdb").name == "header"
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE astdb (name, text)")
    connection.close()
    found = broken(directory, "contact = astdb")
    assert (found.name, found.text) == ("schema", "its table astdb has no column key, value")
    file.unlink()
    assert examine(str(directory)).is_good


def test_an_astdb_that_somebody_holds(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sorcery.doctor.sqlite.WAIT", 0.05)
    other = sqlite3.connect(directory / "astdb.sqlite3", isolation_level=None)
    other.execute("CREATE TABLE astdb (key, value)")
    other.execute("BEGIN EXCLUSIVE")
    found = broken(directory, "contact = astdb")
    assert (found.name, found.silent) == ("answer", True)
    other.execute("ROLLBACK")
    other.close()
    assert examine(str(directory)).is_good


def test_an_astdb_in_a_folder_that_is_not_there(directory: Path) -> None:
    folder = directory / "data base"
    (directory / "asterisk.conf").write_text(f"[directories]\nastdbdir => {folder}\n")
    found = broken(directory, "contact = astdb")
    assert (found.name, found.mending) == ("file", f"run: mkdir -p '{folder}'")
    folder.mkdir()
    assert examine(str(directory)).is_good


@pytest.mark.parametrize("line", ["astdb,registrar", "realtime,ps_contacts"])
def test_a_database_behind_a_folder_that_this_user_may_not_enter(
    poor: Callable[[], AbstractContextManager[None]], line: str
) -> None:
    with tempfile.TemporaryDirectory() as name:  # which everybody may walk to
        directory = Path(name)
        directory.chmod(0o755)
        (directory / "closed/inner").mkdir(parents=True)
        (directory / "closed").chmod(0o700)
        for file, text in {
            "asterisk.conf": f"[directories]\nastdbdir => {directory}/closed/inner\n",
            "sorcery.conf": f"[res_pjsip]\ncontact = {line}\n",
            "extconfig.conf": "[settings]\nps_contacts => sqlite3,pbx\n",
            "databases.conf": "[pbx]\nurl = sqlite:///closed/inner/pbx.db\n",
        }.items():
            (directory / file).write_text(text)
        if "realtime" in line:
            (directory / "asterisk.conf").unlink()  # no Asterisk is beside it
        examine(name, names=("contact",))  # imports what a user without rights may not be able to
        with poor():
            user = user_name()
            found = examine(name, names=("contact",)).chains[0].first_broken
    assert found is not None
    assert (found.name, found.mending) == ("file", f"run: setfacl -m u:{user}:x {directory}/closed")


def test_others_may_add_steps_before_the_objects(directory: Path) -> None:
    def look() -> str:
        raise Broken("narrow", "widen it")

    found = examine(str(directory), names=("aor",), beyond=lambda *_: [Step("types", look)])
    assert [link.state for link in found.chains[0].links[-2:]] == [State.BROKEN, State.UNSEEN]


class Clumsy(MemoryWizard):
    """A wizard with a mistake in it."""

    def open(self, object_type: ObjectType, arguments: str, environment: Environment) -> NoReturn:
        """Fail as nobody should."""
        raise KeyError("here")


def test_a_mistake_in_a_wizard_hides_no_other_chain(directory: Path) -> None:
    registry = Registry()
    registry.register("clumsy", Clumsy)
    (directory / "sorcery.conf").write_text("[res_pjsip]\naor = clumsy\n")
    found = examine(str(directory), names=("aor", "endpoint"), registry=registry)
    wrong, right = chain(found, "aor"), chain(found, "endpoint")
    assert (right.state, wrong.first_broken and wrong.first_broken.text) == (State.GOOD, "KeyError: 'here'")


def test_memory_holds_and_no_address_is_refused() -> None:
    assert examine("memory:").is_good
    with pytest.raises(ConfigurationError):
        examine("")


def test_nothing_is_written(directory: Path) -> None:
    before = {path.name: path.read_bytes() for path in directory.iterdir()}
    examine(str(directory))
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before
