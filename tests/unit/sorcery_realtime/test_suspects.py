"""Raw semicolons, and columns that are passed over."""

from __future__ import annotations

import pytest

from sorcery import Place
from sorcery.pjsip import Aor, Auth, Endpoint, Identify
from sorcery.release import Release
from sorcery_realtime.escape import CODECS
from sorcery_realtime.suspects import ignored, null, torn, unknown

PLACE = Place("t", row="a")


@pytest.mark.parametrize(
    ("cls", "name", "stored", "found"),
    [
        (Aor, "outbound_proxy", "sip:192.0.2.1;lr", True),
        (Aor, "outbound_proxy", "sip:192.0.2.1;", True),
        (Aor, "outbound_proxy", "sip:192.0.2.1^3Blr", False),
        (Aor, "max_contacts", "1;2", True),
        (Aor, "contact", "sip:192.0.2.1;sip:192.0.2.2", False),
        (Identify, "match", "192.0.2.1;192.0.2.2", False),
        (Endpoint, "set_var", "A=1;B=2", False),
        (Endpoint, "allow", "!all,ulaw;alaw", False),
        (Endpoint, "auth", "a;b", True),
        (Endpoint, "@note", "a;b", False),
        (Aor, "max_contacts", "1;many", False),  # the row is refused for it
    ],
)
def test_a_raw_semicolon_is_found_where_one_value_is_kept(cls: type, name: str, stored: str, found: bool) -> None:
    findings = list(torn(cls.__sorcery__, "a", name, stored, CODECS["odbc"], PLACE))  # type: ignore[attr-defined]
    assert bool(findings) is found
    assert list(torn(cls.__sorcery__, "a", name, stored, CODECS["sqlite3"], PLACE)) == []  # type: ignore[attr-defined]


def test_a_password_is_not_in_the_finding() -> None:
    (finding,) = torn(Auth.__sorcery__, "a", "password", "geheim;x", CODECS["pgsql"], PLACE)
    assert finding.value == ""
    assert "geheim" not in str(finding)


@pytest.mark.parametrize(
    ("name", "stored", "found"),
    [("disallow", "alaw", True), ("disallow", "All", False), ("disallow", "", False), ("mine", "x", False)],
)
def test_a_column_of_an_option_that_tables_do_not_have_is_told(name: str, stored: str, found: bool) -> None:
    assert bool(list(ignored(Endpoint.__sorcery__, "a", name, stored, PLACE))) is found


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("tenantid", ["acme"], "acme"),
        ("tenantid", [""], None),  # its default
        ("security_negotiation", ["no"], None),
        ("security_negotiation", ["mediasec"], "mediasec"),
        ("security_negotiation", ["nonsense"], "nonsense"),
        ("allow", ["ulaw"], None),  # which was there before
        ("Tenantid", ["acme"], None),  # no field
    ],
)
def test_a_column_is_told_that_a_release_does_not_know_and_that_is_not_at_its_default(
    name: str, values: list[str], found: str | None
) -> None:
    old = Endpoint.__sorcery__.at(Release.parse("20.1"))
    told = list(unknown(old, "a", name, values, PLACE))
    assert [finding.value for finding in told] == ([] if found is None else [found])
    assert all("Asterisk 20.1 passes over the column" in finding.message for finding in told)


def test_of_null_columns_those_are_told_whose_options_refuse_an_empty_text() -> None:
    own = Aor.__sorcery__
    (finding,) = null(own, "a", ["outbound_proxy", "max_contacts", "qualify_timeout"], PLACE)
    assert (finding.rule, finding.option) == ("compat-null-column", "max_contacts")
    assert "and for 1 more" in finding.message
    assert list(null(own, "a", ["outbound_proxy", "contact"], PLACE)) == []
