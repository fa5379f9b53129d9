"""The object vectors still say what the Asterisk of this machine says: 1048 objects, read back through ARI.

`tests/data/object-vectors/README.md` says how they were made and what of them belongs to one build alone.
"""

import json
from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import comparable

pytestmark = pytest.mark.interop

VECTORS = Path(__file__).parents[1] / "data/object-vectors"


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
    kept = comparable(recorded)
    return comparable({name: value for name, value in attributes.items() if name in kept})
