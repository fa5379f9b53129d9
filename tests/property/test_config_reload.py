"""However a file is edited, a reload comes to the same as one that reads and builds everything anew."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sorcery.environment import Environment
from sorcery.findings import Finding
from sorcery.objects import Object
from sorcery.pjsip import Aor, Auth, Global
from sorcery.place import Place
from sorcery.snapshot import Difference, Snapshot
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


@attrs.frozen
class Step:
    """One edit of the files, and a reload of all stores or of the first few."""

    at: int
    removed: int
    added: list[str]
    file: str
    stores: int


STEPS = st.lists(
    st.builds(
        Step,
        at=st.integers(0, 6),
        removed=st.integers(0, 2),
        added=st.lists(PART, max_size=2),
        file=st.sampled_from(["pjsip.conf", "pjsip.conf", "other.conf"]),
        stores=st.sampled_from([len(MAPPINGS), len(MAPPINGS), 3, 1]),
    ),
    min_size=1,
    max_size=5,
)


class System:
    """A wizard with a store per mapping."""

    def __init__(self, folder: Path) -> None:
        self.wizard, environment = ConfigWizard(), Environment(directory=folder)
        self.stores = [self.wizard.open(cls.__sorcery__, arguments, environment) for cls, arguments in MAPPINGS]

    def load(self, count: int) -> tuple[list[Finding], list[tuple[Difference, tuple[str, ...]] | None]]:
        """Load the first stores; return the findings, and what became of each of these."""
        loaded = self.wizard.load(self.stores[:count])
        loaded.commit()
        done = [loaded.stores.get(store) for store in self.stores[:count]]
        return list(loaded.findings), [(each.difference, each.kept) if each else None for each in done]

    def held(self) -> list[dict[str, Object] | None]:
        return [None if store.in_force is None else dict(store.in_force.objects) for store in self.stores]

    def places(self, held: Sequence[dict[str, Object] | None]) -> list[tuple[Place | None, Place | None]]:
        return [
            (store.place(id), store.place(id, "type"))
            for store, objects in zip(self.stores, held, strict=True)
            for id in objects or {}
        ]


def check(text: Sequence[str], other: Sequence[str], steps: Sequence[Step]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, files = Path(name), {"pjsip.conf": list(text), "other.conf": list(other)}
        tested, expected = System(folder), System(folder)
        for number, step in enumerate([Step(0, 0, [], "pjsip.conf", len(MAPPINGS)), *steps], 1):
            files[step.file][step.at : step.at + step.removed] = step.added
            for file, parts in files.items():
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
            for one, old, new in zip(done, before, held, strict=False):
                assert (one[0] if one else Difference()) == Snapshot(old or {}).difference(Snapshot(new or {}))
            fresh = System(folder)
            if fresh.stores[0].source.outline() is not None:
                assert tested.places(held) == fresh.places(held)


@settings(deadline=None)
@given(TEXT, TEXT, STEPS)
@example(["[t](!)\ntype=aor", "[a](t)"], [], [Step(0, 1, ["[t](!)\ntype=aor\nmax_contacts=3"], "pjsip.conf", 5)])
@example(["[a]\ntype=aor", "[a]\ntype=aor"], [], [Step(1, 1, ["; note"], "pjsip.conf", 5)])
@example(["[t](!)\ntype=aor\nauthenticate_qualify=yes", "[a](t)", "[b](t)"], [], [Step(1, 1, [], "pjsip.conf", 5)])
@example(
    ["[global]\ntype=global\ndefault_auth_algorithms_uas=SHA-256", "[d]\ntype=auth\nusername=d\npassword=d"],
    [],
    [Step(0, 1, ["[global]\ntype=global"], "pjsip.conf", 5)],
)
def test_a_reload_comes_to_the_same_as_one_that_builds_everything(
    text: list[str], other: list[str], steps: list[Step]
) -> None:
    check(text, other, steps)
