"""Whatever objects are written into whatever file: it says what a model says, and other lines stay as they were."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import attrs
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from sorcery import AlreadyExists, ConfigurationError, NotFound, Object, Sorcery, StoreRefused
from sorcery.conf.editing import Document, section
from sorcery.pjsip import Aor, Endpoint
from sorcery.testing.strategies import objects
from sorcery.testing.types import TYPES, Group, Widget
from sorcery.wizard import Op

PARTS = """
; a comment
[t](!)|type = testing_widget|label  = from t   ; note|tags = x,y
[t](!)|type=testing_widget|lines=1|lines=2 ; two|size=7
[u](!)|label=u|password=p\\;q|@note=u
[a](t)|size=3 ;three||; within|remark = r
[a](t,u)
[a](t)|label=own|lines=3
[a]|type=testing_group|note=x
[b]|TYPE=testing_group
[a](+)|weight=1.5
[a](+type=testing_widget)|colour=red
[b](u)|type=testing_widget|lines=a|lines=b ; b|lines=c
[c](b)|active=no
[c]|type=testing_widget
[c]|type=testing_widget|label=x|label=y|size=1
;-- hidden|[x]|--;
#include more.conf
#tryinclude none.conf
[d]|type=testing_widget|remark+=x|size=2
[d]|type=testing_widget|size=many
[e](t)|lines+=x
[f]|no=type
""".strip().split("\n")
PART = st.sampled_from([part.replace("|", "\n") for part in PARTS])
PLAIN = st.sampled_from(
    [part.replace("|", "\n") for part in PARTS if "(+" not in part and part[0] in "[" and "+=" not in part]
)
"""Parts of which an edit can be told to reach no further."""
BLANK = st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n\r\n"])
ENDS = st.sampled_from(["", "\n", "\n\n", "\n; the end", "\n; the end\n"])
IDS = st.sampled_from(["a", "b", "c", "d", "e", "new", "x;y", "A"])
TEXTS = st.sampled_from(
    ["", "x", "a;b", "\\;", "p q", ";--", "--;", " x", ">", "=> y", "two\nlines", "é", "from t", "u"]
)
LISTS = st.lists(st.sampled_from(["1", "2", "3", "a", "b", "c", "x;y"]), max_size=4)


def widgets(id: str) -> st.SearchStrategy[Widget]:
    return st.builds(
        Widget,
        id=st.just(id),
        label=TEXTS,
        remark=TEXTS,
        size=st.sampled_from([0, 3, 5, 7]),
        weight=st.sampled_from([0.0, 1.5, 2.25]),
        active=st.booleans(),
        colour=st.sampled_from(["red", "green"]),
        tags=st.lists(st.sampled_from(["x", "y", "z"]), max_size=3),
        lines=LISTS,
        password=TEXTS,
        extended=st.dictionaries(st.sampled_from(["@note", "@More"]), TEXTS, max_size=2),
    )


OBJECTS: st.SearchStrategy[Object] = IDS.flatmap(
    lambda id: st.one_of(
        widgets(id),
        widgets(id),
        objects(Widget).map(lambda it: it.evolve(id=id)),
        st.builds(Group, id=st.just(id), note=TEXTS),
    )
)


@attrs.frozen
class Step:
    """Changes that are one transaction."""

    changes: Sequence[tuple[Op, Object, int]]
    """With a slot for what is changed or deleted, see `wanted`."""


STEPS = st.lists(
    st.builds(
        Step,
        st.lists(
            st.tuples(st.sampled_from([Op.CREATE, Op.UPDATE, Op.UPDATE, Op.DELETE]), OBJECTS, st.integers(0, 9)),
            min_size=1,
            max_size=3,
            unique_by=lambda change: (type(change[1]), change[1].id),
        ),
    ),
    min_size=1,
    max_size=4,
)


def written(parts: Sequence[str], blank: str, end: str) -> bytes:
    return (blank.join(parts) + end).encode()


def lines_of(folder: Path) -> dict[str, list[bytes]]:
    """Return the lines of each file; a last one without an end gets one, as the others have it, when more follow."""
    return {path.name: path.read_bytes().replace(b"\r\n", b"\n").split(b"\n") for path in folder.glob("*.conf")}


def is_subsequence(short: Sequence[bytes], long: Sequence[bytes]) -> bool:
    rest = iter(long)
    return all(any(each == other for other in rest) for each in short)


def own_lines(folder: Path, obj: Object) -> set[bytes]:
    """Return the lines that belong to an object's section, comments above it included."""
    try:
        document = Document.read(folder / "testing.conf")
        found = document._contents.find(section(obj.id, type=obj.__sorcery__.name))
    except ConfigurationError:  # there is none, or it is not known which: nothing is to change
        return set()
    lines = {placed.line.raw.rstrip(b"\r\n") for span in found.body.spans for placed in found.body.lines(span)}
    for header in found.body.headers:
        at = header.index - 1
        while at >= 0 and header.leaf.tree.lines[at].startswith(b";"):
            lines.add(header.leaf.tree.lines[at].rstrip(b"\r\n"))
            at -= 1
    return lines


