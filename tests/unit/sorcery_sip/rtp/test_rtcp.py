import pytest
from hypothesis import given
from hypothesis import strategies as st

from sorcery_sip.errors import ParseError
from sorcery_sip.rtp.rtcp import (
    Report,
    ReportBlock,
    SenderInfo,
    ntp_time,
    parse_reports,
    translate_rtcp,
    write_report,
)

U32 = st.integers(0, 0xFFFFFFFF)
BLOCKS = st.builds(
    ReportBlock,
    ssrc=U32,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-0x800000, 0x7FFFFF),
    highest=U32,
    jitter=U32,
    last_report=U32,
    delay=U32,
)
REPORTS = st.builds(
    Report,
    ssrc=U32,
    sender=st.none() | st.builds(SenderInfo, st.integers(0, (1 << 64) - 1), U32, U32, U32),
    blocks=st.lists(BLOCKS, max_size=3).map(tuple),
)
BLOCK = ReportBlock(ssrc=2, fraction_lost=3, lost=4, highest=1000, jitter=6, last_report=7, delay=8)
SENDER = SenderInfo(ntp=1 << 40, timestamp=5000, packets=1, octets=160)


@given(REPORTS, st.text(max_size=20))
def test_what_is_written_is_read_again(report: Report, name: str) -> None:
    data = write_report(report, name)
    assert len(data) % 4 == 0
    assert parse_reports(data) == (report,)


@given(st.binary(max_size=80))
def test_octets_are_rtcp_or_refused(data: bytes) -> None:
    for read in (parse_reports, lambda octets: translate_rtcp(octets, {}, 0, 0)):
        try:
            read(data)
        except ParseError:
            return


@given(st.binary(min_size=0, max_size=60), st.integers(200, 207), st.integers(0, 31))
def test_a_packet_whose_length_fits_is_rtcp_or_refused(body: bytes, kind: int, count: int) -> None:
    body = body[: len(body) // 4 * 4]
    data = bytes([0x80 | count, kind]) + (len(body) // 4).to_bytes(2, "big") + body
    try:
        assert len(translate_rtcp(data, {0: 1}, 1, 1)) == len(data)
    except ParseError:
        return


def test_a_report_comes_with_the_canonical_name() -> None:
    assert write_report(Report(1), "name").hex() == "80c9000100000001" + "81ca0003" + "00000001" + "01046e616d650000"


def test_a_name_that_fills_its_words_has_an_end_all_the_same() -> None:
    assert write_report(Report(1), "ab").hex().endswith("01026162" + "00000000")


def test_ntp_counts_from_1900_in_seconds_and_fractions() -> None:
    assert ntp_time(0.5) == 2_208_988_800 << 32 | 1 << 31


def test_packets_between_the_reports_are_passed_over() -> None:
    goodbye = bytes.fromhex("81cb000100000001")
    assert parse_reports(goodbye + write_report(Report(1), "x")) == (Report(1),)


@pytest.mark.parametrize(
    "data",
    ["", "80c8", "00c9000100000001", "80c9000200000001", "81c9000100000001", "80c8000100000001", "80c9000000000001"],
    ids=[
        "empty",
        "short",
        "version",
        "length",
        "no room for the block",
        "no room for the sender",
        "no room for the name",
    ],
)
def test_what_ends_too_early_is_refused(data: str) -> None:
    with pytest.raises(ParseError):
        parse_reports(bytes.fromhex(data))


def test_a_report_of_one_side_is_in_the_terms_of_the_other() -> None:
    data = write_report(Report(1, SENDER, (BLOCK,)), "name")
    (report,) = parse_reports(translate_rtcp(data, {1: 10, 2: 20}, 300, -100))
    assert report.ssrc == 10
    assert report.sender == SenderInfo(1 << 40, 5300, 1, 160)
    assert report.blocks == (ReportBlock(20, 3, 4, 900, 6, 7, 8),)


def test_the_name_belongs_to_the_other_sides_ssrc_too() -> None:
    translated = translate_rtcp(write_report(Report(1), "name"), {1: 10}, 0, 0)
    assert translated == write_report(Report(10), "name")


def test_numbers_go_round_when_they_are_translated() -> None:
    data = write_report(Report(1, SENDER, (BLOCK,)), "name")
    (report,) = parse_reports(translate_rtcp(data, {}, -5001, -1001))
    assert report.sender is not None
    assert (report.sender.timestamp, report.blocks[0].highest) == (0xFFFFFFFF, 0xFFFFFFFF)


def test_who_is_asked_for_a_picture_is_named_as_on_the_other_side() -> None:
    lost_picture = bytes.fromhex("81ce0002" + "00000001" + "00000002")
    assert translate_rtcp(lost_picture, {1: 10, 2: 20}, 9, 9).hex() == "81ce0002" + "0000000a" + "00000014"


def test_what_no_name_is_known_for_stays() -> None:
    goodbye = bytes.fromhex("81cb000100000001")
    assert translate_rtcp(goodbye, {5: 6}, 1, 1) == goodbye
