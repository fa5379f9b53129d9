"""The templates of `pjsip_wizard.conf` as they are written."""

from __future__ import annotations

from pathlib import Path

from sorcery import Sorcery
from sorcery.findings import Finding
from sorcery.pjsip import Wizard

TEXT = """\
[trunk]
type=wizard
remote_hosts=192.0.2.1, 192.0.2.2:5080
sends_auth=yes
outbound_auth/username=u
outbound_auth/password=s3cret
endpoint/allow=ulaw
endpoint/allow=alaw
Sends_Registrations=yes
"""


def test_a_template_is_read_where_it_is_mapped_and_nowhere_else(tmp_path: Path) -> None:
    for name, text in (("pjsip_wizard.conf", TEXT), ("pjsip.conf", "")):
        (tmp_path / name).write_text(text, encoding="utf-8")
    with Sorcery.open(tmp_path) as s:
        assert s.retrieve_all(Wizard) == []
        s.map(Wizard, "config", "pjsip_wizard.conf,criteria=type=wizard")
        (trunk,) = s.retrieve_all(Wizard)
        assert [(each.rule, each.option) for each in s.report.findings] == [("unknown-option", "Sends_Registrations")]
    assert trunk.remote_hosts == ("192.0.2.1", "192.0.2.2:5080")
    assert trunk.endpoint == (("allow", "ulaw"), ("allow", "alaw"))
    assert not trunk.sends_registrations
    assert "s3cret" not in repr(trunk)
    assert trunk.objectset() == []  # Asterisk prints what it makes of it


def test_what_will_be_missing_is_told() -> None:
    findings: list[Finding] = []
    switches = ("sends_auth", "accepts_auth", "sends_registrations", "has_phoneprov", "has_hint")
    Wizard.__sorcery__.build("w", [(name, "yes") for name in switches], findings=findings)
    assert [each.option for each in findings] == [
        "remote_hosts",
        "remote_hosts",
        "outbound_auth/username",
        "inbound_auth/username",
        "phoneprov/MAC",
        "hint_exten",
    ]
    findings.clear()
    Wizard.__sorcery__.build("w", [("accepts_registrations", "yes")], findings=findings)
    assert not findings
