"""`rtp.conf`: expectations are what `rtp show settings` of an Asterisk 22.10 says of the same files."""

from __future__ import annotations

from pathlib import Path

import pytest

from sorcery_sip.modules.rtp_conf import RtpConf, read_rtp_conf

DEFAULT = RtpConf(5000, 31000, True, 4)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rtp.conf"


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        ("", DEFAULT),
        ("rtpstart=10000\nrtpend=20000", RtpConf(10000, 20000)),
        ("rtpstart=10001\nrtpend=10010", RtpConf(10002, 10010)),
        ("rtpstart=10\nrtpend=70000", RtpConf(1024, 65535)),
        ("rtpstart=20000\nrtpend=10000", DEFAULT),
        ("rtpstart=5000\nrtpend=5000", DEFAULT),
        ("rtpstart=40000", DEFAULT),
        ("rtpstart=abc\nrtpend=20000", RtpConf(1024, 20000)),
        ("rtpstart=10000x\nrtpend= 20000 ; comment", RtpConf(10000, 20000)),
        ("rtpstart=12000\nrtpstart=13000", RtpConf(12000, 31000)),
        ("strictrtp=no", RtpConf(strict=False)),
        ("strictrtp=seqno", DEFAULT),
        ("strictrtp=bogus", RtpConf(strict=False)),
        ("probation=7", RtpConf(probation=7)),
        ("probation=1", DEFAULT),
        ("probation=x", DEFAULT),
    ],
)
def test_options_are_read_as_asterisk_reads_them(path: Path, text: str, conf: RtpConf) -> None:
    path.write_text(f"[general]\n{text}\n")
    assert read_rtp_conf(path) == conf


def test_without_a_file_or_the_section_the_defaults_count(path: Path) -> None:
    assert read_rtp_conf(None) == read_rtp_conf(path) == DEFAULT
    path.write_text("[other]\nrtpstart=10000\n")
    assert read_rtp_conf(path) == DEFAULT


def test_what_is_repaired_is_logged_with_its_line(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("[general]\nrtpstart=x\nrtpend=20000\nprobation=0\n")
    read_rtp_conf(path)
    assert caplog.messages == [
        f"{path}:2: rtpstart=x is no port from 1024 to 65535; 1024 is used",
        f"{path}:4: probation=0 is no number of packets above 1; 4 is used",
    ]


def test_a_range_that_is_none_is_logged(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text("[general]\nrtpend=3000\n")
    read_rtp_conf(path)
    assert caplog.messages == [f"{path}:2: media ports from 5000 to 3000 are no range; 5000 to 31000 are used"]


def test_a_file_that_is_refused_changes_nothing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_text('[general]\n#include "missing.conf"\n')
    before = RtpConf(10000, 20000)
    assert read_rtp_conf(path, before) == before
    assert "media ports stay as they were" in caplog.text
