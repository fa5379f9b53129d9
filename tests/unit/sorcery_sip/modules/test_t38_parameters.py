"""What fax machines agree on, read and written."""

from __future__ import annotations

import pytest

from sorcery_sip.modules.t38_parameters import T38Parameters
from sorcery_sip.sdp import MediaDescription

FULL = T38Parameters(
    version=1,
    max_bit_rate=9600,
    fill_bit_removal=True,
    transcoding_mmr=True,
    transcoding_jbig=True,
    rate_management="localTCF",
    max_datagram=262,
    error_correction="redundancy",
)


def parsed(*attributes: tuple[str, str | None]) -> T38Parameters:
    return T38Parameters.parse(
        MediaDescription(media="image", port=4000, protocol="udptl", formats=("t38",), attributes=attributes)
    )


def test_without_attributes_the_defaults_hold() -> None:
    assert parsed() == T38Parameters()
    assert T38Parameters().attributes() == (
        ("T38FaxVersion", "0"),
        ("T38MaxBitRate", "14400"),
        ("T38FaxRateManagement", "transferredTCF"),
    )


def test_what_is_written_is_read() -> None:
    assert parsed(*FULL.attributes()) == FULL


def test_names_and_values_are_read_in_any_case() -> None:
    changed = [(name.upper(), None if value is None else value.lower()) for name, value in FULL.attributes()]
    assert parsed(*changed) == FULL


@pytest.mark.parametrize(("value", "is_set"), [(None, True), ("1", True), ("0", False), (" 0", False), ("", True)])
def test_flags_may_have_a_value(value: str | None, is_set: bool) -> None:
    assert parsed(("T38FaxFillBitRemoval", value)).fill_bit_removal is is_set


@pytest.mark.parametrize(
    ("text", "rate"),
    [("14400", 14400), ("33600", 14400), ("9601", 9600), ("2400", 2400), ("300", 2400), ("fast", 14400), ("", 14400)],
)
def test_a_rate_is_one_of_those_there_are(text: str, rate: int) -> None:
    assert parsed(("T38MaxBitRate", text)).max_bit_rate == rate


@pytest.mark.parametrize("text", ["", "x", "-1", "99999999", "\u0661"])
def test_what_is_no_number_counts_as_not_written(text: str) -> None:
    found = parsed(("T38FaxMaxDatagram", text), ("T38FaxVersion", text), ("T38FaxUdpEC", text))
    assert found == T38Parameters()


def test_they_cross_a_bridge_by_name() -> None:
    assert T38Parameters.of(FULL.values()) == FULL
    assert T38Parameters.of({"version": 2, "colour": "red"}) == T38Parameters(version=2)


def test_common_is_what_both_can_do() -> None:
    other = T38Parameters(fill_bit_removal=True, max_bit_rate=14400, rate_management="transferredTCF", max_datagram=99)
    assert FULL.common(other) == T38Parameters(
        max_bit_rate=9600, fill_bit_removal=True, max_datagram=262, error_correction="redundancy"
    )


def test_common_has_no_ability_that_one_side_lacks() -> None:
    nothing = T38Parameters(rate_management="localTCF")
    for common in (FULL.common(nothing), nothing.common(FULL)):
        assert (common.fill_bit_removal, common.transcoding_mmr, common.transcoding_jbig) == (False, False, False)


def test_error_correction_is_used_where_both_have_the_same() -> None:
    assert FULL.corrected_as(T38Parameters(error_correction="redundancy")).error_correction == "redundancy"
    assert FULL.corrected_as(T38Parameters(error_correction="fec")).error_correction == "none"
    assert FULL.corrected_as(T38Parameters(error_correction="fec"), always=True).error_correction == "fec"
