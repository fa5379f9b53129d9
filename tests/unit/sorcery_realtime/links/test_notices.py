"""A cache in front of a database that does not tell of its changes is named."""

from __future__ import annotations

from pathlib import Path

from sorcery.environment import read_environment
from sorcery.pjsip import Aor, Auth
from sorcery.steps import Limited, Step
from sorcery_database import address
from sorcery_migrations import upgrade
from sorcery_migrations.notices import install
from sorcery_realtime.links.notices import told
from sorcery_realtime.wizard import RealtimeWizard


def test_what_is_missing_is_named_with_the_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/pbx.db"
    upgrade(url)
    seen = told(address(url))
    assert isinstance(seen, Limited)
    assert "sorcery db notify on" in seen.mending
    install(url)
    assert told(address(url)) == "tells caches of changes"


def test_only_a_type_behind_a_cache_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text(
        "[res_pjsip]\naor/cache = memory_cache,object_lifetime_stale=60\naor = realtime,ps_aors\n"
        "auth = realtime,ps_auths\n",
        encoding="utf-8",
    )
    (tmp_path / "extconfig.conf").write_text(
        "[settings]\nps_aors => sqlite3,pbx\nps_auths => sqlite3,pbx\n", encoding="utf-8"
    )
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = sqlite:///{tmp_path}/pbx.db\n", encoding="utf-8")
    environment = read_environment(tmp_path)

    def names(steps: list[Step]) -> list[str]:
        return [step.name for step in steps]

    wizard = RealtimeWizard()
    assert "notices" in names(list(wizard.steps(Aor.__sorcery__, "ps_aors", environment)))
    assert "notices" not in names(list(wizard.steps(Auth.__sorcery__, "ps_auths", environment)))
