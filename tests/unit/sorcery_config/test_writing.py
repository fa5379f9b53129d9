"""Objects written into the sections of a file: what of its text changes, what is refused, and who hears of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from sorcery import (
    AlreadyExists,
    ConfigurationError,
    Conflict,
    NotFound,
    NotWritable,
    Object,
    PartialWrite,
    Sorcery,
    StoreRefused,
    Unavailable,
)
from sorcery.conf import Category
from sorcery.conf.editing import EditRefused, saving
from sorcery.pjsip import Aor, Auth, Endpoint, Global
from sorcery.source import Source
from sorcery.testing.systems import Recorder
from sorcery_config.documents import Documents
from sorcery_config.sections import Selection

WRITES = "[writes]\npjsip.conf = yes\n"
PJSIP = """\
; Our phones

[phone](!)
type    = endpoint
context = internal      ; everybody
allow   = !all,ulaw

; Alice, second floor
[alice](phone)
callerid = "Alice" <100>    ; as shown
aors     = alice

[alice]
type = auth
#include secrets.inc

[alice]
type = aor
contact = sip:a@192.0.2.1  ; one
contact = sip:b@192.0.2.2  ; two

[alice](+type=aor)
max_contacts = 3

; Bob
[bob](phone)
"""
SECRETS = "username = alice\r\npassword = x\\;y\r\n"
SOON = 60.0


@attrs.define
class Files:
    """A configuration directory."""

    folder: Path

    def put(self, name: str, text: str) -> None:
        (self.folder / name).write_bytes(text.encode())

    def get(self, name: str = "pjsip.conf") -> str:
        return (self.folder / name).read_bytes().decode()

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    files = Files(tmp_path)
    for name, text in (("sorcery.conf", WRITES), ("pjsip.conf", PJSIP), ("secrets.inc", SECRETS)):
        files.put(name, text)
    return files


@pytest.fixture
def s(files: Files) -> Iterator[Sorcery]:
    with Sorcery.open(files.folder) as s:
        yield s


def change(s: Sorcery, cls: type[Object], id: str, **options: Any) -> None:
    found = s.retrieve_by_id(cls, id)
    assert found is not None
    s.update(found.evolve(**options))


def together(
    s: Sorcery, create: Iterable[Object] = (), update: Iterable[Object] = (), delete: Iterable[Object] = ()
) -> None:
    with s.transaction() as t:
        for obj in update:
            t.update(obj)
        for obj in create:
            t.create(obj)
        for obj in delete:
            t.delete(obj)


def unchanged(s: Sorcery) -> bool:
    """Reload; nothing is news, and all objects are what a new system reads."""
    report = s.reload()
    with Sorcery.open(s.environment.directory or "") as again:
        for name in s.types:
            assert again.retrieve_all(name) == s.retrieve_all(name)
    return not (report.created or report.updated or report.deleted or report.errors)


# Who may


def test_it_is_off_unless_somebody_allows_it(files: Files) -> None:
    files.put("sorcery.conf", "")
    with Sorcery.open(files.folder) as s:
        for change in (s.create, s.update, s.delete):
            with pytest.raises(NotWritable, match=r"or write pjsip\.conf = yes under \[writes\] in sorcery\.conf"):
                change(Aor("alice"))
    assert files.get() == PJSIP


@pytest.mark.parametrize(
    "text",
    [
        WRITES,
        "[Writes]\npjsip.conf => On\n",
        "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor,writable=yes\n",
    ],
)
def test_a_line_about_a_file_or_in_a_mapping_allows_it(files: Files, text: str) -> None:
    files.put("sorcery.conf", text)
    with Sorcery.open(files.folder) as s:
        change(s, Aor, "alice", max_contacts=4)
    assert files.get() == PJSIP.replace("max_contacts = 3", "max_contacts = 4")


def test_a_keyword_allows_it_for_every_file(files: Files) -> None:
    files.put("sorcery.conf", "")
    with Sorcery.open(files.folder, writable=True) as s:
        change(s, Aor, "alice", max_contacts=4)
        files.put("sorcery.conf", "; changed\n")
        s.reload()
        change(s, Aor, "alice", max_contacts=5)


def test_a_mapping_allows_it_for_its_type_alone(files: Files) -> None:
    files.put("sorcery.conf", "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor,writable=yes\n")
    with Sorcery.open(files.folder) as s, pytest.raises(NotWritable):
        s.delete(Endpoint("bob"))


def test_what_a_reload_finds_allowed_is_allowed_from_then_on(files: Files) -> None:
    files.put("sorcery.conf", "")
    with Sorcery.open(files.folder) as s:
        files.put("sorcery.conf", WRITES)
        assert not s.reload().errors
        change(s, Aor, "alice", max_contacts=4)
        files.put("sorcery.conf", "; no more\n")
        assert not s.reload().updated
        with pytest.raises(NotWritable):
            change(s, Aor, "alice", max_contacts=5)


def test_a_line_that_is_neither_yes_nor_no_is_refused(files: Files) -> None:
    files.put("sorcery.conf", "[writes]\npjsip.conf = perhaps\n")
    with pytest.raises(ConfigurationError, match=r"sorcery\.conf:2: .*neither yes nor no; write pjsip\.conf = yes"):
        Sorcery.open(files.folder)


def test_a_pattern_of_files_is_not_written(files: Files) -> None:
    files.put("sorcery.conf", "[res_pjsip]\naor=config,pjsip*.conf,criteria=type=aor,writable=yes\n")
    with Sorcery.open(files.folder) as s, pytest.raises(NotWritable, match="map it to one file"):
        change(s, Aor, "alice", max_contacts=5)


def test_an_object_behind_which_others_may_be_written_says_how_to_allow_it(files: Files) -> None:
    files.put("sorcery.conf", "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor\naor=memory\n")
    with (
        Sorcery.open(files.folder) as s,
        pytest.raises(NotWritable, match=r"change it there, or write pjsip\.conf = yes"),
    ):
        change(s, Aor, "alice", max_contacts=5)


# What of the text changes


def test_the_line_that_decides_is_changed_and_its_comment_stays(s: Sorcery, files: Files) -> None:
    change(s, Endpoint, "alice", callerid="Alice <101>")
    assert files.get() == PJSIP.replace("<100>", "<101>")
    assert unchanged(s)


def test_what_is_inherited_is_overridden_and_set_back_by_removing_the_line(s: Sorcery, files: Files) -> None:
    change(s, Endpoint, "alice", context="sales", allow="!all,g722")
    own = "aors     = alice\n"
    assert files.get() == PJSIP.replace(own, own + "context  = sales\nallow    = !all,g722\n")
    assert unchanged(s)
    change(s, Endpoint, "alice", context="internal", allow="!all,ulaw")
    assert files.get() == PJSIP


def test_an_edit_lands_in_the_file_where_the_line_lives_and_a_secret_is_written_exactly(
    s: Sorcery, files: Files
) -> None:
    change(s, Auth, "alice", password="p;q\\;;")
    assert files.get() == PJSIP
    assert files.get("secrets.inc") == "username = alice\r\npassword = p\\;q\\\\;\\;\r\n"
    found = s.retrieve_by_id(Auth, "alice")
    assert found is not None
    assert found.password.reveal() == "p;q\\;;"
    assert unchanged(s)


def test_lines_of_a_list_that_stay_keep_their_comments(s: Sorcery, files: Files) -> None:
    change(s, Aor, "alice", contact=["sip:b@192.0.2.2", "sip:c@192.0.2.3;transport=tcp"])
    assert files.get() == PJSIP.replace("contact = sip:a@192.0.2.1  ; one\n", "").replace(
        "; two\n", "; two\ncontact = sip:c@192.0.2.3\\;transport=tcp\n"
    )
    assert unchanged(s)


def test_what_is_added_elsewhere_to_a_section_is_changed_there(s: Sorcery, files: Files) -> None:
    change(s, Aor, "alice", max_contacts=5)
    assert files.get() == PJSIP.replace("max_contacts = 3", "max_contacts = 5")
    change(s, Aor, "alice", max_contacts=0)
    assert files.get() == PJSIP.replace("max_contacts = 3\n", "")


def test_an_update_that_changes_nothing_writes_nothing(s: Sorcery, files: Files) -> None:
    stamp = (files.folder / "pjsip.conf").stat()
    change(s, Endpoint, "alice")
    assert (files.folder / "pjsip.conf").stat() == stamp


def test_a_new_object_is_a_new_section_that_begins_with_what_the_mapping_wants(s: Sorcery, files: Files) -> None:
    s.create(Endpoint("carol;x", aors=["a", "b"], allow="!all,g722"))
    assert files.get() == PJSIP + "\n[carol\\;x]\ntype = endpoint\nallow = g722\naors = a,b\n"
    assert unchanged(s)


def test_a_new_object_goes_to_the_file_of_the_newest_one_of_its_type(files: Files) -> None:
    files.put("pjsip.conf", "[a]\ntype=aor\n#include more.inc\n[b]\ntype=endpoint\n")
    files.put("more.inc", "[c]\ntype=auth\nusername=c\npassword=c\n")
    with Sorcery.open(files.folder) as s:
        s.create(Auth("d", username="d", password="p"))
        assert (
            files.get("more.inc")
            == "[c]\ntype=auth\nusername=c\npassword=c\n\n[d]\ntype=auth\nusername=d\npassword=p\n"
        )
        s.create(Aor("e"))
        assert files.get().endswith("[b]\ntype=endpoint\n\n[e]\ntype=aor\n")
        assert unchanged(s)


def test_where_a_section_at_that_file_s_end_would_take_lines_over_it_goes_to_the_mapped_one(files: Files) -> None:
    files.put("pjsip.conf", "#include auth.inc\n#include more.inc\n")
    files.put("auth.inc", "[c]\ntype=auth\nusername=c\npassword=c\n")
    files.put("more.inc", "password=p\n")
    with Sorcery.open(files.folder) as s:
        s.create(Auth("d", username="d", password="p"))
        assert files.get() == "#include auth.inc\n#include more.inc\n\n[d]\ntype = auth\nusername = d\npassword = p\n"
        assert unchanged(s)


def test_a_deletion_takes_the_comment_above_the_section_and_leaves_what_is_others(s: Sorcery, files: Files) -> None:
    s.delete(Endpoint("alice"))
    first = '; Alice, second floor\n[alice](phone)\ncallerid = "Alice" <100>    ; as shown\naors     = alice\n\n'
    assert files.get() == PJSIP.replace(first, "")
    s.delete(Aor("alice"))
    assert "type = aor" not in files.get()
    assert "(+type=aor)" not in files.get()
    s.delete(Auth("alice", username="any", password="any"))
    assert files.get("secrets.inc") == ""
    assert unchanged(s)


def test_a_file_that_is_not_there_is_made(files: Files) -> None:
    (files.folder / "pjsip.conf").unlink()
    with Sorcery.open(files.folder) as s:
        with pytest.raises(NotFound):
            s.delete(Aor("a"))
        assert "pjsip.conf" not in files.names()
        s.create(Aor("a"))
        s.create(Aor("b"))
        assert files.get() == "[a]\ntype = aor\n\n[b]\ntype = aor\n"
        assert not s.reload().updated
        assert unchanged(s)


def test_a_section_that_its_name_alone_makes_an_object_is_changed(files: Files) -> None:
    files.put("pjsip.conf", "[global]\nuser_agent=x\n")
    with Sorcery.open(files.folder) as s:
        change(s, Global, "global", user_agent="y")
        assert files.get() == "[global]\nuser_agent=y\n"
        with pytest.raises(StoreRefused, match="there may be but one, and there is 'global'"):
            s.create(Global("other"))


def test_an_object_that_its_file_describes_badly_is_mended(files: Files) -> None:
    files.put("pjsip.conf", "[a]\ntype=aor\nmax_contacts=2\n")
    with Sorcery.open(files.folder) as s:
        files.put("pjsip.conf", "; note\n[a]\ntype=aor\nmax_contacts=many\nnonsense=1\n")
        assert s.reload().kept == {"aor": ("a",)}
        s.update(Aor("a", max_contacts=3))
        assert files.get() == "; note\n[a]\ntype=aor\nmax_contacts=3\n"
        assert s.reload().errors == ()
        assert unchanged(s)


# What is refused


@pytest.mark.parametrize(
    ("obj", "complaint"),
    [
        (Aor("a]b"), r"holds a \]"),
        (Aor("x" * 80), "more than 79 bytes"),
        (Auth("a", username="x\ny", password="p"), "line feed"),
        (Auth("a", username=" x", password="p"), "begin or end with a blank"),
        (Auth("a", username="x" * 9000, password="p"), "8190|8191"),
    ],
)
def test_what_a_file_cannot_hold_is_refused_with_nothing_written(
    s: Sorcery, files: Files, obj: Object, complaint: str
) -> None:
    with pytest.raises(StoreRefused, match=complaint) as raised:
        together(s, create=[Aor("before"), obj], delete=[Endpoint("bob")])
    assert raised.value.id == obj.id
    assert files.get() == PJSIP
    assert files.names() == {"pjsip.conf", "sorcery.conf", "secrets.inc"}
    assert s.retrieve_by_id(Aor, "before") is None


def test_a_section_that_others_copy_is_not_changed(files: Files) -> None:
    files.put("pjsip.conf", "[a]\ntype=aor\nmax_contacts=2\n\n[b](a)\n")
    with Sorcery.open(files.folder) as s:
        for attempt in (lambda: change(s, Aor, "a", max_contacts=3), lambda: s.delete(Aor("a"))):
            with pytest.raises(StoreRefused, match=r"\[b\]|copies 'a'"):
                attempt()
        change(s, Aor, "b", max_contacts=3)
    assert files.get() == "[a]\ntype=aor\nmax_contacts=2\n\n[b](a)\nmax_contacts=3\n"


def test_what_a_template_does_not_let_a_section_say_is_refused(files: Files) -> None:
    files.put("pjsip.conf", "[t](!)\ntype=aor\ncontact=sip:t@192.0.2.1\n[a](t)\n")
    with Sorcery.open(files.folder) as s:
        with pytest.raises(
            StoreRefused, match=r"no lines of its own give it this contact, for what it copies from \[t\]"
        ):
            change(s, Aor, "a", contact=["sip:a@192.0.2.1"])
        change(s, Aor, "a", contact=["sip:t@192.0.2.1", "sip:a@192.0.2.1"])
        assert files.get().endswith("[a](t)\ncontact=sip:a@192.0.2.1\n")
        assert unchanged(s)


def test_an_object_of_two_mappings_is_not_changed(files: Files) -> None:
    files.put("pjsip.conf", "[a]\ntype=aor\n")
    files.put("sorcery.conf", "[res_pjsip]\nauth=config,pjsip.conf\n" + WRITES)
    with Sorcery.open(files.folder) as s, pytest.raises(StoreRefused, match=r"object of config pjsip\.conf auth too"):
        change(s, Aor, "a", max_contacts=2)


def test_an_option_that_the_mapping_chooses_by_stays(files: Files) -> None:
    files.put("pjsip.conf", "[a]\ntype=aor\nmax_contacts=2\n")
    files.put("sorcery.conf", f"[res_pjsip]\naor=config,pjsip.conf,criteria=max_contacts=2\n{WRITES}")
    with Sorcery.open(files.folder) as s:
        with pytest.raises(StoreRefused, match="no object of this mapping; keep max_contacts=2"):
            change(s, Aor, "a", max_contacts=3)
        s.create(Aor("b", max_contacts=2))
    assert files.get() == "[a]\ntype=aor\nmax_contacts=2\n\n[b]\nmax_contacts=2\n"


def test_an_object_that_the_mapping_does_not_name_is_refused_with_the_name(files: Files) -> None:
    files.put("sorcery.conf", "[res_pjsip]\nglobal=config,pjsip.conf,explicit_name=all\n" + WRITES)
    with Sorcery.open(files.folder) as s:
        with pytest.raises(StoreRefused, match=r"no object of this mapping; name it all$"):
            s.create(Global("other"))
        s.create(Global("all"))
        assert unchanged(s)


def test_a_file_that_is_refused_is_not_written(s: Sorcery, files: Files) -> None:
    files.put("pjsip.conf", PJSIP + "[broken\n")
    with pytest.raises(Unavailable, match=r"pjsip\.conf:27"):
        change(s, Aor, "alice", max_contacts=4)
    assert files.get() == PJSIP + "[broken\n"


# What others changed meanwhile


def test_what_others_changed_in_the_file_stays_and_is_found_by_the_next_reload(s: Sorcery, files: Files) -> None:
    files.put("pjsip.conf", PJSIP.replace("[bob](phone)", "[bob](phone)\ncontext=theirs"))
    change(s, Aor, "alice", max_contacts=4)
    assert "context=theirs" in files.get()
    assert "max_contacts = 4" in files.get()
    report = s.reload()
    assert (report.updated, report.created, report.deleted) == ({"endpoint": ("bob",)}, {}, {})
    assert unchanged(s)


def test_an_object_that_others_changed_is_a_conflict(s: Sorcery, files: Files) -> None:
    theirs = PJSIP.replace("max_contacts = 3", "max_contacts = 7")
    files.put("pjsip.conf", theirs)
    for attempt in (lambda: change(s, Aor, "alice", max_contacts=4), lambda: s.delete(Aor("alice"))):
        with pytest.raises(Conflict) as raised:
            attempt()
    now = raised.value.current
    assert isinstance(now, Aor)
    assert now.max_contacts == 7
    assert files.get() == theirs
    s.update(now.evolve(max_contacts=8), expected=now)
    assert files.get() == PJSIP.replace("max_contacts = 3", "max_contacts = 8")


def test_an_object_that_others_added_or_removed_is_seen(s: Sorcery, files: Files) -> None:
    files.put("pjsip.conf", PJSIP.replace("[bob](phone)\n", "[dora](phone)\n"))
    with pytest.raises(AlreadyExists):
        s.create(Endpoint("dora"))
    with pytest.raises(NotFound):
        s.delete(Endpoint("bob"))


def test_what_changes_before_the_files_are_replaced_is_not_overwritten(
    s: Sorcery, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs, check = PJSIP + "; theirs\n", saving.check_unchanged

    def late(*arguments: Any) -> None:
        files.put("pjsip.conf", theirs)
        check(*arguments)

    monkeypatch.setattr(saving, "check_unchanged", late)
    with pytest.raises(Unavailable, match="changed since it was read"):
        change(s, Auth, "alice", password="new")
    assert files.get() == theirs
    assert files.get("secrets.inc") == SECRETS
    assert files.names() == {"pjsip.conf", "sorcery.conf", "secrets.inc"}


def test_a_folder_that_somebody_else_writes_to_is_waited_for_and_no_longer_than_said(
    s: Sorcery, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saving.locked.__wrapped__, "__defaults__", (0.05,))  # type: ignore[attr-defined]
    with saving.locked([str(files.folder / "pjsip.conf")]), pytest.raises(Unavailable, match="another program"):
        change(s, Aor, "alice", max_contacts=4)
    change(s, Aor, "alice", max_contacts=4)


# Several at once, and who hears of it


def test_a_transaction_is_one_write_of_each_file_in_any_order(
    s: Sorcery, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[set[str]] = []
    put = saving.Aside.put_in_place

    def counted(aside: saving.Aside) -> None:
        written.append({Path(path).name for path in aside.stamps})
        put(aside)

    monkeypatch.setattr(saving.Aside, "put_in_place", counted)
    with s.transaction() as t:
        t.create(Endpoint("eve", aors=["eve"], auth=["eve"]))
        t.create(Auth("eve", username="eve", password="p"))
        t.create(Aor("eve"))
        t.delete(Endpoint("bob"))
        t.update(Auth("alice", username="alice", password="q"))
    assert written == [{"pjsip.conf", "secrets.inc"}]
    assert unchanged(s)


def test_observers_hear_once_also_while_files_are_watched(s: Sorcery, files: Files) -> None:
    recorder = Recorder(s, Aor, Endpoint)
    with s.watch():
        s.create(Aor("eve"))
        change(s, Aor, "eve", max_contacts=2)
        s.delete(Endpoint("bob"))
        expected = [what for what, _ in recorder.events]
        files.put("pjsip.conf", files.get().replace("max_contacts = 3", "max_contacts = 9"))
        deadline = time.monotonic() + SOON
        while len(recorder.events) == len(expected) and time.monotonic() < deadline:
            time.sleep(0.02)
        s.reload()
    assert [what for what, _ in recorder.events] == ["created", "updated", "deleted", "updated"]
    assert recorder.events[-1][1][0].max_contacts == 9


def test_a_write_that_overtakes_a_reload_stays_and_is_told_once(
    s: Sorcery, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reload has read the file and not put it in force yet."""
    recorder, wizard = Recorder(s, Aor), s._in_force.bindings["aor"].bound[0].wizard
    read, go_on = threading.Event(), threading.Event()
    load: Callable[..., Any] = wizard.load  # type: ignore[attr-defined]

    def slow(stores: Any) -> Any:
        loaded = load(stores)
        read.set()
        assert go_on.wait(SOON)
        return loaded

    monkeypatch.setattr(wizard, "load", slow)
    files.put("pjsip.conf", PJSIP + "\n[theirs]\ntype=aor\n")
    thread = threading.Thread(target=s.reload)
    thread.start()
    assert read.wait(SOON)
    change(s, Aor, "alice", max_contacts=4)
    s.create(Aor("ours"))
    go_on.set()
    thread.join(SOON)
    monkeypatch.undo()
    assert {aor.id: aor.max_contacts for aor in s.retrieve_all(Aor)} == {"alice": 4, "ours": 0, "theirs": 0}
    assert unchanged(s)
    told = [(what, (about[0] if isinstance(about, tuple) else about).id) for what, about in recorder.events]
    assert sorted(told) == [("created", "ours"), ("created", "theirs"), ("updated", "alice")]


