"""Calls of sipp to our stack: every flow as it is written, and nothing wrong inside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.call_flows import Flows, all_flows
from tests.interop.ports import LOOPBACK, free_port
from tests.interop.stack import SipStack

pytestmark = pytest.mark.interop

FLOWS = all_flows()


@pytest.fixture(scope="module")
def flows() -> Iterator[Flows]:
    """Hold a port for every phone."""
    made = Flows(FLOWS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(flows: Flows, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """Run our stack for all flows; in the end it must have stopped cleanly, without an error in its log."""
    folder, port = tmp_path_factory.mktemp("stack"), free_port()
    for name, text in flows.configuration(port).items():
        (folder / name).write_text(text, encoding="utf-8")
    with SipStack(folder) as stack:
        yield LOOPBACK, port
    wrong = [line for line in stack.log().splitlines() if " ERROR " in line or "Traceback" in line]
    assert not wrong, stack.log()[-5000:]


@pytest.mark.parametrize("name", FLOWS)
def test_a_flow(sipp: Path, flows: Flows, server: tuple[str, int], name: str) -> None:
    flows.run(sipp, name, server)
