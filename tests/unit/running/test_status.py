"""What a running process says of itself."""

from __future__ import annotations

import json
import os
from pathlib import Path

from sorcery import Sorcery
from sorcery.running.status import status

CACHED = "[res_pjsip]\naor/cache = memory_cache,object_lifetime_stale=600\naor = config,pjsip.conf,criteria=type=aor\n"


def test_it_names_mappings_caches_and_errors(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text(CACHED)
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\nmax_contacts=two\n")
    with Sorcery.open(tmp_path) as s:
        told = json.loads(json.dumps(status(s)))
    assert told["pid"] == os.getpid()
    assert told["mappings"]["aor"][0].startswith("aor/cache = memory_cache")
    assert len(told["errors"]) == 1
    assert told["caches"]["res_pjsip/aor"]["entries"] == 0
    assert (told["changed"], told["image_uses"]) == ([], {})


def test_it_names_the_files_that_changed_since(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\n")
    with Sorcery.open(tmp_path) as s:
        (tmp_path / "pjsip.conf").write_text("[a]\ntype=aor\nmax_contacts=3\n")
        (tmp_path / "extconfig.conf").write_text("[settings]\n")
        (tmp_path / "ari.conf").write_text("[general]\n")
        changed = status(s)["changed"]
        assert changed == [str(tmp_path / name) for name in ("ari.conf", "extconfig.conf", "pjsip.conf")]
        s.reload()
        assert status(s)["changed"] == []
