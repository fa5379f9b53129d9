"""Objects that a new mapping would leave behind, found with as little reading as it takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sorcery.conf import read_conf
from sorcery_cli.initial import moving
from sorcery_cli.initial.comparing import Missing

LINES = (("endpoint", "realtime,ps_endpoints"), ("aor", "realtime,ps_aors"), ("auth", "realtime,ps_auths"))


def test_a_file_that_several_types_lie_in_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=endpoint\n[a]\ntype=aor\n[b]\ntype=aor\n")
    read: list[Path] = []

    def reading(path: Path, **options: Any) -> Any:
        read.append(path)
        return read_conf(path, **options)

    monkeypatch.setattr(moving, "read_conf", reading)
    told = [error.reason for error in moving.stranded(tmp_path, [Missing("res_pjsip", LINES, new=False)])]
    assert [reason.partition(",")[0] for reason in told] == [
        "1 endpoint is in pjsip.conf",
        "2 of type aor are in pjsip.conf",
    ]
    assert read == [tmp_path / "pjsip.conf"]
