from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sorcery.conf.draft import likeness
from sorcery.conf.model import Variable
from sorcery.conf.occurrences import Occurrences

KEYS, VALUES = st.sampled_from(["k", "K", "l", "é"]), st.sampled_from(["", "a", "A", "b", "aa"])


def test_the_last_of_a_key_gives_the_value_and_the_first_like_it_is_meant() -> None:
    found = Occurrences([Variable("B", "k", 1), Variable("b", "K", 2)])
    assert found.find("b") == (0, "K")
    found.replace(0, Variable("b", "Ky", 1))
    assert found.find("b") == (1, "K")
    assert found.find("B") is None


@given(st.lists(st.tuples(KEYS, VALUES), max_size=6), st.lists(st.tuples(st.booleans(), KEYS, VALUES), max_size=12))
def test_they_find_what_looking_through_all_finds(
    pairs: list[tuple[str, str]], steps: list[tuple[bool, str, str]]
) -> None:
    variables = [Variable(key, value, 1) for key, value in pairs]
    occurrences = Occurrences(variables)
    for adds, key, value in steps:
        found = occurrences.find(key)
        assert found == likeness(variables, key)
        if adds or found is None:
            variables.append(Variable(key, value, 1))
            occurrences.extend(variables[len(occurrences) :])
        else:
            position, old = found
            variables[position] = Variable(key, old + value, 1)
            occurrences.replace(position, variables[position])
