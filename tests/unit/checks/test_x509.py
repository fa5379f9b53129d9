"""When a certificate holds, and whether a key belongs to it."""

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery.checks.x509 import NotACertificate, _validity, key_fits, validity
from tests.corpus import CERTIFICATES


def test_a_certificate_says_from_when_to_when_it_holds() -> None:
    found = validity(str(CERTIFICATES / "expired.pem"))
    assert (found.start, found.end) == (datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC))


def test_years_from_2050_on_are_read_too() -> None:
    assert validity(str(CERTIFICATES / "long.pem")).end == datetime(2120, 1, 1, tzinfo=UTC)


def test_a_file_without_a_certificate_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.pem"
    for text in ("", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "-----BEGIN CERTIFICATE-----"):
        path.write_text(text)
        with pytest.raises(NotACertificate):
            validity(str(path))


def test_a_key_fits_the_certificate_that_was_made_for_it() -> None:
    certificate, key, other = (str(CERTIFICATES / name) for name in ("long.pem", "long.key", "other.key"))
    assert key_fits(certificate, key, "")
    assert not key_fits(certificate, other, "")
    assert key_fits(certificate, certificate, "")  # no key at all: that is another fault


@given(st.binary(max_size=200))
def test_bytes_that_are_no_certificate_raise_what_they_may(der: bytes) -> None:
    with contextlib.suppress(ValueError, IndexError, StopIteration):
        _validity(der)