def held(s: Sorcery) -> dict[tuple[str, str], Object]:
    return {(name, obj.id): obj for name in ("testing_group", "testing_widget") for obj in s.retrieve_all(name)}


def wanted(s: Sorcery, op: Op, obj: Object, slot: int) -> Object:
    """Return an object, in the place of one that there is if possible; or of odd slots that with one other option."""
    known = s.retrieve_all(type(obj))
    if op is Op.CREATE or not known:
        return obj
    old = known[slot % len(known)]
    if slot % 2:
        return old.evolve(label=obj.label) if isinstance(obj, Widget) else old.evolve(note=obj.text("note"))
    return obj.evolve(id=old.id)


def carry_out(s: Sorcery, folder: Path, step: Step, model: dict[tuple[str, str], Object]) -> None:
    before, belonging = lines_of(folder), set[bytes]()
    changes = [(op, wanted(s, op, obj, slot)) for op, obj, slot in step.changes]
    changes = [
        one
        for at, one in enumerate(changes)
        if all((type(one[1]), one[1].id) != (type(other[1]), other[1].id) for other in changes[:at])
    ]
    for op, obj in changes:
        if op is not Op.CREATE:
            belonging |= own_lines(folder, obj)
    try:
        with s.transaction() as t:
            for op, obj in changes:
                getattr(t, op.value)(obj)
    except (AlreadyExists, NotFound, StoreRefused) as error:
        event(type(error).__name__)
        assert lines_of(folder) == before
        return
    event("written")
    for op, obj in changes:
        model[obj.__sorcery__.name, obj.id] = obj
        if op is Op.DELETE:
            del model[obj.__sorcery__.name, obj.id]
    after = lines_of(folder)
    for name, lines in before.items():
        foreign = [line for line in lines if line not in belonging and line.strip()]
        assert is_subsequence(foreign, after[name])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.one_of(st.lists(PART, max_size=6), st.lists(PLAIN, min_size=1, max_size=6, unique=True)),
    st.lists(PART, max_size=2),
    BLANK,
    ENDS,
    STEPS,
)
@example(
    ["[a]\ntype=testing_widget"],
    [],
    "\n",
    "",
    [Step([(Op.CREATE, Group("a"), 0), (Op.UPDATE, Widget("a", size=7), 0)])],
)
@example(["[a]\ntype=testing_widget"], [], "\n", "", [Step([(Op.CREATE, Group("a"), 0)])])
def test_files_say_what_a_model_says(
    parts: list[str], more: list[str], blank: str, end: str, steps: list[Step]
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "testing.conf").write_bytes(written(parts, blank, end))
        (folder / "more.conf").write_bytes(written(more, blank, end))
        with Sorcery.open(folder, types=TYPES, writable=True) as s:
            if any(finding.rule not in ("missing-file", "no-type") for finding in s.report.findings):
                event("faulty file")
            try:
                model = held(s)
            except Exception:  # noqa: BLE001 - a file that is refused as a whole
                return
            for step in steps:
                carry_out(s, folder, step, model)
                assert held(s) == model
                with Sorcery.open(folder, types=TYPES) as again:
                    assert held(again) == model
                report = s.reload()
                assert report.created == report.updated == report.deleted == {}


PJSIP = """\
[e](!)
type=endpoint
allow=!all,ulaw,alaw
set_var=a=1
[d](e)
disallow=all ; none
allow=g722
deny=0.0.0.0/0
permit=10.0.0.0/8
auth=x
[k](!)
type=aor
contact=sip:t@192.0.2.1
[d](k)
max_contacts=1
contact=sip:d@192.0.2.1 ; d
"""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(st.one_of(objects(Endpoint), objects(Aor)), min_size=1, max_size=3))
def test_any_object_of_asterisk_s_comes_back_or_is_refused(drawn: list[Object]) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "pjsip.conf")
        path.write_text(PJSIP)
        with Sorcery.open(name, writable=True) as s:
            for obj in (each.evolve(id="d") for each in drawn):
                content = path.read_bytes()
                for change, changed in ((s.update, obj), (s.create, obj.evolve(id="new"))):
                    try:
                        change(changed)
                    except (StoreRefused, AlreadyExists) as error:
                        event(type(error).__name__)
                        assert path.read_bytes() == content
                    else:
                        event("written")
                        with Sorcery.open(name) as again:
                            assert again.retrieve_by_id(type(obj), changed.id) == changed
                        content = path.read_bytes()
            assert not s.reload().updated
