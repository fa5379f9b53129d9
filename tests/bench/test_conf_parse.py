"""How long a `pjsip.conf` of many users takes to parse."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from sorcery.conf import read_conf

USERS = 2_000

TEMPLATES = """\
[tpl-endpoint](!)
type = endpoint
context = internal
disallow = all
allow = g722,alaw
direct_media = no
[tpl-auth](!)
type = auth
auth_type = userpass
[tpl-aor](!)
type = aor
max_contacts = 1
remove_existing = yes
"""

USER = """
[{id}](tpl-endpoint)
auth = {id}
aors = {id}
callerid = User {id} <{id}>
[{id}](tpl-auth)
username = {id}
password = secret{id}
[{id}](tpl-aor)
mailboxes = {id}@default
"""


def provisioned(users: int) -> str:
    """Return a `pjsip.conf` with an endpoint, an auth and an aor for each user."""
    return TEMPLATES + "".join(USER.format(id=number) for number in range(100_000, 100_000 + users))


@pytest.mark.benchmark(group="conf")
def test_parsing_2000_users(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    path = tmp_path / "pjsip.conf"
    path.write_text(provisioned(USERS))
    conf = benchmark(read_conf, path)
    assert len(conf.categories) == 3 + 3 * USERS
    assert conf.categories[-1].first("type") == "aor"
