"""Whatever is done in whatever order, a PostgreSQL database holds what a dict would."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import psycopg
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from sorcery import Sorcery
from sorcery.testing.types import TYPES, Widget
from tests.property.test_crud import STEPS, Crud

COLUMNS = ", ".join(f'"{name}" text' for name in (*(each.name for each in Widget.__sorcery__.fields()), "@note"))
EMPTY = f"DROP TABLE IF EXISTS testing_widgets; CREATE TABLE testing_widgets (id text PRIMARY KEY, {COLUMNS})"
DRAWN = settings(STEPS, max_examples=15, phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""Without shrinking: on a database that alone may take longer than a test is given."""


def test_a_postgresql_table_holds_what_a_dict_would(postgresql_url: str) -> None:
    begun: set[Path] = set()

    def opener(folder: Path) -> Sorcery:
        if folder not in begun:  # a system of its own; the same folder again is the same system, opened anew
            begun.add(folder)
            with psycopg.connect(postgresql_url, autocommit=True) as connection:
                connection.execute(EMPTY.encode())
        return Sorcery.open(postgresql_url, types=TYPES)

    machine = cast(type[RuleBasedStateMachine], lambda: Crud(opener, survives=True))
    run_state_machine_as_test(machine, settings=DRAWN)
