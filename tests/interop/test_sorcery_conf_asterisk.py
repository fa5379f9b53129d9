"""A `sorcery.conf` with sections and lines that only we read, under a running Asterisk."""

from pathlib import Path

import pytest

from sorcery import Sorcery
from tests.interop.asterisk import Asterisk

pytestmark = pytest.mark.interop

OURS = """\
[image]
file = last-good
maximum_age = 86400
types = endpoint, aor
[writes]
aor = first,repair
contact = all
[target]
asterisk = 22
[memory_cache]
* = negative_lifetime=5
[shadow]
aor = astdb,next
contact = realtime,ps_contacts
sample = 0.5
writes = contact
"""
MAPPINGS = """\
[res_pjsip]
aor/cache = memory_cache,maximum_objects=10
aor = config,first.conf,criteria=type=aor
aor = config,second.conf,criteria=type=aor
"""
FILES = {
    "first.conf": "[both]\ntype=aor\nmax_contacts=1\n[first]\ntype=aor\nmax_contacts=1\n",
    "second.conf": "[both]\ntype=aor\nmax_contacts=2\n[second]\ntype=aor\nmax_contacts=2\n",
}


@pytest.mark.parametrize("text", [OURS + MAPPINGS, MAPPINGS + OURS])
def test_asterisk_passes_over_our_sections_and_its_mappings_work(asterisk_root: Path, text: str) -> None:
    with Asterisk(asterisk_root, {"sorcery.conf": text, **FILES}) as asterisk:
        first = asterisk.ari_get("aor", "first")
        assert first is not None
        assert first["max_contacts"] == "1"
        assert "res_pjsip/aor" in asterisk.cli("sorcery memory cache show res_pjsip/aor")
        assert "reloaded successfully" in asterisk.reload()
        loud = [line for line in asterisk.logs().splitlines() if "WARNING" in line or "ERROR" in line]
        ours = ("memory_cache", "image", "last-good", "writes", "target", "negative_lifetime", "shadow", "ps_contacts")
        about = ("sorcery.conf", "first", *ours)
        assert [line for line in loud if any(word in line for word in about)] == []


def test_asterisk_takes_a_wizard_of_a_type_once_and_we_take_the_second_too(asterisk_root: Path) -> None:
    with Asterisk(asterisk_root, {"sorcery.conf": MAPPINGS, **FILES}) as asterisk:
        assert asterisk.ari_get("aor", "first") is not None
        assert asterisk.ari_get("aor", "second") is None
        with Sorcery.open(asterisk.configuration) as ours:
            assert [aor.id for aor in ours.retrieve_all("aor")] == ["both", "first", "second"]
            assert ours.retrieve_by_id("aor", "both").max_contacts == 1
            assert [finding.rule for finding in ours.report.findings if finding.rule.endswith("-mapping")] == [
                "second-mapping"
            ]
        with Sorcery.open(asterisk.configuration, compat=True) as as_asterisk:
            assert [aor.id for aor in as_asterisk.retrieve_all("aor")] == ["both", "first"]
