"""The examples of `tests/data/pjsip-examples.txt` in a running Asterisk: each reads back as it says there."""

from collections import defaultdict
from pathlib import Path

import pytest

from sorcery.pjsip import TYPES
from tests.interop.asterisk import Asterisk, Attributes
from tests.interop.objects import asked, section
from tests.unit.pjsip.test_examples import CASES, HASHED, Pairs, results

pytestmark = pytest.mark.interop

BY_NAME = {cls.__sorcery__.name: cls.__sorcery__ for cls in TYPES}
AROUND = {
    "pjsip.conf": "[bare]\ntype=endpoint\n[net]\ntype=transport\nbind=127.0.0.1:17181\n",
    "ari.conf": "[general]\nenabled=yes\n[interop]\ntype=user\npassword=interop\n[u]\ntype=user\npassword=p\n",
    "websocket_client.conf": "[c]\ntype=websocket_client\nuri=ws://127.0.0.1:9\nconnection_type=persistent\n",
}
"""What the examples refer to."""
SOCKETS = {"transport"}  # their outcome depends on the ports of the machine


@pytest.fixture(scope="module")
def understood(asterisk_root: Path) -> dict[str, Attributes | None]:
    """Load all examples into one Asterisk, each as an object of its own; ask for each."""
    files, wanted = defaultdict(str, AROUND), {}
    for number, case in enumerate(CASES):
        type_name, base, own, _ = case.values
        if type_name not in SOCKETS:
            lines = [(name, text) for name, text in base if name != own[0][0]] + own
            object_type = BY_NAME[type_name]
            files[str(object_type.conf)] += section(f"x{number}", object_type.plain_name, lines)
            wanted[str(case.id)] = object_type, f"x{number}"
    with Asterisk(asterisk_root, files) as asterisk:
        return {key: asked(asterisk, object_type, id) for key, (object_type, id) in wanted.items()}


@pytest.mark.parametrize(
    ("key", "own", "result"),
    [
        pytest.param(case.id, case.values[2], case.values[3], id=case.id)
        for case in CASES
        if case.values[0] not in SOCKETS
    ],
)
def test_asterisk_reads_an_option_back_as_recorded(
    understood: dict[str, Attributes | None], key: str, own: Pairs, result: str
) -> None:
    said = understood[key]
    if result == "REJECTED":
        assert said is None
        return
    assert said is not None
    for name, text in results(result, own[0][0]):
        found = said.get(name, [])
        texts = sorted(found) if isinstance(found, list) else [found]
        if text == "(gone)":
            assert not texts
        elif name in HASHED:
            assert sorted(texts[0].split(", ")) == sorted(("" if text == "(empty)" else text).split(", "))
        else:
            assert texts == sorted("" if one == "(empty)" else one for one in text.split(" + "))
