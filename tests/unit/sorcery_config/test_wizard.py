from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sorcery import Sorcery, source
from sorcery.conf import Outline, globs, read_outline
from sorcery.environment import Environment
from sorcery.errors import ConfigurationError, Unavailable
from sorcery.pjsip import Aor, Auth, Endpoint
from sorcery.wizard import Loader, Writer
from sorcery_config import ConfigWizard

if TYPE_CHECKING:
    from tests.unit.sorcery_config.conftest import Folder

GOOD = "[a]\ntype=phone\n[a]\ntype=room\n[house]\nstreet=x\n"


def test_it_loads_and_can_write() -> None:
    assert isinstance(ConfigWizard(), Loader)
    assert isinstance(ConfigWizard(), Writer)


def test_wrong_arguments_are_refused_at_open(folder: Folder) -> None:
    with pytest.raises(ConfigurationError, match="no file is named"):
        folder.phones("")


def test_ignored_arguments_are_reported_at_each_load(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\n")
    folder.phones("phones.conf,criteria=type=phone,buckets=many")
    for _ in range(2):
        assert folder.told(folder.load().findings) == [("warning", "config-arguments", "")]


def test_a_file_is_parsed_once_for_all_its_types(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[Path | str] = []

    def counted(path: Path | str, **options: Any) -> Outline:
        parsed.append(path)
        return read_outline(path, **options)

    monkeypatch.setattr(source, "read_outline", counted)
    folder.write(GOOD)
    folder.phones(), folder.rooms(), folder.houses()
    folder.load()
    assert len(parsed) == 1
    folder.load()
    assert len(parsed) == 1
    folder.write(GOOD + "\n")
    folder.load()
    assert len(parsed) == 2


def test_nothing_is_visible_before_the_commit(folder: Folder) -> None:
    folder.write(GOOD)
    phones = folder.phones()
    loaded = folder.wizard.load([phones])
    with pytest.raises(Unavailable):
        phones.retrieve("a")
    loaded.commit()
    assert phones.retrieve("a") is not None
    folder.write("[b]\ntype=phone\n")
    forgotten = folder.wizard.load([phones])
    assert [obj.id for obj in forgotten.stores[phones].difference.created] == ["b"]
    assert folder.ids(phones) == ["a"]
    assert folder.load().stores.keys() == {phones}
    assert folder.ids(phones) == ["b"]


def test_an_unchanged_file_yields_no_store_and_the_same_findings(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\ncolour=x\nnonsense\n[b]\ntype=phone\n[b]\ntype=phone\n")
    folder.phones()
    first, again = folder.load(), folder.load()
    assert folder.told(first.findings) == [
        ("warning", "no-equals", folder.at(4)),
        ("warning", "deprecated-option", folder.at(3)),
        ("error", "duplicate-id", folder.at(7)),
    ]
    assert list(again.findings) == list(first.findings)
    assert again.stores == {}
    folder.write("[a]\ntype=phone\n")
    assert folder.load().findings == []


def test_a_store_opened_later_is_filled_from_an_unchanged_file(folder: Folder) -> None:
    folder.write(GOOD)
    phones = folder.phones()
    folder.load()
    before = phones.snapshot
    rooms = folder.rooms()
    assert folder.load().stores.keys() == {rooms}
    assert folder.ids(rooms) == ["a"]
    assert phones.snapshot is before


def test_a_file_that_changes_while_a_new_store_is_filled_is_loaded_for_all(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write(GOOD)
    phones = folder.phones()
    folder.load()
    folder.write("[b]\ntype=phone\n[b]\ntype=room\n")
    rooms = folder.rooms()
    monkeypatch.setattr(source.Source, "unchanged", lambda self: self.reading is not None)
    folder.load()
    assert folder.ids(phones) == folder.ids(rooms) == ["b"]


def test_a_released_store_lets_go_of_its_objects_and_leaves_the_others(folder: Folder) -> None:
    folder.write(GOOD)
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    folder.wizard.release(phones)
    with pytest.raises(Unavailable):
        phones.retrieve("a")
    assert folder.ids(rooms) == ["a"]
    folder.wizard.close()
    with pytest.raises(Unavailable):
        rooms.retrieve("a")


class TestInvalidFile:
    BROKEN = "[a]\ntype=phone\n[b\n"

    def test_at_the_start_reads_raise_with_the_place(self, folder: Folder) -> None:
        folder.write(self.BROKEN)
        phones = folder.phones()
        loaded = folder.load()
        assert folder.told(loaded.findings) == [("error", "header-unclosed-bracket", folder.at(3))]
        assert loaded.stores == {}
        with pytest.raises(Unavailable, match=folder.at(3)):
            phones.retrieve("a")

    def test_once_mended_it_loads(self, folder: Folder) -> None:
        folder.write(self.BROKEN)
        phones = folder.phones()
        folder.load()
        folder.write("[a]\ntype=phone\n")
        assert folder.load().findings == []
        assert folder.ids(phones) == ["a"]

    def test_later_everything_stays_and_each_load_says_so(self, folder: Folder) -> None:
        folder.write(GOOD)
        phones, rooms = folder.phones(), folder.rooms()
        folder.load()
        before = phones.snapshot, rooms.snapshot
        folder.write(self.BROKEN)
        for _ in range(3):
            loaded = folder.load()
            assert folder.told(loaded.findings) == [("error", "header-unclosed-bracket", folder.at(3))]
            assert "stays in force" in loaded.findings[0].message
            assert loaded.stores == {}
            assert (phones.snapshot, rooms.snapshot) == before

    def test_what_comes_of_it_is_told_with_the_line_that_broke_it(self, folder: Folder) -> None:
        folder.write("[a]\ntype=phone\n[b](none) ;--\n")
        folder.phones()
        refusal, comment = folder.load().findings
        assert (refusal.rule, comment.rule) == ("base-missing", "unterminated-comment")
        assert "nothing of the file is used" in refusal.message
        assert "nothing of the file is used" not in comment.message

    def test_a_renamed_template_makes_it_invalid(self, folder: Folder) -> None:
        folder.write("[t](!)\ntype=phone\n[a](t)\n")
        phones = folder.phones()
        folder.load()
        folder.write("[tt](!)\ntype=phone\n[a](t)\n")
        assert folder.told(folder.load().findings) == [("error", "base-missing", folder.at(3))]
        assert folder.ids(phones) == ["a"]
        folder.write("[tt](!)\ntype=phone\n[a](tt)\n")
        loaded = folder.load()
        assert loaded.findings == []
        assert not loaded.stores[phones].difference

    def test_a_missing_include_that_comes_mends_it(self, folder: Folder) -> None:
        folder.write("#include more.conf\n")
        phones = folder.phones()
        assert folder.told(folder.load().findings) == [("error", "include-missing", folder.at(1))]
        folder.write("[a]\ntype=phone\n", "more.conf")
        assert folder.load().findings == []
        assert folder.ids(phones) == ["a"]

    def test_other_files_are_loaded_all_the_same(self, folder: Folder) -> None:
        folder.write(self.BROKEN)
        folder.write("[r]\ntype=room\n", "rooms.conf")
        folder.phones()
        rooms = folder.rooms("rooms.conf,criteria=type=room")
        folder.load()
        assert folder.ids(rooms) == ["r"]


class TestMissingFile:
    def test_a_default_file_may_be_missing(self, folder: Folder) -> None:
        phones, rooms = folder.phones(), folder.rooms()
        for _ in range(2):
            (finding,) = folder.load().findings
            assert folder.told([finding]) == [("warning", "missing-file", f"{folder.path}/phones.conf")]
            assert "phone, room" in finding.message
        assert folder.ids(phones) == folder.ids(rooms) == []
        folder.write(GOOD)
        assert len(folder.load().stores[phones].difference.created) == 1

    def test_a_file_that_was_named_may_not(self, folder: Folder) -> None:
        phones = folder.phones("other.conf,criteria=type=phone")
        (finding,) = folder.load().findings
        assert folder.told([finding]) == [("error", "missing-file", f"{folder.path}/other.conf")]
        assert finding.remedy
        with pytest.raises(Unavailable, match=r"other\.conf"):
            phones.retrieve("a")
        with pytest.raises(Unavailable, match=r"other\.conf"):
            folder.ids(phones)

    def test_a_default_file_that_is_there_but_cannot_be_read_is_not_empty(self, folder: Folder) -> None:
        (folder.path / "phones.conf").mkdir()
        phones = folder.phones()
        assert ("error", "missing-file", f"{folder.path}/phones.conf") in folder.told(folder.load().findings)
        with pytest.raises(Unavailable):
            phones.retrieve("a")

    def test_one_that_vanishes_keeps_everything_until_it_is_back(self, folder: Folder) -> None:
        path = folder.write(GOOD)
        phones = folder.phones()
        folder.load()
        path.unlink()
        for _ in range(2):
            loaded = folder.load()
            assert folder.told(loaded.findings) == [("error", "missing-file", str(path))]
            assert loaded.stores == {}
            assert folder.ids(phones) == ["a"]
        folder.write("[b]\ntype=phone\n")
        folder.load()
        assert folder.ids(phones) == ["b"]

    def test_an_empty_file_empties_every_type(self, folder: Folder) -> None:
        folder.write(GOOD)
        phones, rooms = folder.phones(), folder.rooms()
        folder.load()
        folder.write("")
        loaded = folder.load()
        assert folder.ids(phones) == folder.ids(rooms) == []
        assert [obj.id for obj in loaded.stores[phones].difference.deleted] == ["a"]

    def test_a_pattern_without_files_is_missing(self, folder: Folder) -> None:
        phones = folder.phones("d/*.conf,criteria=type=phone")
        assert folder.told(folder.load().findings) == [("error", "missing-file", f"{folder.path}/d/*.conf")]
        folder.write("[a]\ntype=phone\n", "d/a.conf")
        folder.load()
        assert folder.ids(phones) == ["a"]


def test_a_pattern_of_too_many_files_is_told_and_changes_nothing(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.write("[a]\ntype=phone\n", "d/a.conf")
    phones = folder.phones("d/*.conf,criteria=type=phone")
    folder.load()
    folder.write("[b]\ntype=phone\n", "d/b.conf")
    monkeypatch.setattr(globs, "MAX_MATCHES", 1)
    (finding,) = folder.load().findings
    assert folder.told([finding]) == [("error", "configuration", f"{folder.path}/d/*.conf")]
    assert "stays in force" in finding.message
    assert finding.remedy
    assert folder.ids(phones) == ["a"]


def test_a_misspelt_type_counts_as_removed(folder: Folder) -> None:
    folder.write("[a]\ntype=phone\n[b]\ntype=phone\n")
    phones = folder.phones()
    folder.load()
    folder.write("[a]\ntype=fone\n[b]\ntype=phone\n")
    assert [obj.id for obj in folder.load().stores[phones].difference.deleted] == ["a"]


def test_exec_runs_only_where_it_is_allowed(folder: Folder) -> None:
    folder.write("#exec printf '[a]\\ntype=phone\\n'\n")
    phones = folder.phones()
    assert [finding.rule for finding in folder.load().findings] == ["exec-disabled"]
    assert folder.ids(phones) == []
    environment = Environment(directory=folder.path, exec_includes=True)
    allowed = folder.wizard.open(phones.object_type, "phones.conf,criteria=type=phone", environment)
    folder.wizard.load([allowed]).commit()
    assert folder.ids(allowed) == ["a"]


def test_readers_never_see_two_types_of_one_file_out_of_step(folder: Folder) -> None:
    folder.write("[x]\ntype=phone\ncontext=0\n[x]\ntype=room\nfloor=0\n")
    phones, rooms = folder.phones(), folder.rooms()
    folder.load()
    done, seen, wrong = threading.Event(), set[int](), list[tuple[int, int]]()

    def read() -> None:
        while not done.is_set():
            # Were the types swapped one by one, one order or the other would show a step back.
            for first, second in ((phone, room), (room, phone)):
                earlier, later = first(), second()
                seen.add(later)
                if later < earlier:
                    wrong.append((earlier, later))

    def phone() -> int:
        return int(phones.snapshot.objects["x"].context)  # type: ignore[attr-defined]

    def room() -> int:
        return int(rooms.snapshot.objects["x"].floor)  # type: ignore[attr-defined]

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    try:
        for step in range(1, 40):
            folder.write(f"[x]\ntype=phone\ncontext={step}\n[x]\ntype=room\nfloor={step}\n")
            folder.load()
    finally:
        done.set()
        for reader in readers:
            reader.join(timeout=60)
    assert wrong == []
    assert len(seen) > 1


class TestThroughSorcery:
    PJSIP = (
        "[t](!)\ntype=endpoint\ncontext=internal\n[alice](t)\nauth=alice\naors=alice\n"
        "[alice]\ntype=auth\nusername=alice\npassword=s3cret\n[alice]\ntype=aor\nmax_contacts=1\n"
    )

    def test_a_directory_is_read_as_asterisk_reads_it(self, folder: Folder) -> None:
        folder.write(self.PJSIP, "pjsip.conf")
        with Sorcery.open(folder.path) as system:
            alice = system.retrieve_by_id(Endpoint, "alice")
            assert alice is not None
            assert alice.context == "internal"
            auth = system.retrieve_by_id(Auth, "alice")
            assert auth is not None
            assert auth.password.reveal() == "s3cret"
            assert [obj.id for obj in system.retrieve_by_fields(Aor, max_contacts="1")] == ["alice"]

    def test_a_reload_reports_what_it_did(self, folder: Folder) -> None:
        folder.write(self.PJSIP, "pjsip.conf")
        with Sorcery.open(folder.path) as system:
            text = self.PJSIP.replace("max_contacts=1", "max_contacts=x").replace("internal", "sales")
            folder.write(text + "[bob]\ntype=aor\n", "pjsip.conf")
            report = system.reload()
            assert dict(report.updated) == {"endpoint": ("alice",)}
            assert dict(report.created) == {"aor": ("bob",)}
            assert dict(report.kept) == {"aor": ("alice",)}
            assert folder.told(report.errors) == [("error", "refused-value", folder.at(13, "pjsip.conf"))]
            again = system.reload()  # nothing changed, nothing is mended
            assert not again
            assert (again.kept, again.errors) == (report.kept, report.errors)

    def test_auth_objects_take_over_the_algorithms_of_global(self, folder: Folder) -> None:
        digest = "SHA-256:" + "a" * 64
        auth = f"[alice]\ntype=auth\nusername=alice\npassword_digest={digest}\n"
        algorithms = "\n".join(f"default_auth_algorithms_{side}=SHA-256" for side in ("uas", "uac"))
        folder.write(auth + f"[global]\n{algorithms}\n", "pjsip.conf")
        with Sorcery.open(folder.path) as system:
            assert system.report.errors == ()
            alice = system.retrieve_by_id(Auth, "alice")
            assert alice is not None
            assert tuple(alice.supported_algorithms_uas) == ("SHA-256",)
            folder.write(auth, "pjsip.conf")  # back to MD5, which there is no digest for
            report = system.reload()
            assert report.kept == {"auth": ("alice",)}
            assert "MD5" in report.errors[0].message

    def test_a_dangling_reference_is_placed_on_its_line(self, folder: Folder) -> None:
        folder.write(self.PJSIP.replace("aors=alice", "aors=bob"), "pjsip.conf")
        with Sorcery.open(folder.path) as system:
            found = [each for each in system.report.findings if each.rule == "dangling-reference"]
            assert folder.told(found) == [("warning", "dangling-reference", folder.at(6, "pjsip.conf"))]

    def test_a_broken_file_does_not_keep_the_system_from_opening(self, folder: Folder) -> None:
        folder.write("[alice\n", "pjsip.conf")
        with Sorcery.open(folder.path) as system:
            assert folder.at(1, "pjsip.conf") in [str(finding.place) for finding in system.report.errors]
            with pytest.raises(Unavailable):
                system.retrieve_by_id("endpoint", "alice")

    @pytest.mark.parametrize("name", ["selection", "duplicate-ids", "many-globals", "templates"])
    def test_the_objects_are_those_that_asterisk_had(self, folder: Folder, name: str) -> None:
        vectors = Path(__file__).parents[2] / "data" / "object-vectors"
        folder.write((vectors / f"{name}.conf").read_bytes().decode("utf-8", "surrogateescape"), "pjsip.conf")
        expected = json.loads((vectors / f"{name}.json").read_text(encoding="utf-8"))["objects"]
        with Sorcery.open(folder.path, compat=True) as system:
            keys = [key for key in expected if key.partition("/")[0] in system.types]
            exist = {key: system.retrieve_by_id(*key.split("/", 1)) is not None for key in keys}
        assert exist == {key: expected[key] is not None for key in keys}
        assert len(exist) > 5


@pytest.mark.parametrize("file", ["pjsip.conf", "pjsip_wizard.conf"])
def test_a_reload_follows_what_asterisk_conf_says_of_commands(tmp_path: Path, file: str) -> None:
    kind = "type=aor" if file == "pjsip.conf" else "type=wizard"
    (tmp_path / file).write_text(f"#exec printf '[a]\\n{kind}\\n'\n")
    commands = tmp_path / "asterisk.conf"
    commands.write_text("[options]\nexecincludes = no\n")
    with Sorcery.open(tmp_path) as s:
        assert s.retrieve_by_id(Aor, "a") is None
        commands.write_text("[options]\nexecincludes = yes\n")
        report = s.reload()
        assert s.retrieve_by_id(Aor, "a") is not None
        assert not [finding for finding in report.findings if finding.rule == "exec-disabled"]
        commands.write_text("[options]\nexecincludes = no\n")
        s.reload()
        assert s.retrieve_by_id(Aor, "a") is None
