"""Changes as they are printed."""

from __future__ import annotations

import pytest

from sorcery.pjsip import Aor, Auth
from sorcery.plan import PlannedChange
from sorcery.wizard import Op
from sorcery_cli.changes import change_data, print_change


def test_each_kind_of_change_has_its_sign(capsys: pytest.CaptureFixture[str]) -> None:
    old, new = Aor(id="a", max_contacts=1), Aor(id="a", max_contacts=2)
    for change in PlannedChange(Op.CREATE, new), PlannedChange(Op.UPDATE, new, old), PlannedChange(Op.DELETE, old):
        print_change(change)
    assert capsys.readouterr().out.splitlines() == [
        "+ aor a",
        "    max_contacts: 2",
        "~ aor a",
        "    max_contacts: 1 -> 2",
        "- aor a",
    ]


def test_a_change_of_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    print_change(PlannedChange(Op.UPDATE, Aor(id="a"), Aor(id="a")))
    assert capsys.readouterr().out == "aor a: no differences\n"


def test_secrets_are_masked_and_listed() -> None:
    old, new = (Auth(id="a", username="a", password=text) for text in ("sesame", "simsim"))
    assert change_data(PlannedChange(Op.UPDATE, new, old))["changes"] == [
        {"option": "password", "old": "********", "new": "********"}
    ]
    assert "simsim" not in str(change_data(PlannedChange(Op.CREATE, new)))
