"""The text of a `pjsip.conf`."""

from __future__ import annotations

from pathlib import Path

from sorcery.chan_sip import pjsip_conf
from sorcery.conf import read_conf
from tests.unit.chan_sip.sip import peer


def test_what_belongs_to_a_section_follows_one_comment_with_its_origin() -> None:
    text = pjsip_conf(peer("context = inside"))
    comment = next(line for line in text.splitlines() if line.startswith("; [p] of sip.conf:"))
    assert comment == "; [p] of sip.conf:4 ".ljust(80, "-")
    assert [line for line in text.partition(comment)[2].splitlines() if line.startswith(("[", ";"))] == ["[p]"] * 3


def test_a_semicolon_in_a_value_is_escaped(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text(pjsip_conf(peer("context = a\\;b")))
    section = read_conf(tmp_path / "pjsip.conf").category("p")
    assert section is not None
    assert section.first("context") == "a;b"


def test_the_whole_system_comes_first() -> None:
    types = [line for line in pjsip_conf(peer("")).splitlines() if line.startswith("type = ")]
    assert types == [f"type = {name}" for name in ("global", "transport", "endpoint", "aor", "auth")]
