"""What was found, as values: the first broken link, and what to mend in which order."""

from __future__ import annotations

import json

from sorcery.doctor.chains import Chain, Diagnosis, Link, State


def link(name: str, state: State = State.GOOD, *, key: object = None, silent: bool = False, text: str = "") -> Link:
    return Link(name=name, state=state, key=key, silent=silent, text=text, mending=f"mend {name}")


def chain(title: str, *links: Link) -> Chain:
    return Chain(title=title, links=links)


def test_a_chain_is_as_good_as_its_worst_link() -> None:
    good, limited, broken = link("a"), link("b", State.LIMITED), link("c", State.BROKEN)
    assert chain("x", good).state is State.GOOD
    assert chain("x", good, limited).state is State.LIMITED
    both = chain("x", limited, broken, link("d", State.BROKEN))
    assert (both.state, both.first_broken) == (State.BROKEN, broken)


def test_what_most_chains_hang_on_is_mended_first_and_later_links_last() -> None:
    shared = link("login", State.BROKEN, key="db")
    alone = link("file", State.BROKEN, text="gone")
    later = link("types", State.BROKEN, text="narrow")
    found = Diagnosis((chain("one", alone), chain("two", shared), chain("three", link("x"), shared, later)))
    assert [(each.link, [part.title for part in each.chains]) for each in found.mendings()] == [
        (shared, ["two", "three"]),
        (alone, ["one"]),
        (later, ["three"]),
    ]


def test_equal_faults_of_several_chains_are_one() -> None:
    found = Diagnosis((chain("one", link("driver", State.BROKEN)), chain("two", link("driver", State.BROKEN))))
    assert len(found.mendings()) == 1


def test_a_diagnosis_tells_whether_all_is_good_and_whether_somebody_was_silent() -> None:
    assert Diagnosis((chain("x", link("a"), link("b", State.LIMITED)),)).is_good
    broken = Diagnosis((chain("x", link("a", State.BROKEN)),))
    silent = broken.with_chains([chain("y", link("b", State.BROKEN, silent=True))])
    assert (broken.is_good, broken.is_silent) == (False, False)
    assert (silent.is_good, silent.is_silent, len(silent.chains)) == (False, True, 2)


def test_json_holds_everything_but_keys() -> None:
    found = Diagnosis(
        (chain("x", link("a", State.BROKEN, key="postgresql://user:secret@host"), link("b", State.UNSEEN)),)
    )
    text = json.dumps(found.data())
    assert "secret" not in text
    assert "secret" not in repr(found)
    assert found.data()["mend"][0]["chains"] == ["x"]
    assert found.data()["chains"][0]["first_broken"] == "a"
    assert [each["state"] for each in found.data()["chains"][0]["links"]] == ["broken", "unseen"]
