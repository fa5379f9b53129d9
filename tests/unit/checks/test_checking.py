"""Rules applied to a system, and findings made of what they say."""

from datetime import UTC, datetime
from pathlib import Path

from sorcery import Finding, Sorcery
from sorcery.checks.catalogue import RULES
from sorcery.checks.checking import apply_rules, finished
from sorcery.checks.sourcelines import SourceLines
from sorcery.checks.system import System
from sorcery.release import Release
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


def unused(directory: Path, text: str, target: Release | None = None) -> list[str]:
    (directory / "pjsip.conf").write_text(text)
    with Sorcery.open(directory, target=target) as s:
        system = System(sorcery=s, audit=s.audit())
        findings = [*s.report.findings, *apply_rules(system)]
        told = finished(findings, system.files, s.types, SourceLines(), target=target)
    return [each.value for each in told if each.rule == "unused-suppression"]


def test_no_comment_is_called_unused_while_something_is_refused(tmp_path: Path) -> None:
    text = "[a] ; sorcery: ignore locked-out\ntype=aor\nmax_contacts={}\n"
    assert unused(tmp_path, text.format(2)) == ["locked-out"]
    assert unused(tmp_path, text.format("1\nmax_contact=1")) == []
    assert unused(tmp_path, text.format("1\n[b](missing)")) == []


def test_a_comment_for_a_release_is_not_called_unused_where_none_is_named(tmp_path: Path) -> None:
    text = "[a]\ntype=aor\nqualify_2xx_only=no ; sorcery: ignore unknown-to-target\n"
    assert unused(tmp_path, text) == []
    assert unused(tmp_path, text, Release.parse("asterisk:22.1")) == []
    assert unused(tmp_path, text, Release.parse("asterisk:22")) == ["unknown-to-target"]


def test_an_endpoint_that_names_an_aor_twice_is_one(tmp_path: Path) -> None:
    text = "[a]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n[b]\ntype=endpoint\nallow=ulaw\naors=a,a\n"
    (tmp_path / "pjsip.conf").write_text(text)
    assert found(tmp_path, "evicting-aor") == []


def test_a_digest_for_a_realm_that_others_name_cannot_be_compared_with_a_password(tmp_path: Path) -> None:
    auth = f"[a]\ntype=auth\nusername=a\npassword=a-long-password\npassword_digest=MD5:{'0' * 32}\nrealm={{}}\n"
    user = "[b]\ntype=endpoint\nallow=ulaw\n{}=a\n"
    for realm, option, count in (
        ("*", "auth", 0),
        ("", "outbound_auth", 0),
        ("", "auth", 1),
        ("x", "outbound_auth", 1),
    ):
        (tmp_path / "pjsip.conf").write_text(auth.format(realm) + user.format(option))
        assert len(found(tmp_path, "digest-mismatch")) == count, (realm, option)


def test_a_list_of_acl_conf_that_is_refused_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=endpoint\nallow=ulaw\nacl=x\n")
    (tmp_path / "acl.conf").write_text("[x]\npermit=127.0.0.1\n[y\n")
    (finding,) = found(tmp_path, "dangling-acl")
    assert f"{tmp_path}/acl.conf:3" in finding.message
    assert "holds no" not in finding.message


def test_a_directory_is_no_certificate(tmp_path: Path) -> None:
    (tmp_path / "pjsip.conf").write_text(f"[a]\ntype=endpoint\nallow=ulaw\ndtls_cert_file={tmp_path}\n")
    assert len(found(tmp_path, "not-a-certificate")) == 1


def test_each_rule_is_told_before_it_is_applied(tmp_path: Path) -> None:
    steps: list[str] = []
    with Sorcery.open("memory:") as s:
        list(apply_rules(System(sorcery=s, audit=s.audit()), step=steps.append))
    assert steps == [rule.id for rule in RULES]
