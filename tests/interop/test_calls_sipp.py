"""Calls of sipp to our stack: every flow as it is written, and nothing wrong inside."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.calls import leaks, our_stack
from tests.interop.call_flows import Flow, Flows, all_flows
from tests.interop.call_scenario import Pause, Say, See, Step
from tests.interop.call_steps import ACK, BYE, CALLED, INVITE
from tests.interop.calls_sipp import Running
from tests.interop.flows.changed import audio, offer
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


@pytest.mark.parametrize("name", [name for name, flow in FLOWS.items() if not flow.is_slow])
def test_a_flow(sipp: Path, flows: Flows, server: tuple[str, int], name: str) -> None:
    flows.run(sipp, name, server)


def test_timers_run_out(sipp: Path, flows: Flows, server: tuple[str, int]) -> None:
    assert flows.run_together(sipp, [name for name, flow in FLOWS.items() if flow.is_slow], server) == []


def test_a_call_survives_a_reload_that_takes_its_endpoint_away(sipp: Path, tmp_path: Path) -> None:
    port, stacks = free_port(), list[SipStack]()

    def forget_everybody(caller: Running, _: Running | None) -> None:
        caller.wait_for("ACK sip")
        transport = f"[udp]\ntype=transport\nprotocol=udp\nbind={LOOPBACK}:{port}\n"
        (tmp_path / "pjsip.conf").write_text(transport, encoding="utf-8")
        stacks[0].reload()

    hold = offer(audio("sendonly"), answer="recvonly")
    digit: list[Step] = [Say("INFO", {}, "Signal=5\nDuration=100\n", "application/dtmf-relay"), See(200)]
    flow = Flow([*CALLED, Pause(3), *hold, *digit, *BYE], beside=forget_everybody)
    with contextlib.closing(Flows({"reload": flow, "afterwards": Flow([INVITE, See(401), ACK])})) as flows:
        for name, text in flows.configuration(port).items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        with SipStack(tmp_path) as stack:
            stacks.append(stack)
            flows.run(sipp, "reload", (LOOPBACK, port))
            flows.run(sipp, "afterwards", (LOOPBACK, port))
    assert "deleted endpoint" in stack.log()


def test_after_many_calls_the_stack_holds_what_it_held(sipp: Path, tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "sipp").mkdir()
    with our_stack(tmp_path / "conf") as server:
        held = list(leaks(server, tmp_path / "sipp", thousands=3, settle=10))
    assert held[2].files == held[1].files
    assert held[2].memory - held[1].memory < 8000  # KiB: a leg that stays takes some twenty
