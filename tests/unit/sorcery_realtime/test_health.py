from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from sorcery_database import Fault
from sorcery_realtime import breaker
from sorcery_realtime.failures import Lost
from sorcery_realtime.health import Health


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.005)


class Server:
    """A database that answers probes or does not."""

    def __init__(self) -> None:
        self.is_up, self.probes, self.restored = True, 0, 0

    def probe(self) -> None:
        self.probes += 1
        if not self.is_up:
            raise Lost(self, "pbx: no route", Fault.SILENT)

    def restore(self) -> None:
        self.restored += 1


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def health(server: Server) -> Iterator[Health]:
    made = Health(server, "pbx", 2, server.probe, server.restore)
    yield made
    made.close()


def probing(before: set[threading.Thread]) -> list[threading.Thread]:
    """Return the threads that probe, those aside that others before this test may have left."""
    return [each for each in threading.enumerate() if each.name == "sorcery-probe" and each not in before]


def lose(server: Server, health: Health, fault: Fault = Fault.SILENT) -> None:
    server.is_up = False
    health.note(Lost(server, "pbx: no route", fault))


def test_a_place_is_waited_for_and_its_lack_is_no_outage(server: Server, health: Health) -> None:
    health.enter(0)
    health.enter(0)
    with pytest.raises(Lost, match="pbx: all connections are in use") as error:
        health.enter(0.01)
    assert (error.value.fault, error.value.database) == (Fault.EXHAUSTED, server)
    assert (health.used, health.serving.outage) == (2, None)
    health.leave()
    health.enter(0)
    assert health.used == 2


def test_after_a_loss_everybody_is_turned_away_at_once_until_a_probe_is_answered(
    server: Server, health: Health
) -> None:
    lose(server, health)
    for _ in range(3):
        with pytest.raises(Lost, match=r"pbx: no route \(since ..:..:.. UTC\)") as error:
            health.enter(60)
        assert (error.value.fault, error.value.database) == (Fault.SILENT, server)
    wait_until(lambda: server.probes > 2)
    assert (health.used, server.restored) == (0, 0)
    server.is_up = True
    wait_until(lambda: health.serving.outage is None)
    assert server.restored == 1
    health.enter(0)


def test_a_probe_that_a_driver_breaks_on_is_not_the_last_one(server: Server) -> None:
    def probe() -> None:
        server.probe()
        if server.probes == 1:
            raise IndexError("half a greeting")

    health = Health(server, "pbx", 2, probe, server.restore)
    health.note(Lost(server, "pbx: no route"))
    wait_until(lambda: health.serving.outage is None)
    assert server.probes == 2
    health.close()


def test_one_thread_alone_probes_however_many_losses_are_noted(server: Server, health: Health) -> None:
    before = set(threading.enumerate())
    for _ in range(50):
        lose(server, health)
    (prober,) = probing(before)
    server.is_up = True
    prober.join(60)
    assert not prober.is_alive()
    assert health.serving.outage is None


def test_a_database_that_is_lost_again_is_probed_again(server: Server, health: Health) -> None:
    for times in range(1, 20):
        lose(server, health)
        server.is_up = True
        wait_until(lambda: health.serving.outage is None)
        assert server.restored == times


def test_who_waits_for_a_place_is_told_at_once_that_the_database_is_down(server: Server, health: Health) -> None:
    health.enter(0)
    health.enter(0)
    told: list[str] = []

    def wait() -> None:
        with pytest.raises(Lost) as error:
            health.enter(600)
        told.append(error.value.reason)

    waiting = [threading.Thread(target=wait) for _ in range(3)]
    for thread in waiting:
        thread.start()
    lose(server, health)
    for thread in waiting:
        thread.join(30)
    assert len(told) == 3
    assert all(reason.startswith("pbx: no route") for reason in told)


@pytest.mark.parametrize("fault", [Fault.LOCKED, Fault.RIVAL, Fault.EXHAUSTED, Fault.FAILING, Fault.REFUSED])
def test_what_does_not_tell_of_the_database_turns_nobody_away(server: Server, health: Health, fault: Fault) -> None:
    health.note(Lost(server, "pbx: no", fault))
    health.enter(0)
    health.admit_writer()


@pytest.mark.parametrize("fault", [Fault.READ_ONLY, Fault.FULL])
def test_one_that_takes_no_changes_is_read_and_now_and_then_a_change_finds_out(
    server: Server, health: Health, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "FIRST", 1e9)
    monkeypatch.setattr(breaker, "LONGEST", 1e9)
    health.note(Lost(server, "pbx: no room", fault))
    health.enter(0)
    with pytest.raises(Lost, match=r"no room \(since") as error:
        health.admit_writer()
    assert error.value.fault is fault
    monkeypatch.setattr(health.writing, "_due", 0.0)
    health.admit_writer()
    with pytest.raises(Lost):
        health.admit_writer()
    health.wrote()
    health.admit_writer()
    health.admit_writer()
    assert server.probes == 0


def test_an_answer_that_is_late_lets_the_database_be_looked_at_aside(server: Server, health: Health) -> None:
    assert not health.is_given_up()
    wait_until(lambda: server.probes == 1)
    assert not health.is_given_up()
    server.is_up = False
    wait_until(health.is_given_up)
    with pytest.raises(Lost):
        health.enter(60)


def test_too_many_clients_give_up_nobody_who_has_a_connection(server: Server, health: Health) -> None:
    lose(server, health, Fault.CROWDED)
    server.is_up = True
    wait_until(lambda: health.serving.outage is None)
    server.is_up = False
    health.serving.open("pbx: too many clients", Fault.CROWDED)
    assert not health.is_given_up()


def test_nobody_probes_for_a_database_that_was_closed(server: Server, health: Health) -> None:
    before = set(threading.enumerate())
    lose(server, health)
    health.close()
    wait_until(lambda: not probing(before))
    probes = server.probes
    lose(server, health)
    assert server.probes == probes
