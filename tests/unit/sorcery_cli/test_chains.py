"""Chains as people read them."""

from __future__ import annotations

import pytest

from sorcery.doctor.chains import Chain, Diagnosis, Link, State
from sorcery.place import Place
from sorcery_cli.chains import print_diagnosis


def link(name: str, state: State = State.GOOD, text: str = "", key: str | None = None) -> Link:
    return Link(name=name, state=state, text=text, mending=f"mend {name}" if state is not State.GOOD else "", key=key)


def chain(type_name: str, *links: Link) -> Chain:
    return Chain(title=f"{type_name} = realtime,x", type_name=type_name, place=Place("sorcery.conf", 3), links=links)


def printed(capsys: pytest.CaptureFixture[str], *chains: Chain, full: bool = False) -> list[str]:
    print_diagnosis(Diagnosis(chains), full=full)
    return capsys.readouterr().out.splitlines()


def test_chains_of_one_way_that_hold_are_one(capsys: pytest.CaptureFixture[str]) -> None:
    shared = link("port", key="db")
    out = printed(
        capsys,
        chain("aor", link("mapping"), shared, link("objects", text="2 objects")),
        chain("auth", link("mapping"), shared, link("objects", text="0 objects")),
        chain("contact", link("mapping"), link("port", key="other"), link("objects", text="1 object")),
    )
    assert out == [
        "✓ aor, auth = realtime",
        "    mapping → port → objects: aor 2 objects",
        "✓ contact = realtime,x  (sorcery.conf:3)",
        "    mapping → port → objects: 1 object",
        "",
        "3 chains, none broken",
    ]


def test_what_is_wrong_with_one_alone_keeps_it_apart(capsys: pytest.CaptureFixture[str]) -> None:
    shared = link("port", key="db", text="open")
    out = printed(
        capsys,
        chain("aor", shared, link("table", State.BROKEN, "gone", "a"), link("objects", State.UNSEEN)),
        chain("auth", shared, link("table", State.LIMITED, "read only", "b"), link("objects", text="1 object")),
    )
    assert out == [
        "✗ aor = realtime,x  (sorcery.conf:3)",
        "    ✓ port           open",
        "    ✗ table          gone",
        "    · objects: not looked at",
        "! auth = realtime,x  (sorcery.conf:3)",
        "    ✓ port: as above",
        "    ! table          read only",
        "    ✓ objects        1 object",
        "",
        "Mend first:",
        "  1. table: gone",
        "     → mend table",
        "     for aor",
        "",
        "Works, with a limit:",
        "  1. table: read only",
        "     → mend table",
        "     for auth",
        "",
        "2 chains, 1 broken",
    ]


def test_what_all_hang_on_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    down = link("port", State.BROKEN, "closed", "db")
    out = printed(capsys, chain("aor", down), chain("auth", down), full=True)
    assert out[:2] == ["✗ aor, auth = realtime", "    ✗ port           closed"]
    assert out[3:7] == ["Mend first:", "  1. port: closed", "     → mend port", "     for aor, auth"]


def test_control_characters_and_passwords_are_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = link("table", State.BROKEN, "\x1b[31m postgresql://ann:geheim@db/x")
    out = "\n".join(printed(capsys, chain("aor", wrong)))
    assert "\x1b" not in out
    assert "geheim" not in out
