"""Rules applied to a system, and findings made of what they say."""

from datetime import UTC, datetime
from pathlib import Path

from sorcery import Finding, Sorcery
from sorcery.checks.catalogue import RULES
from sorcery.checks.checking import apply_rules, finished
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.system import System
from tests.corpus import CERTIFICATES


def found(directory: Path, *ids: str, now: datetime | None = None) -> list[Finding]:
    with Sorcery.open(directory) as s:
        system = System(sorcery=s, audit=s.audit(), now=now or datetime.now(UTC))
        return list(apply_rules(system, [rule for rule in RULES if rule.id in ids]))


def test_what_many_objects_have_from_one_line_of_a_template_is_one_finding(tmp_path: Path) -> None:
    users = "".join(f"[a{n}](t)\n" for n in range(5))
    (tmp_path / "pjsip.conf").write_text(f"[t](!)\ntype=aor\nmax_contacts=1\n{users}")
    (finding,) = found(tmp_path, "locked-out")
    assert finding.message.endswith("; so do 4 others that copy the line")
    assert (finding.id, finding.place and finding.place.line) == ("a0", 3)


def test_a_finding_never_holds_a_password(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=auth\nusername=a\npassword=s3cret\n")
    (finding,) = found(tmp_path, "weak-secret")
    assert finding.value == ""
    assert "s3cret" not in repr(finding)


def test_a_password_that_only_answers_others_is_theirs_to_choose(tmp_path: Path) -> None:
    users = "[a]\ntype=endpoint\noutbound_auth=a\nallow=ulaw\n[a]\ntype=auth\nusername=a\npassword=s3cret\n"
    (tmp_path / "pjsip.conf").write_text(users)
    assert found(tmp_path, "weak-secret") == []
    (tmp_path / "pjsip.conf").write_text(users.replace("outbound_auth=a", "outbound_auth=a\nauth=a"))
    assert len(found(tmp_path, "weak-secret")) == 1


def test_a_certificate_that_is_about_to_expire_is_told_in_its_last_days(tmp_path: Path) -> None:
    files = f"cert_file={CERTIFICATES}/long.pem\npriv_key_file={CERTIFICATES}/long.key\n"
    (tmp_path / "pjsip.conf").write_text(f"[t]\ntype=transport\nprotocol=tls\nbind=127.0.0.1\nmethod=tlsv1_2\n{files}")
    rules = ("certificate-expiring", "certificate-expired")
    days = [datetime(2119, 12, 17, tzinfo=UTC), datetime(2119, 12, 19, tzinfo=UTC), datetime(2120, 1, 2, tzinfo=UTC)]
    told = [[each.rule for each in found(tmp_path, *rules, now=now)] for now in days]
    assert told == [[], ["certificate-expiring"], ["certificate-expired"]]
    (early,) = found(tmp_path, *rules, now=datetime(2019, 1, 1, tzinfo=UTC))
    assert "begins on 2020-01-01" in early.message


def test_findings_are_told_once_and_sorted_by_place(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[b]\ntype=aor\nmax_contacts=1\n[a]\ntype=aor\nmax_contacts=1\n")
    twice = found(tmp_path, "locked-out") * 2
    told = finished(reversed(twice), [], {}, SourceLines())
    assert [each.place and (each.place.line, each.place.column) for each in told] == [(3, 14), (6, 14)]


def test_each_rule_is_told_before_it_is_applied(tmp_path: Path) -> None:
    steps: list[str] = []
    with Sorcery.open("memory:") as s:
        list(apply_rules(System(sorcery=s, audit=s.audit()), step=steps.append))
    assert steps == [rule.id for rule in RULES]
