"""Counting what two stores do not agree on."""

from __future__ import annotations

from sorcery.pjsip import Aor, Auth
from sorcery.shadowing.figures import EXAMPLES, Kind, Tally, compare


def by_id(*objects: Aor | Auth) -> dict[str, Aor | Auth]:
    return {obj.id: obj for obj in objects}


def test_equal_answers_agree_wherever_they_come_from() -> None:
    assert compare(by_id(Aor(id="a")), by_id(Aor(id="a", extended={"@pjsip_wizard": "x"}))) == {}
    assert compare({}, {}) == {}


def test_answers_differ_in_three_ways() -> None:
    mine = by_id(Aor(id="a"), Aor(id="b", max_contacts=1), Aor(id="same"))
    theirs = by_id(Aor(id="b", max_contacts=2), Aor(id="c"), Aor(id="same"))
    found = compare(mine, theirs)
    assert {id: each.kind for id, each in found.items()} == {"a": Kind.MISSING, "b": Kind.DIFFERS, "c": Kind.EXTRA}
    assert found["b"].options() == (("max_contacts", "1", "2"),)


def test_a_question_counts_once_and_each_object_and_option_that_differs_too() -> None:
    tally = Tally("aor = astdb", clock=lambda: 5.0)
    mine = by_id(Aor(id="a"), Aor(id="b", max_contacts=1, minimum_expiration=7))
    tally.compared(1.0, 2.0, compare(mine, by_id(Aor(id="b", max_contacts=2))))
    tally.compared(3.0, 2.5, {})
    tally.count("unavailable", "gone")
    figures = tally.figures()
    assert (figures.compared, figures.agreed, figures.unavailable, figures.trouble) == (2, 1, 1, "gone")
    assert (figures.seconds, figures.shadow_seconds, figures.slower) == (4.0, 4.5, 1)
    assert figures.kinds == {Kind.MISSING: 1, Kind.DIFFERS: 1}
    assert figures.options == {"max_contacts": 1, "minimum_expiration": 1}
    assert [(each.id, each.kind, each.at) for each in figures.examples] == [
        ("b", Kind.DIFFERS, 5.0),
        ("a", Kind.MISSING, 5.0),
    ]
    tally.reset()
    assert (tally.figures().compared, tally.figures().examples, tally.figures().trouble) == (0, (), "")


def test_the_last_examples_are_kept_one_of_each_object() -> None:
    tally = Tally("aor = astdb")
    for number in (*range(EXAMPLES + 5), 7, 7):
        tally.compared(0, 0, compare(by_id(Aor(id=f"{number}")), {}))
    ids = [each.id for each in tally.figures().examples]
    assert (ids[0], len(ids), len(set(ids))) == ("7", EXAMPLES, EXAMPLES)
    assert tally.figures().kinds[Kind.MISSING] == EXAMPLES + 7


def test_no_secret_is_in_an_example() -> None:
    tally = Tally("auth = astdb")
    mine, theirs = (Auth(id="a", username="a", password=text) for text in ("sesame", "tahini"))
    tally.compared(0, 0, compare(by_id(mine), by_id(theirs)))
    figures = tally.figures()
    assert figures.options == {"password": 1}
    for text in (repr(figures), str(figures.data())):
        assert "sesame" not in text
        assert "tahini" not in text
