from sorcery_sip.session.deadlines import Deadlines


def test_what_is_due_happens_in_its_order_and_once() -> None:
    deadlines = Deadlines()
    happened: list[tuple[str, float]] = []
    for name, when in (("late", 3.0), ("soon", 1.0), ("soon too", 1.0)):
        deadlines.at(when, lambda now, name=name: happened.append((name, now)))  # type: ignore[misc]
    assert deadlines.next() == 1.0
    deadlines.handle(0.9)
    deadlines.handle(2.0)
    deadlines.handle(2.0)
    assert happened == [("soon", 2.0), ("soon too", 2.0)]
    deadlines.handle(5.0)
    assert happened[2:] == [("late", 5.0)]
    assert (deadlines.next(), len(deadlines)) == (None, 0)


def test_what_is_cancelled_never_happens() -> None:
    deadlines = Deadlines()
    happened: list[float] = []
    first = deadlines.at(1.0, happened.append)
    deadlines.at(2.0, happened.append)
    first.cancel()
    first.cancel()
    assert (deadlines.next(), len(deadlines)) == (2.0, 1)
    deadlines.handle(9.0)
    first.cancel()
    assert (happened, len(deadlines)) == ([9.0], 0)


def test_an_alarm_may_set_and_cancel_others() -> None:
    deadlines = Deadlines()
    happened: list[float] = []
    doomed = deadlines.at(2.0, happened.append)

    def alarm(now: float) -> None:
        doomed.cancel()
        deadlines.at(now, lambda now: happened.append(-now))

    deadlines.at(1.0, alarm)
    deadlines.handle(3.0)
    assert (happened, len(deadlines)) == ([-3.0], 0)


def test_many_that_are_cancelled_take_no_room() -> None:
    deadlines = Deadlines()
    kept = deadlines.at(5000.0, lambda now: None)
    for number in range(10_000):
        deadlines.at(1000.0 + number, lambda now: None).cancel()
    assert len(deadlines) == 1
    assert len(deadlines._heap) < 200
    assert deadlines.next() == kept.when
