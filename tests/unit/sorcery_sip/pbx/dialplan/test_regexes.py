from __future__ import annotations

import re

import pytest

from sorcery_sip.pbx.dialplan.regexes import compile_posix


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[[:alpha:]]+", "ab1", "ab"),
        ("[^[:digit:]]+", "ab1", "ab"),
        ("[]a]+", "a]b", "a]"),
        (r"[a\-z]+", "a-b", "a-"[:1]),
        (r"a\.b", "a.b", "a.b"),
        (r"\d", "d", "d"),
        (r"\w+", "ab", "ab"),
        ("a{2}", "aaa", "aa"),
        ("ab*?", "abb", "abb"),
        ("b$", "b", "b"),
        ("x+?", "xx", "xx"),
        ("[a^]+", "^a", "^a"),
    ],
)
def test_a_posix_expression_matches(pattern: str, text: str, expected: str) -> None:
    found = compile_posix(pattern).match(text)
    assert found is not None
    assert found[0] == expected


@pytest.mark.parametrize("pattern", ["(", "[a", "[[:foo:]]", "(?:a)", "*"])
def test_what_is_none_is_refused(pattern: str) -> None:
    with pytest.raises(re.error):
        compile_posix(pattern)
