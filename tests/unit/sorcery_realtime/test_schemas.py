from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sorcery import Sorcery
from sorcery.pjsip import Aor
from sorcery_migrations import upgrade


def test_a_table_in_another_schema_is_read_and_written(
    postgresql_url: str,
    tmp_path: Path,
    sql: Callable[[str], Callable[[str], list[dict[str, Any]]]],
    opened: Callable[..., Sorcery],
) -> None:
    upgrade(postgresql_url)
    run = sql(postgresql_url)
    run("CREATE SCHEMA asterisk")
    run("ALTER TABLE ps_aors SET SCHEMA asterisk")
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor = realtime,ps_aors\n")
    (tmp_path / "extconfig.conf").write_text("[settings]\nps_aors => odbc,pbx,asterisk.ps_aors\n")
    (tmp_path / "databases.conf").write_text(f"[pbx]\nurl = {postgresql_url}\n")
    system = opened(tmp_path)
    system.create(Aor("a", max_contacts=2))
    assert system.retrieve_by_id(Aor, "a") == Aor("a", max_contacts=2)
    assert [*system.iterate(Aor)] == system.retrieve_all(Aor) == [Aor("a", max_contacts=2)]
