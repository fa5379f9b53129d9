import pytest

from sorcery_sip.message.reasons import reason_phrase


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        (200, "OK"),
        (416, "Unsupported URI Scheme"),
        (481, "Call/Transaction Does Not Exist"),
        (499, "Bad Request"),
        (599, "Server Internal Error"),
        (799, "Unknown"),
    ],
)
def test_phrases(status: int, phrase: str) -> None:
    assert reason_phrase(status) == phrase
