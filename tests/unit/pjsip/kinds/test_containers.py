from __future__ import annotations

import pytest

from sorcery.pjsip.kinds.containers import FrozenMapping
from sorcery.pjsip.kinds.namelists import NameText


def test_a_mapping_is_a_value() -> None:
    one, same = FrozenMapping((("a", 1), ("b", 2))), FrozenMapping((("a", 1), ("b", 2)))
    assert (one, hash(one)) == (same, hash(same))
    assert one != FrozenMapping((("b", 2), ("a", 1)))
    assert (dict(one), len(one), one["b"]) == ({"a": 1, "b": 2}, 2, 2)
    with pytest.raises(KeyError):
        one["c"]


def test_names_are_counted_found_and_falsy_when_there_is_none() -> None:
    names = NameText("a,b")
    assert (list(names), len(names), "b" in names, "c" in names) == (["a", "b"], 2, True, False)
    assert not NameText(" , ")
