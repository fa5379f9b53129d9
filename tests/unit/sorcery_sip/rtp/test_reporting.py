import pytest

from sorcery_sip.errors import ParseError
from sorcery_sip.rtp.incoming import IncomingStream
from sorcery_sip.rtp.outgoing import OutgoingStream
from sorcery_sip.rtp.reporting import Reporter
from sorcery_sip.rtp.rtcp import parse_reports


class Side:
    def __init__(self, ssrc: int) -> None:
        self.incoming, self.outgoing = IncomingStream(), OutgoingStream(ssrc, 0, 1000)
        self.reporter = Reporter(self.incoming, self.outgoing, "name")

    def send(self, other: "Side", now: float) -> None:
        timestamp = self.outgoing.position(now)
        self.outgoing.packet("player", 0, timestamp, b"x" * 160, now)
        other.incoming.count(self.outgoing.sequence, timestamp, self.outgoing.ssrc, 160, now)


def test_who_has_sent_nothing_makes_a_receiver_report() -> None:
    (report,) = parse_reports(Side(1).reporter.make(5.0, 100.0))
    assert (report.ssrc, report.sender, report.blocks) == (1, None, ())


def test_who_has_sent_makes_a_sender_report_of_this_moment() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    (report,) = parse_reports(one.reporter.make(5.0, 100.0))
    assert report.sender is not None
    assert (report.sender.timestamp, report.sender.packets, report.sender.octets) == (1000 + 8000, 1, 160)


def test_who_has_stopped_sending_makes_a_receiver_report() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    one.reporter.make(5.0, 100.0)
    (report,) = parse_reports(one.reporter.make(10.0, 105.0))
    assert report.sender is None


def test_a_report_tells_what_came_of_the_peer() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    (report,) = parse_reports(other.reporter.make(5.0, 100.0))
    (block,) = report.blocks
    assert (block.ssrc, block.lost, block.highest, block.last_report) == (1, 0, 1, 0)


def test_reports_there_and_back_tell_how_long_the_way_is() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    other.reporter.take_in(one.reporter.make(5.0, 100.0), 77.0, 0.0)
    one.reporter.take_in(other.reporter.make(77.5, 0.0), 5.7, 100.7)
    assert one.reporter.round_trip == pytest.approx(0.2, abs=0.001)


def test_what_the_peer_tells_of_our_stream_is_kept() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    one.outgoing.sequence += 3
    one.send(other, 4.02)
    one.reporter.take_in(other.reporter.make(5.0, 0.0), 5.0, 0.0)
    assert one.reporter.statistics["peer_lost"] == 3
    assert other.reporter.statistics["lost"] == 3


def test_what_the_peer_tells_of_others_is_not_ours() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    stranger = Side(3)
    stranger.reporter.take_in(other.reporter.make(5.0, 0.0), 5.0, 0.0)
    assert stranger.reporter.peer is None


def test_a_peer_that_answers_before_we_reported_tells_no_way() -> None:
    one, other = Side(1), Side(2)
    one.send(other, 4.0)
    other.reporter.take_in(one.reporter.make(5.0, 100.0), 77.0, 0.0)
    one.reporter.take_in(other.reporter.make(77.5, 0.0), 5.7, 50.0)
    assert one.reporter.round_trip == 0


def test_what_is_no_rtcp_is_refused() -> None:
    with pytest.raises(ParseError):
        Side(1).reporter.take_in(b"nothing", 1.0, 1.0)
