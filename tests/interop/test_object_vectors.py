"""The object vectors still say what the Asterisk of this machine says: 1048 objects, read back through ARI.

`tests/data/object-vectors/README.md` says how they were made and what of them belongs to one build alone.
"""

import fcntl
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk, Attributes

pytestmark = pytest.mark.interop

VECTORS = Path(__file__).parents[1] / "data/object-vectors"
HASH_ORDERED = ("named_call_group", "named_pickup_group")
ALL_CODECS = 20  # a list of more codecs came from `all` and is what the build knows


@pytest.fixture
def standard_ports() -> Iterator[None]:
    """Hold ports 5060 and 5061, which some vectors bind, against other runs of this test on the machine."""
    with (Path(tempfile.gettempdir()) / "pysorcery-interop-5060.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.mark.parametrize("name", sorted(path.stem for path in VECTORS.glob("*.conf")))
@pytest.mark.usefixtures("standard_ports")
def test_asterisk_understands_the_objects_as_recorded(asterisk_root: Path, name: str) -> None:
    recorded = json.loads((VECTORS / f"{name}.json").read_text(encoding="utf-8"))["objects"]
    text = (VECTORS / f"{name}.conf").read_text(encoding="utf-8")
    with Asterisk(asterisk_root, {"pjsip.conf": text}) as asterisk:
        understood = {key: asterisk.ari_get(*key.split("/", 1)) for key in recorded}
    assert recorded
    assert {key: _portable(found, recorded[key]) for key, found in understood.items()} == {
        key: _portable(attributes, attributes) for key, attributes in recorded.items()
    }


def _portable(attributes: Attributes | None, recorded: Attributes | None) -> Attributes | None:
    """Keep what the recorded object has too and every build prints alike, in one order."""
    if attributes is None or recorded is None:
        return attributes
    return {
        name: _in_order(name, value)
        for name, value in attributes.items()
        if name in recorded and not _of_one_build(name, recorded[name])
    }


def _of_one_build(name: str, recorded: str | list[str]) -> bool:
    return (name == "user_agent" and str(recorded).startswith("Asterisk PBX ")) or (
        name == "allow" and str(recorded).count("|") > ALL_CODECS
    )


def _in_order(name: str, value: str | list[str]) -> str | list[str]:
    if isinstance(value, list):
        return sorted(value)
    return sorted(value.split(", ")) if name in HASH_ORDERED else value
