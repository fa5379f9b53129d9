"""A directory is opened without the mappings that cannot be used."""

from pathlib import Path

import pytest

from sorcery import ConfigurationError, Unavailable
from sorcery.checks.opening import open_usable


def test_each_mapping_that_cannot_be_used_is_a_finding_and_the_others_are_read(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip]\naor=nowizard\nauth=realtime,ps_auths\nauth/cache=memory\n")
    (tmp_path / "pjsip.conf").write_text("[a]\ntype=endpoint\naors=a\n[a]\ntype=aor\nmax_contacts=2\n")
    opened, findings = open_usable(tmp_path)
    with opened as s:
        assert sorted((each.type_name, each.place and each.place.line) for each in findings) == [
            ("aor", 2),
            ("auth", 3),
            ("auth", 4),
        ]
        assert [each.id for each in s.retrieve_all("endpoint")] == ["a"]
        with pytest.raises(Unavailable):
            s.retrieve_by_id("aor", "a")
        assert s.audit().dangling() == []  # of what was not checked nothing is said


def test_what_is_wrong_with_more_than_a_mapping_is_raised(tmp_path: Path) -> None:
    (tmp_path / "sorcery.conf").write_text("[res_pjsip\n")
    with pytest.raises(ConfigurationError):
        open_usable(tmp_path)
