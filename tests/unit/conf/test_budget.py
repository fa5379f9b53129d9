from __future__ import annotations

import pytest

from sorcery.conf.budget import Budget
from sorcery.conf.messages import RULES, Fault


def test_what_is_left_can_be_spent_and_no_more() -> None:
    budget = Budget("appends-too-many", 10)
    budget.spend(4)
    budget.spend(6)
    with pytest.raises(Fault) as caught:
        budget.spend(1)
    assert caught.value.code == "appends-too-many"
    assert RULES[caught.value.code].ends == "parse"
