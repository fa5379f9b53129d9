from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sorcery.kinds import Refused
from sorcery.pjsip import BucketFile
from sorcery.pjsip.kinds.moments import Moment

KIND = Moment()


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("0", "0.000000"),
        ("1700000000.25", "1700000000.250000"),
        (" 12.1234567 x", "12.123456"),
        ("-1.5", "-1.500000"),
        ("5.", "5.000000"),
    ],
)
def test_the_number_a_text_begins_with_is_read_to_the_microsecond(text: str, printed: str) -> None:
    assert KIND.printed(KIND.convert(text)) == printed
    assert KIND.convert(printed) == KIND.convert(text)


@pytest.mark.parametrize("text", ["", "x", ".5", "99999999999999999999"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        KIND.convert(text)


def test_a_moment_is_a_datetime_in_utc() -> None:
    file = BucketFile(
        "recording:x", created="86400.5", modified=datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))
    )
    assert file.created == datetime(1970, 1, 2, 0, 0, 0, 500_000, tzinfo=UTC)
    assert file.modified.tzinfo is UTC
    assert file.modified.hour == 23
    with pytest.raises(Refused, match="datetime"):
        KIND.convert(datetime(2026, 1, 1))
