"""The same `pjsip.conf` in a running Asterisk and in `Sorcery.open`: the same objects, refused and printed alike.

`tests/data/object-vectors/README.md` says what belongs to one build alone.
"""

from pathlib import Path

import pytest

from sorcery import Sorcery
from sorcery.pjsip import TYPES
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import comparable, printed
from tests.unit.pjsip.test_vectors import OUTSIDE, RESOLVED, wanted

pytestmark = pytest.mark.interop

VECTORS = Path(__file__).parents[1] / "data/object-vectors"
NAMES = sorted(path.stem for path in VECTORS.glob("*.conf"))
TYPE_NAMES = [cls.__sorcery__.name for cls in TYPES if cls.__sorcery__.conf == "pjsip.conf"] + ["contact"]

Objects = dict[str, Attributes | None]


def ours(sorcery: Sorcery) -> Objects:
    """Return every object of ours by type and id."""
    return {f"{name}/{obj.id}": comparable(printed(obj)) for name in TYPE_NAMES for obj in sorcery.retrieve_all(name)}


def both(root: Path, name: str) -> tuple[Objects, Objects]:
    """Return what we and what Asterisk make of each section of a file, and of whatever else we find in it."""
    text = (VECTORS / f"{name}.conf").read_text(encoding="utf-8")
    with Asterisk(root, {"pjsip.conf": text}) as asterisk:
        with Sorcery.open(asterisk.configuration, compat=True, astdb=asterisk.astdb) as sorcery:
            found = ours(sorcery)
        keys = {key for key in wanted(name) if key.partition("/")[0] in TYPE_NAMES} | found.keys()
        said = {key: asterisk.ari_get(*key.split("/", 1)) for key in keys - OUTSIDE - RESOLVED}
    return (
        {key: found.get(key) for key in said},
        {key: _without_derived(key, attributes, found.get(key)) for key, attributes in said.items()},
    )


def _without_derived(key: str, said: Attributes | None, found: Attributes | None) -> Attributes | None:
    """Leave out the variables that the provisioning module adds to those of a phone."""
    if said is None or found is None or not key.startswith("phoneprov/"):
        return said if said is None else comparable(said)
    return comparable({name: value for name, value in said.items() if name in found})


def test_every_type_is_in_some_file() -> None:
    assert {key.partition("/")[0] for name in NAMES for key in wanted(name)} >= set(TYPE_NAMES) - {"contact"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("standard_ports")
def test_asterisk_and_we_make_the_same_objects_of_a_file(asterisk_root: Path, name: str) -> None:
    found, said = both(asterisk_root, name)
    assert said
    assert found == said
