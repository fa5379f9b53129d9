"""However a file is edited, a reload comes to the same as one that reads and builds everything anew."""

from __future__ import annotations

import functools
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sorcery.environment import Environment
from sorcery.findings import Finding, Severity
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Global
from sorcery.place import Place
from sorcery.snapshot import Difference, Snapshot
from sorcery.wizard import LoadedStore
from sorcery_config import ConfigWizard
from sorcery_config.store import ConfigStore

MAPPINGS = (
    (Aor, "pjsip.conf,criteria=type=aor"),
    (Auth, "pjsip.conf,criteria=type=auth"),
    (Global, "pjsip.conf,criteria=type=global,single_object=yes,explicit_name=global"),
    (Aor, "pjsip.conf,criteria=qualify_frequency=5"),
    (Auth, "pjsip.conf,criteria=type=auth,criteria=username=u,integrity=file"),
)

PARTS = """
[t](!)|type=aor
[t](!)|type=aor|max_contacts=2
[t](!)|type=aor|qualify_frequency=5
[t](!)|type=aor|max_contacts=no
[t](!)|type=aor|authenticate_qualify=yes
[a](t)|authenticate_qualify=no
[t](!)|type=auth|username=u
[u](!)|type=auth|password=p|auth_type=md5
[u](!)|username=u|auth_type=userpass
[t](+TEMPLATES=include)|max_contacts=3
[a](t)
[a](t)|max_contacts=4 ; note
[a](t)|max_contacts=bad
[a](t)|max_contacts=bad|qualify_frequency=bad
[a](t)|qualify_frequency=5
[a](+)|remove_existing=yes
[A](+)|remove_existing=no
[b]|type=aor
[b](t)|type=aor
[b](a)|contact=sip:b
[c](u)|type=auth
[c](u,t)
[c](t,u)|username=c
[c]|type=auth|username=c|auth_type=nothing
[d]|type=auth|username=d|password=d
[global]|debug=yes
[global]|type=global|default_auth_algorithms_uas=MD5,SHA-256
[global]|type=global|default_auth_algorithms_uas=bad
[g2]|type=global
[x]|type=aoor
[y]
[z](missing)
;-- hidden
--;
; note
max_contacts=5
#include other.conf
#tryinclude none.conf
"""
PART = st.sampled_from([part.replace("|", "\n") for part in PARTS.strip().split("\n")])
TEXT = st.lists(PART, max_size=7)
"""A file, as a list of parts."""


ALL = tuple(range(len(MAPPINGS)))


@attrs.frozen
class Step:
    """One edit of the files, or none, and a reload of all stores or of some."""

    at: int
    removed: int
    added: list[str]
    file: str = "pjsip.conf"
    stores: tuple[int, ...] = ALL


STEPS = st.lists(
    st.builds(
        Step,
        at=st.integers(0, 6),
        removed=st.integers(0, 2),
        added=st.lists(PART, max_size=2),
        file=st.sampled_from(["pjsip.conf", "pjsip.conf", "other.conf"]),
        stores=st.sampled_from([ALL, ALL, (0, 1, 2), (0, 1), (0,)]),
    ),
    min_size=1,
    max_size=5,
)


class System:
    """A wizard with a store per mapping, or of those that select by type alone."""

    def __init__(self, folder: Path, *, by_type: bool, compat: bool) -> None:
        self.wizard, environment = ConfigWizard(), Environment(directory=folder, compat=compat)
        mappings = MAPPINGS[:3] if by_type else MAPPINGS
        self.stores = [self.wizard.open(cls.__sorcery__, arguments, environment) for cls, arguments in mappings]

    def load(self, positions: Sequence[int]) -> tuple[list[Finding], list[tuple[Difference, tuple[str, ...]]]]:
        """Load some stores; return the findings, and what became of each of these."""
        stores = [store for position, store in enumerate(self.stores) if position in positions]
        loaded = self.wizard.load(stores)
        loaded.commit()
        done = [loaded.stores.get(store, LoadedStore()) for store in stores]
        return list(loaded.findings), [(each.difference, each.kept) for each in done]

    def held(self) -> list[dict[str, Object] | None]:
        return [None if store.in_force is None else dict(store.in_force.objects) for store in self.stores]

    def places(self, held: Sequence[dict[str, Object] | None]) -> list[tuple[Place | None, Place | None]]:
        return [
            (store.place(id), store.place(id, "type"))
            for store, objects in zip(self.stores, held, strict=True)
            for id in objects or {}
        ]


def check(text: Sequence[str], other: Sequence[str], steps: Sequence[Step], *, by_type: bool, compat: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), {"pjsip.conf": list(text), "other.conf": list(other)}
        open_system = functools.partial(System, folder, by_type=by_type, compat=compat)
        tested, expected = open_system(), open_system()
        for number, step in enumerate([Step(0, 0, []), *steps], 1):
            files[step.file][step.at : step.at + step.removed] = step.added
            for file, parts in files.items():
                if number == 1 or (file == step.file and (step.removed or step.added)):
                    (folder / file).write_text("\n".join(parts))
                    os.utime(folder / file, (number, number))
            before = tested.held()
            findings, done = tested.load(step.stores)
            with patch.object(ConfigStore, "known", return_value={}):
                assert expected.load(step.stores) == (findings, done)
            held = tested.held()
            assert [list((objects or {}).items()) for objects in held] == [
                list((objects or {}).items()) for objects in expected.held()
            ]
            chosen = [position for position in range(len(held)) if position in step.stores]
            for one, position in zip(done, chosen, strict=True):
                old, new = before[position], held[position]
                assert one[0] == Snapshot(old or {}).difference(Snapshot(new or {}))
            fresh = open_system()
            is_good = all(each.severity is not Severity.ERROR for each in fresh.load(ALL)[0])
            if is_good and step.stores == ALL:  # nothing of before can have been kept
                assert held == fresh.held()
            if fresh.stores[0].source.outline() is not None:
                assert tested.places(held) == fresh.places(held)


@settings(deadline=None)
@given(TEXT, TEXT, STEPS, st.booleans(), st.booleans())
@example(["[t](!)\ntype=aor", "[a](t)"], [], [Step(0, 1, ["[t](!)\ntype=aor\nmax_contacts=3"])], True, False)
@example(["[a]\ntype=aor", "[a]\ntype=aor"], [], [Step(1, 1, ["; note"])], True, False)
@example(["[t](!)\ntype=aor\nauthenticate_qualify=yes", "[a](t)", "[b](t)"], [], [Step(1, 1, [])], True, False)
@example(
    ["[global]\ntype=global\ndefault_auth_algorithms_uas=SHA-256", "[d]\ntype=auth\nusername=d\npassword=d"],
    [],
    [Step(0, 1, ["[global]\ntype=global"]), Step(0, 0, [], stores=(0, 1)), Step(0, 0, [])],
    True,
    False,
)
def test_a_reload_comes_to_the_same_as_one_that_builds_everything(
    text: list[str], other: list[str], steps: list[Step], by_type: bool, compat: bool
) -> None:
    check(text, other, steps, by_type=by_type, compat=compat)
