"""Steps are looked at once, in time, and not behind a broken one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from sorcery.doctor.chains import State
from sorcery.doctor.looking import Looking
from sorcery.errors import ConfigurationError, NotFound, Unavailable
from sorcery.place import Place
from sorcery.steps import Broken, Limited, Step


def raising(error: BaseException) -> Callable[[], str]:
    def look() -> str:
        raise error

    return look


def test_steps_behind_a_broken_one_are_not_looked_at() -> None:
    asked = ["never"]
    steps = [
        Step("first", lambda: "seen"),
        Step("second", raising(Broken("wrong", "mend it", place=Place("file", 3)))),
        Step("third", asked.pop),
    ]
    first, second, third = Looking().links(steps)
    assert (first.state, first.text) == (State.GOOD, "seen")
    assert (second.state, second.text, second.mending, second.place) == (
        State.BROKEN,
        "wrong",
        "mend it",
        Place("file", 3),
    )
    assert (third.state, asked) == (State.UNSEEN, ["never"])


def test_a_broken_step_that_others_do_not_need_lets_them_be_looked_at() -> None:
    _, after = Looking().links([Step("a", raising(Broken("x", "y", goes_on=True))), Step("b", lambda: "seen")])
    assert after.state is State.GOOD


def test_another_way_to_the_objects_is_looked_at_whatever_became_of_the_first() -> None:
    steps = [
        Step("a", raising(Broken("x", "y"))),
        Step("b", lambda: "seen"),
        Step("c", lambda: "seen", anew=True),
        Step("d", lambda: "seen"),
    ]
    assert [link.state for link in Looking().links(steps)] == [State.BROKEN, State.UNSEEN, State.GOOD, State.GOOD]


def test_a_limited_step_holds() -> None:
    link, after = Looking().links([Step("a", lambda: Limited("reads", "grant it")), Step("b", lambda: "seen")])
    assert (link.state, link.text, link.mending) == (State.LIMITED, "reads", "grant it")
    assert after.state is State.GOOD


def test_steps_of_one_key_are_looked_at_once_whatever_they_come_to() -> None:
    calls: list[int] = []

    def look() -> str:
        calls.append(1)
        raise Broken("wrong", "mend it")

    looking = Looking()
    one = looking.links([Step("a", look, key="k"), Step("b", lambda: "")])
    two = looking.links([Step("a", look, key="k"), Step("b", lambda: "")])
    assert (one, calls) == (two, [1])
    looking.links([Step("a", look, key="other"), Step("a", look)])
    assert len(calls) == 2


def test_a_step_that_hangs_is_given_up() -> None:
    release = threading.Event()
    try:
        link, after = Looking().links(
            [Step("a", lambda: str(release.wait(60)), patience=0.05), Step("b", lambda: "seen")]
        )
    finally:
        release.set()
    assert (link.state, link.silent, after.state) == (State.BROKEN, True, State.UNSEEN)
    assert "0.05 s" in link.text


def test_errors_become_links() -> None:
    configuration = ConfigurationError("bad", place=Place("f", 1), remedy="write good")
    found = [
        Looking().links([Step("a", raising(error))])[0]
        for error in (
            configuration,
            Unavailable("s", "gone; run: this"),
            PermissionError(13, "no"),
            NotFound("aor", "a"),
        )
    ]
    assert [(each.mending, each.silent) for each in found] == [
        ("write good", False),
        ("run: this", True),
        ("see that this user may read it, and that the disk is well", False),
        ("correct it", False),
    ]
    assert found[0].place == Place("f", 1)


def test_a_mistake_in_a_step_is_told_and_hides_no_other_chain(caplog: pytest.LogCaptureFixture) -> None:
    looking = Looking()
    (link,) = looking.links([Step("a", lambda: str(1 // 0))])
    assert (link.state, link.text) == (State.BROKEN, "ZeroDivisionError: integer division or modulo by zero")
    assert caplog.messages == ["the step a failed"]
    assert looking.links([Step("b", lambda: "seen")])[0].state is State.GOOD


def test_what_tells_steps_apart_is_not_printed() -> None:
    step = Step("columns", lambda: "seen", key="postgresql://ann:geheim@host/pbx")
    assert "geheim" not in repr((step, Looking().links([step])))


def test_an_interruption_is_passed_on() -> None:
    with pytest.raises(KeyboardInterrupt):
        Looking().links([Step("a", raising(KeyboardInterrupt()))])
