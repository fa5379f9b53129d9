from __future__ import annotations

import pytest

from sorcery.conf.brackets import Bracket, BracketError


def parse(text: str) -> Bracket:
    bracket, behind = Bracket.parse(text, 0, negators="^", escapes=False)
    assert behind == len(text)
    return bracket


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("[abc]", "abc", "d[]"),
        ("[a-c]", "abc", "d-"),
        ("[^a-c]", "d-^", "abc"),
        ("[]a]", "]a", "["),
        ("[^]a]", "[", "]a"),
        ("[a-]", "a-", "b"),
        ("[[:digit:]x]", "09x", "a:"),
        ("[[.-.]a]", "-a", "."),
        ("[[=a=]]", "a", "="),
        (r"[\n]", "\\n", "\n"),
        ("[a^]", "a^", "b"),
    ],
)
def test_which_characters_are_in_a_set(text: str, inside: str, outside: str) -> None:
    bracket = parse(text)
    assert all(map(bracket.accepts, inside))
    assert not any(map(bracket.accepts, outside))


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("alpha", "aZ", "1 "),
        ("alnum", "a1", "_"),
        ("upper", "A", "a"),
        ("lower", "a", "A"),
        ("punct", "!_", "a "),
        ("space", " \t\n", "a"),
        ("blank", " \t", "\n"),
        ("xdigit", "fF9", "g"),
        ("cntrl", "\x01\x7f", "a"),
        ("print", "a ", "\n"),
        ("graph", "a!", " "),
    ],
)
def test_the_named_classes(name: str, inside: str, outside: str) -> None:
    test_which_characters_are_in_a_set(f"[[:{name}:]]", inside, outside)


@pytest.mark.parametrize("text", ["[", "[]", "[a", "[a-", "[^", "[[:digit:]", "[[:no:]]", "[b-a]", "[[.ab.]]", "[[:a"])
def test_a_broken_set_is_refused(text: str) -> None:
    with pytest.raises(BracketError):
        parse(text)


def test_a_backslash_quotes_where_the_caller_says_so() -> None:
    bracket, behind = Bracket.parse(r"[\]a]", 0, negators="!^", escapes=True)
    assert behind == 5
    assert bracket.accepts("]")
    assert not bracket.accepts("\\")
