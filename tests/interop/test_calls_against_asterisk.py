"""The flows that our stack is held to, played against a running Asterisk with the same files: it does the same.

Where it does not, the flow says what differs.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.asterisk import Asterisk
from tests.interop.call_flows import Flows, all_flows
from tests.interop.calls_sipp import FlowError
from tests.interop.ports import LOOPBACK, free_port

pytestmark = pytest.mark.interop

FLOWS = all_flows()


@pytest.fixture(scope="module")
def flows() -> Iterator[Flows]:
    """Hold a port for every phone."""
    made = Flows(FLOWS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(flows: Flows, asterisk_root: Path) -> Iterator[tuple[str, int]]:
    """Run Asterisk for all flows."""
    port = free_port()
    with Asterisk(asterisk_root, flows.configuration(port)):
        yield LOOPBACK, port


@pytest.mark.parametrize("name", [name for name, flow in FLOWS.items() if not (flow.differs or flow.is_slow)])
def test_asterisk_does_the_same(sipp: Path, flows: Flows, server: tuple[str, int], name: str) -> None:
    flows.run(sipp, name, server)


@pytest.mark.parametrize("name", [name for name, flow in FLOWS.items() if flow.differs])
def test_asterisk_differs_where_a_flow_says_so(sipp: Path, flows: Flows, server: tuple[str, int], name: str) -> None:
    with pytest.raises(FlowError):
        flows.run(sipp, name, server)


def test_asterisks_timers_run_out_alike(sipp: Path, flows: Flows, server: tuple[str, int]) -> None:
    assert flows.run_together(sipp, [name for name, flow in FLOWS.items() if flow.is_slow], server) == []