def test_other_stores_take_the_change_too_or_none_does(files: Files) -> None:
    files.put("sorcery.conf", f"[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor\naor=astdb,x\n{WRITES}")
    with Sorcery.open(files.folder) as s:
        assert [effect for _, effect in s.create(Aor("both")).stores] == ["created", "created"]
        with pytest.raises(StoreRefused):
            s.create(Aor("a]b"))
        assert s.retrieve_by_id(Aor, "a]b") is None
        assert "both" in files.get()


def test_files_of_which_only_some_are_replaced_are_told(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    files.put(
        "sorcery.conf",
        "[res_pjsip]\nauth=config,auth.conf,criteria=type=auth\n[writes]\nauth.conf=yes\npjsip.conf=yes\n",
    )
    files.put("auth.conf", "")
    put = saving.Aside.put_in_place
    done: list[str] = []

    def failing(aside: saving.Aside) -> None:
        if done:
            aside.discard()
            raise EditRefused("no room")
        done.extend(aside.stamps)
        put(aside)

    monkeypatch.setattr(saving.Aside, "put_in_place", failing)
    with Sorcery.open(files.folder) as s, pytest.raises(PartialWrite) as raised:
        together(s, create=[Auth("x", username="x", password="p"), Aor("x")])
    assert sorted(raised.value.outcomes.values()) == ["no room", "stored"]


@pytest.mark.parametrize(
    "include", ["#include phones/*/aor.conf", "#tryinclude none/aor.conf", "#tryinclude none*/x.conf"]
)
def test_an_include_of_what_lies_nowhere_or_in_several_folders_is_no_hindrance(files: Files, include: str) -> None:
    (files.folder / "phones/a").mkdir(parents=True)
    files.put("phones/a/aor.conf", "[a]\ntype=aor\n")
    files.put("pjsip.conf", f"#tryinclude gone/aor.conf\n{include}\n[b]\ntype=aor\n")
    (files.folder / "gone").mkdir()
    files.put("gone/aor.conf", "")
    with Sorcery.open(files.folder) as s:
        (files.folder / "gone/aor.conf").unlink()
        (files.folder / "gone").rmdir()
        s.update(Aor("b", max_contacts=2))
        s.create(Aor("c"))
        if s.retrieve_by_id(Aor, "a"):
            s.update(Aor("a", max_contacts=3))
            assert files.get("phones/a/aor.conf") == "[a]\ntype=aor\nmax_contacts=3\n"
        assert files.get().endswith("[b]\ntype=aor\nmax_contacts=2\n\n[c]\ntype=aor\n")
        assert unchanged(s)


def test_two_files_that_both_change_a_third_one_are_refused_together(files: Files) -> None:
    files.put(
        "sorcery.conf",
        "[res_pjsip]\nauth=config,auth.conf,criteria=type=auth\n[writes]\nauth.conf=yes\npjsip.conf=yes\n",
    )
    shared = "[a]\ntype=auth\nusername=a\npassword=a\n\n[b]\ntype=aor\nmax_contacts=1\n"
    for name, text in (("auth.conf", "#include shared.inc\n"), ("pjsip.conf", "#include shared.inc\n")):
        files.put(name, text)
    files.put("shared.inc", shared)
    with Sorcery.open(files.folder) as s:
        with pytest.raises(StoreRefused, match=r"shared\.inc.*one after the other"):
            together(s, update=[Auth("a", username="a", password="new"), Aor("b", max_contacts=2)])
        assert files.get("shared.inc") == shared
        s.update(Auth("a", username="a", password="new"))
        s.update(Aor("b", max_contacts=2))
        assert files.get("shared.inc") == shared.replace("password=a", "password=new").replace("=1", "=2")


def test_of_a_type_with_a_single_object_no_transaction_makes_two_and_one_may_take_the_place_of_another(
    files: Files,
) -> None:
    mapping = "[res_pjsip]\naor=config,pjsip.conf,criteria=type=aor,single_object=yes\n"
    files.put("sorcery.conf", mapping + WRITES)
    files.put("pjsip.conf", "")
    with Sorcery.open(files.folder) as s:
        with pytest.raises(StoreRefused, match="there may be but one"):
            together(s, create=[Aor("a"), Aor("b")])
        assert files.get() == ""
        s.create(Aor("a"))
        with pytest.raises(StoreRefused, match="there may be but one, and there is 'a'"):
            s.create(Aor("b"))
        together(s, create=[Aor("b")], delete=[Aor("a")])
        assert s.retrieve_all(Aor) == [Aor("b")]
        assert unchanged(s)


def test_new_objects_in_an_included_file_cost_one_look_for_it(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(f"[{number}]\ntype=aor\n\n" for number in range(300))
    files.put("pjsip.conf", f"#include auth.inc\n{many}")
    files.put("auth.inc", "[c]\ntype=auth\nusername=c\npassword=c\n")
    looked: list[str] = []
    chosen = Selection.of

    def counted(self: Selection[Any], section: Category) -> list[Any]:
        looked.append(section.name)
        return chosen(self, section)

    with Sorcery.open(files.folder) as s:
        monkeypatch.setattr(Selection, "of", counted)
        together(s, create=[Auth(f"n{number}", username="n", password="p") for number in range(30)])
        assert len(looked) < 1000
        assert files.get("auth.inc").count("type=auth") == 31


def test_the_text_is_kept_from_one_change_to_the_next(s: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    change(s, Aor, "alice", max_contacts=4)
    monkeypatch.setattr("sorcery_config.documents._read", None)
    change(s, Aor, "alice", max_contacts=5)
    s.create(Aor("z"))


def test_a_reload_after_a_write_does_not_read_the_file(s: Sorcery, monkeypatch: pytest.MonkeyPatch) -> None:
    change(s, Aor, "alice", max_contacts=4)
    names, read = set[str](), Source.read

    def noted(source: Source) -> Any:
        names.add(source.name)
        return read(source)

    monkeypatch.setattr(Source, "read", noted)
    s.reload()
    assert "ari.conf" in names  # it is not there, and may come
    assert "pjsip.conf" not in names


def test_what_was_before_a_write_and_comes_back_is_news(files: Files) -> None:
    simple = "[a]\ntype=aor\nmax_contacts=1\n\n[b]\ntype=aor\n"
    files.put("pjsip.conf", simple)
    with Sorcery.open(files.folder) as s:
        change(s, Aor, "a", max_contacts=4)
        s.delete(Aor("b"))
        files.put("pjsip.conf", simple)
        report = s.reload()
        assert (report.updated, report.created) == ({"aor": ("a",)}, {"aor": ("b",)})
        assert unchanged(s)


def test_nothing_is_kept_of_a_file_that_is_not_mapped_any_more(files: Files) -> None:
    with Sorcery.open(files.folder) as s:
        s.map(Aor, "config", "other.conf,criteria=type=aor,writable=yes")
        files.put("other.conf", "[a]\ntype=aor\n")
        s.reload()
        change(s, Aor, "a", max_contacts=2)
        documents: Documents = s._in_force.bindings["aor"].bound[0].wizard._documents  # type: ignore[attr-defined]
        assert {source.name for source in documents._known} == {"pjsip.conf", "other.conf"}
        s.unmap(Aor, "config")
        assert {source.name for source in documents._known} == {"pjsip.conf"}


# One that goes and comes again by another id


def test_a_section_that_is_renamed_keeps_its_comments_its_place_and_what_it_copies(s: Sorcery, files: Files) -> None:
    s.plan_rename(Aor, "alice", "desk").apply()
    assert files.get() == PJSIP.replace("aors     = alice", "aors     = desk").replace(
        "[alice]\ntype = aor", "[desk]\ntype = aor"
    ).replace("[alice](+type=aor)", "[desk](+type=aor)")
    s.plan_rename(Endpoint, "alice", "a.smith").apply()
    assert '; Alice, second floor\n[a.smith](phone)\ncallerid = "Alice" <100>    ; as shown\n' in files.get()
    assert unchanged(s)


def test_a_section_that_others_copy_is_not_renamed(s: Sorcery, files: Files) -> None:
    files.put("pjsip.conf", PJSIP + "[carol](alice)\n")
    s.reload()
    with pytest.raises(StoreRefused, match=r"alice"):
        s.plan_rename(Endpoint, "alice", "a.smith").apply()
    assert files.get() == PJSIP + "[carol](alice)\n"


def test_another_object_in_the_place_of_one_is_a_section_of_its_own(s: Sorcery, files: Files) -> None:
    together(s, create=[Endpoint("dora", context="other")], delete=[Endpoint("bob")])
    assert "; Bob" not in files.get()
    assert files.get().endswith("[dora]\ntype = endpoint\ncontext = other\n")
    assert unchanged(s)


def test_an_object_that_somebody_changed_meanwhile_is_not_renamed(s: Sorcery, files: Files) -> None:
    plan = s.plan_rename(Endpoint, "bob", "robert")
    text = PJSIP.replace("[bob](phone)\n", "[bob](phone)\ncontext = elsewhere\n")
    files.put("pjsip.conf", text)
    with pytest.raises(Conflict):
        plan.apply()
    assert files.get() == text
