"""All functions in texts whose values Asterisk has told."""

from __future__ import annotations

from sorcery_sip.pbx.dialplan.functions import STANDARD
from tests.unit.sorcery_sip.pbx.dialplan.dialplans import Server
from tests.unit.sorcery_sip.pbx.dialplan.facts import SETUP, SUBROUTINES, TEXTS
from tests.unit.sorcery_sip.pbx.fakes import run


def test_texts_come_to_what_they_do_in_asterisk() -> None:
    steps = [f"same => n{'' if step.startswith('(') else ','}{step}" for step in SETUP]
    steps += [f"same => n,Set(GLOBAL(v{at})=<{text}>)" for at, text in enumerate(TEXTS)]

    async def values() -> list[str]:
        server = Server("\n".join(["[t]", "exten => x,1,NoOp", *steps, SUBROUTINES]))
        await server.call()
        return [server.pbx.variables[f"v{at}"][1:-1] for at in range(len(TEXTS))]

    assert dict(zip(TEXTS, run(values()), strict=True)) == TEXTS


def test_every_name_is_in_capitals() -> None:
    assert all(name == name.upper() for name in STANDARD)
